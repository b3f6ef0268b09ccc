# Everything a clone needs: `make run` starts the demo, `make test` proves the
# whole. Both set up what is missing, from nothing but Go, Node, make and git.

SHELL   := /bin/sh
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
ARGS    ?=

WEB_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build test bench bench-api bench-browsers bench-guard bench-network bench-recorder bench-turn networks check fmt clean

help:
	@echo "make run     build everything and start the demo (ARGS='--listen :8080' and so on)"
	@echo "make test    run every test: Go, web, and real browsers"
	@echo "make build   build bin/parley, the pages inside"
	@echo "make bench   measure the packet path"
	@echo "make bench-network   measure calls on bad networks (RECORD=directory: trace them instead)"
	@echo "make bench-browsers  the same with real Chromium (WITH=firefox: and Firefox; ONLY='5 %|blackout': some rows)"
	@echo "make bench-turn      measure the relay beside coturn"
	@echo "make bench-recorder  measure what recording a room costs"
	@echo "make networks        call through real NATs and firewalls (as root)"
	@echo "make bench-api   measure every endpoint of the API with 100,000 interviews"
	@echo "make bench-guard   measure what the contact guard finds, and how fast"
	@echo "make check   formatting, go vet, TypeScript"
	@echo "make fmt     format the Go code"
	@echo "make clean   remove what was built"

run: build
	@exec bin/parley demo $(ARGS)

build: web/dist/room.html
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/parley ./cmd/parley

test:
	@.ci/test

bench: web/dist/room.html
	go test -run '^$$' -bench . -benchmem -timeout 20m ./sfu/...

check: web/dist/room.html
	@.ci/check

# In virtual time, and in some minutes of real time.
bench-network:
	@cd sfu/netbench && go test -count=1 -timeout 20m $(if $(RECORD),-run '^TestRecordTraces$$' -args -record $(abspath $(RECORD)),-args -table -seeds 10)

# In real time: a quarter of an hour, on a machine that has nothing else to do. MEASURE seconds are measured of each
# row, RUNS are repeated, RESTARTS of the server are tried, TRACES is a directory for what the pages saw.
bench-browsers: build
	@cd web && npx playwright test --config test/impaired/playwright.config.ts
	@cat bin/browsers.md

# Beside coturn, which must be installed: .ci/setup test does that.
bench-turn:
	@go test -count=1 -v -run '^TestRelayCost$$' ./turn -args -cost

# Every pair of browsers in every network; make test plays one pair in the hardest three.
networks: build
	@web/test/networks/run

# In real time, beside whatever else the machine does.
bench-recorder:
	@go test -run '^$$' -bench . -benchtime 1x ./recorder ./internal/recording

# With a hundred thousand interviews in the database; some minutes.
bench-api:
	@go test -count=1 -v -timeout 20m -run '^TestEveryEndpointIsQuick$$' ./internal/api -args -endpoints

bench-guard:
	@go test -count=1 -v -run 'CorpusIsJudged|TwoKilobytes' ./internal/guard
	@go test -run '^$$' -bench . -benchmem ./internal/guard

fmt:
	gofmt -w cmd internal recorder sfu signaling turn web/*.go .ci

clean:
	rm -rf bin web/node_modules web/test-results
	find web/dist -mindepth 1 ! -name .gitkeep -delete

# The pages. npm ci empties node_modules first, so the stamp is there only when
# it has ended well, and is older than the lock file only when that has changed.
web/node_modules/.installed: web/package-lock.json
	@.ci/setup run
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/room.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@
