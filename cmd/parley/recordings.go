package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"parley/internal/api"
	"parley/recorder"
)

// runRecordings looks into recordings on the disk.
func runRecordings(ctx context.Context, p *program, args []string) error {
	const usage = "parley recordings needs to be told what to do: verify <directory>, receipts <directory>, render <directory> or transcribe <directory>"
	if len(args) == 0 {
		return &configError{message: usage}
	}
	switch what := args[0]; what {
	case "verify":
		return ignoreHelpShown(verifyRecording(ctx, p, args[1:]))
	case "receipts":
		return ignoreHelpShown(printReceipts(p, args[1:]))
	case "render":
		return ignoreHelpShown(renderRecording(ctx, p, args[1:]))
	case "transcribe":
		return ignoreHelpShown(transcribeRecording(ctx, p, args[1:]))
	case "-h", "-help", "--help":
		fmt.Fprint(p.stdout, "usage: parley recordings verify <directory> [--head <hash>]\n"+
			"       parley recordings verify <id> [--data <directory>] [--url <address>]\n"+
			"       parley recordings receipts <directory> [--participant <id>]\n"+
			"       parley recordings render <directory> [--out <directory>] [--ffmpeg <path>]\n"+
			"       parley recordings transcribe <directory> --url <address> [--model <model>] [--key-file <file>]\n\n"+
			"verify checks that a recording is whole and unchanged; with the hash of its journal,\nwhich was told when it was closed, also that the journal is the same. With the id of a\nrecording the running server does it, which remembers the hash, and opens what is sealed.\n"+
			"receipts prints who answered what to being recorded, as JSON.\n"+
			"render makes one film of it with ffmpeg, the sound alone, and a still picture.\n"+
			"transcribe puts into writing what those said who agreed to that, with a service that does as OpenAI's.\n")
		return nil
	default:
		return &configError{message: fmt.Sprintf("there is no parley recordings %s; %s", what, usage)}
	}
}

func verifyRecording(ctx context.Context, p *program, args []string) error {
	flags := newFlagSet("recordings verify")
	head := flags.String("head", "", "the `hash` that the journal ended with when it was closed")
	data := flags.String("data", defaultConfig().Data, "the server's data directory, for a recording's id")
	address := flags.String("url", "", "address of the running server, for a recording's id; found by itself for a demo")
	directory, err := parseDirectory(p, flags, args)
	if err != nil {
		return err
	}
	var found api.Verification
	if _, err := os.Stat(directory); err != nil && strings.HasPrefix(directory, "rec_") {
		found, err = askForVerification(ctx, *data, *address, directory)
		if err != nil {
			return err
		}
		if *head != "" && *head != found.JournalSHA256 {
			found.Problems = append(found.Problems, fmt.Sprintf("the journal ends with %s, not with %s", found.JournalSHA256, *head))
		}
	} else {
		report, err := recorder.Verify(directory, *head)
		if err != nil {
			return err
		}
		m := report.Manifest
		directory = m.Recording
		found = api.Verification{Problems: report.Problems, Files: len(m.Files), People: len(m.People), JournalSHA256: m.Head}
	}
	if len(found.Problems) > 0 {
		var all []error
		for _, problem := range found.Problems {
			all = append(all, errors.New(problem))
		}
		return errors.Join(all...)
	}
	fmt.Fprintf(p.stdout, "recording %s is whole and unchanged: %d files, %d people, journal %s\n", directory, found.Files, found.People, found.JournalSHA256)
	return nil
}

// askForVerification has the running server check a recording.
func askForVerification(ctx context.Context, data, address, id string) (found api.Verification, err error) {
	ctx, cancel := context.WithTimeout(ctx, 11*time.Minute)
	defer cancel()
	host, err := findServer(data, address)
	if err != nil {
		return found, err
	}
	return found, host.call(ctx, http.MethodGet, "/v1/recordings/"+url.PathEscape(id)+"/verification", nil, &found)
}

func printReceipts(p *program, args []string) error {
	flags := newFlagSet("recordings receipts")
	participant := flags.String("participant", "", "only those of the participant with this `id`")
	directory, err := parseDirectory(p, flags, args)
	if err != nil {
		return err
	}
	report, err := recorder.Verify(directory, "")
	if err != nil {
		return err
	}
	for _, problem := range report.Problems {
		fmt.Fprintln(p.stderr, "parley: "+problem)
	}
	receipts := report.Manifest.Receipts(*participant)
	if receipts == nil {
		receipts = []recorder.Receipt{}
	}
	out := json.NewEncoder(p.stdout)
	out.SetIndent("", "  ")
	return out.Encode(receipts)
}

// parseDirectory parses a directory and the flags after it.
func parseDirectory(p *program, fs *flag.FlagSet, args []string) (string, error) {
	directory := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		directory, args = args[0], args[1:]
	}
	if err := p.parse(fs, args); err != nil {
		return "", err
	}
	if directory == "" {
		return "", &configError{message: fmt.Sprintf("parley %s needs the directory of a recording", fs.Name())}
	}
	return directory, nil
}
