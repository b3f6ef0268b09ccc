package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// floors says which of our own packages each one may import: arrows point
// down. "x/..." stands for x and everything below it.
var floors = map[string]struct {
	may   []string
	tests []string // what only its tests may import, besides
	why   string
}{
	"cmd/parley":            {may: []string{"..."}, why: "it puts everything together"},
	"signaling/guest":       {may: []string{"signaling/wire"}, tests: []string{"signaling", "internal/..."}, why: "it is a page without a screen: the protocol is all it knows"},
	"signaling":             {may: []string{"signaling/wire", "internal/conference", "internal/interview", "internal/token"}, tests: []string{"sfu/...", "internal/chat", "internal/guard", "internal/store/..."}, why: "it speaks to browsers and leaves the rest to the room"},
	"signaling/wire":        {why: "the messages are plain data, readable without the server"},
	"internal/api":          {may: []string{"internal/chat", "internal/check", "internal/conference", "internal/guard", "internal/interview", "internal/recording", "internal/store", "internal/token", "internal/webhook", "internal/zoom", "recorder", "recorder/vault"}, tests: []string{"internal/store/storetest", "sfu/...", "internal/transcript/...", "internal/zoom/zoomtest", "recorder/render"}, why: "it speaks to host apps; signaling is its neighbour, not its servant"},
	"internal/demo":         {tests: []string{"internal/api", "internal/chat", "internal/guard", "internal/conference", "internal/interview", "internal/store/...", "internal/token", "sfu/..."}, why: "a host app has nothing but the public API"},
	"internal/chat":         {may: []string{"internal/guard", "internal/interview", "internal/store"}, tests: []string{"internal/store/storetest"}, why: "it has texts judged, kept and told; who sends and who shows them is above it"},
	"internal/check":        {may: []string{"sfu"}, why: "it is a room with nobody else in it, and knows no interviews"},
	"internal/recording":    {may: []string{"internal/conference", "internal/interview", "internal/store", "internal/transcript", "recorder", "recorder/archive", "recorder/frames", "recorder/render", "recorder/vault", "sfu"}, tests: []string{"internal/store/storetest", "internal/transcript/transcripttest", "recorder/matroska", "sfu/..."}, why: "it keeps what rooms record, and knows no HTTP"},
	"internal/transcript":   {may: []string{"recorder", "recorder/render"}, tests: []string{"internal/transcript/transcripttest"}, why: "it is given sound by whoever may open it, and knows no rooms"},
	"internal/conference":   {may: []string{"sfu", "internal/chat", "internal/interview", "internal/store"}, tests: []string{"internal/store/storetest", "sfu/...", "internal/zoom/..."}, why: "it turns decisions into media; who asked for them is above it"},
	"internal/guard":        {why: "it judges text and knows nothing else"},
	"internal/certificate":  {why: "it keeps a certificate and knows nobody who is served with it"},
	"internal/doctor/facts": {why: "it looks at what it is told to, and judges nothing"},
	"internal/doctor":       {why: "it judges facts; whoever has them brings them"},
	"internal/front":        {why: "it tells protocols apart by their first byte and speaks none"},
	"internal/impair":       {may: []string{"sfu/sfutest/link"}, why: "a relay for tests carries datagrams and knows no media"},
	"internal/impair/relay": {may: []string{"internal/impair", "sfu/sfutest/link"}, why: "it is that relay for tests that are not in Go"},
	"internal/interview":    {why: "the rules depend on nothing"},
	"internal/store":        {may: []string{"internal/interview"}, why: "it keeps what the domain decides"},
	"internal/token":        {why: "it does one thing"},
	"internal/webhook":      {may: []string{"internal/store"}, tests: []string{"internal/store/storetest"}, why: "it sends what the outbox keeps, whatever it says"},
	"internal/zoom":         {may: []string{"internal/interview", "internal/store"}, tests: []string{"internal/store/storetest", "internal/zoom/zoomtest"}, why: "it carries out what the database says, and tells the rooms it is given"},
	"recorder":              {may: []string{"recorder/frames", "recorder/matroska"}, why: "it keeps what it is given, and knows nobody who gives it"},
	"recorder/frames":       {why: "packets in, frames out"},
	"recorder/matroska":     {why: "frames in, a file out"},
	"recorder/archive":      {tests: []string{"recorder/archive/s3test"}, why: "it moves files, whatever is in them"},
	"recorder/render":       {may: []string{"recorder"}, why: "it reads what a manifest says, and runs ffmpeg"},
	"recorder/vault":        {why: "it seals files, whatever is in them"},
	"sfu/...":               {may: []string{"sfu/..."}, why: "media knows no policy, users or HTTP"},
	"turn":                  {tests: []string{"sfu/socket"}, why: "it is given what it relays to, and who may"},
	"web":                   {why: "it holds files"},

	"internal/transcript/transcripttest/serve": {may: []string{"internal/transcript/transcripttest"}, why: "it is that service for tests that are not in Go"},
	"internal/transcript/transcripttest":       {why: "a service for tests knows what it is sent, and not who sends it"},

	"internal/store/storetest": {may: []string{"internal/store"}, why: "it makes an empty database, and knows nobody who fills it"},

	"recorder/archive/s3test": {why: "it is a storage for tests, and knows nobody who uses it"},

	"internal/zoom/zoomtest/serve": {may: []string{"internal/zoom/zoomtest"}, why: "it is that Zoom for tests that are not in Go"},
	"internal/zoom/zoomtest":       {why: "a Zoom for tests knows Zoom, and not who asks it"},
}

// doors says which of our packages is the one way to a thing outside.
var doors = []struct {
	outside string
	owners  string // separated by spaces
	why     string
}{
	{"github.com/pion/", "sfu/... turn recorder/frames", "media has one home, so it can be replaced or taken apart there"},
	{"github.com/pion/rtp", "sfu/... recorder/frames", "frames are unwrapped by the library that knows the codecs, and nothing else of Pion is in a recorder"},
	{"github.com/pion/webrtc/v4", "sfu/...", "the relay carries media and does not speak it"},
	{"github.com/pion/turn/v3", "turn", "it is not safe but behind the relay's checks"},
	{"github.com/pires/go-proxyproto", "internal/front", "whose word counts for a client's address is settled once"},
	{"golang.org/x/crypto/acme", "internal/certificate", "one place speaks to certificate authorities"},
	{"github.com/gorilla/websocket", "signaling signaling/guest", "one place knows the WebSocket library's habits"},
	{"database/sql", "internal/store", "SQL anywhere else would be a second source of truth"},
	{"modernc.org/sqlite", "internal/store", "only the store knows which database it is"},
	{"github.com/pressly/goose", "internal/store", "only the store migrates"},
	{"github.com/golang-jwt/", "internal/token", "one place decides what a valid token is"},
	{"github.com/standard-webhooks/", "internal/webhook", "one place signs"},
	{"github.com/nyaruka/phonenumbers", "internal/guard", "one place knows what that library takes for a number"},
	{"github.com/swaggest/", "internal/api", "the API document is made from the API's own types"},
	{"github.com/minio/minio-go/v7", "recorder/archive recorder/archive/s3test", "one place speaks to object storage"},
	{"filippo.io/age", "recorder/vault", "one place holds the keys of recordings"},
	{"github.com/arran4/golang-ical", "internal/api", "calendar files are one of the API's answers"},
	{"github.com/prometheus/", "cmd/parley", "packages count with atomics; one collector reads them"},
	{"gopkg.in/yaml", "cmd/parley", "packages are given values, not files"},
	{"flag", "cmd/parley", "packages are given values, not flags"},
	{"golang.org/x/sys/", "sfu/socket internal/store", "system calls stay behind the socket and the data directory's lock"},
}

// pure lists everything the domain may import: no clock, lock, I/O or JSON.
var pure = []string{"cmp", "errors", "fmt", "maps", "math", "slices", "sort", "strings", "time", "unicode", "unicode/utf8"}

func TestImportsFollowTheLaw(t *testing.T) {
	for _, p := range ownPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "parley/")
		floor, known := floors[name]
		if strings.HasPrefix(name, "sfu") {
			floor, known = floors["sfu/..."], true
		}
		if !known {
			t.Errorf("%s has no floor: add it to the table, with a decision in docs/decisions", name)
		}
		for i, imports := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
			inTest := i > 0
			for _, imported := range imports {
				own, isOwn := strings.CutPrefix(imported, "parley/")
				if isOwn && own != name && !match(floor.may, own) && !(inTest && match(floor.tests, own)) {
					t.Errorf("%s imports %s: %s", name, own, floor.why)
				}
				if name == "internal/interview" && !inTest && !slices.Contains(pure, imported) {
					t.Errorf("%s imports %s: the rules are pure, whatever they need is passed in", name, imported)
				}
				for _, d := range doors {
					through := imported == d.outside || strings.HasPrefix(imported, strings.TrimSuffix(d.outside, "/")+"/")
					if through && !inTest && !match(strings.Fields(d.owners), name) {
						t.Errorf("%s imports %s, whose door is %s: %s", name, imported, d.owners, d.why)
					}
				}
			}
		}
	}
}

func TestEveryImportIsCopiedIntoTheImage(t *testing.T) {
	file, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ownPackages(t) {
		top, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, "parley/"), "/")
		if top != "web" && !bytes.Contains(file, []byte("\nCOPY "+top+" "+top+"\n")) {
			t.Errorf("the Dockerfile does not copy %s, so that the image cannot be built", top)
		}
	}
}

func TestTheRulesHaveNoClock(t *testing.T) {
	files, err := filepath.Glob("../../internal/interview/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of internal/interview: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if clock.Match(text) && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s reads the clock: time is passed in", file)
		}
	}
}

var clock = regexp.MustCompile(`time\.(Now|Since|Until|After|AfterFunc|Sleep|NewTimer|NewTicker|Tick)\(`)

func match(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		tree, isTree := strings.CutSuffix(p, "...")
		return p == name || isTree && strings.HasPrefix(name+"/", tree)
	})
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Error                              *struct{ Err string }
}

func ownPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,Error", "parley/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		} else if p.Error != nil {
			t.Fatalf("go list: %s: %s", p.ImportPath, p.Error.Err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 10 {
		t.Fatalf("go list found %d packages; the law would pass unread", len(packages))
	}
	return packages
}
