// Command serve runs a fake Zoom for tests that are not in Go. It prints its
// address, and then, for every line it reads, one JSON object: the meetings that
// exist, those that were deleted, and what the real Zoom would have refused. It
// ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"parley/internal/zoom/zoomtest"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	zoom := zoomtest.New()
	go func() { _ = http.Serve(listener, zoom) }() // ends with the process
	fmt.Printf("http://%s\n", listener.Addr())
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var numbers []string
		for _, m := range zoom.Meetings() {
			numbers = append(numbers, m.Number)
		}
		if err := answers.Encode(map[string][]string{"meetings": numbers, "gone": zoom.Gone(), "rejected": zoom.Rejected()}); err != nil {
			log.Fatal(err)
		}
	}
}
