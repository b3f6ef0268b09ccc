// Command serve runs a transcription service for tests that are not in Go. It prints
// its address, and then, for every line it reads, one JSON object: how many requests
// there were, the seconds it heard of each sound, and what the real one would have
// refused. It ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"parley/internal/transcript/transcripttest"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	service := &transcripttest.Service{}
	go func() { _ = http.Serve(listener, service) }() // ends with the process
	fmt.Printf("http://%s/v1\n", listener.Addr())
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		state := map[string]any{"requests": service.Requests(), "heard": service.Heard(), "rejected": service.Rejected()}
		if err := answers.Encode(state); err != nil {
			log.Fatal(err)
		}
	}
}
