package web

import (
	"errors"
	"io/fs"
	"testing"
)

func TestAssetsAreWholeOrSayHowToBuildThem(t *testing.T) {
	files, err := Assets()
	if errors.Is(err, ErrNotBuilt) {
		t.Log(err)
		return
	}
	if err != nil {
		t.Fatalf("Assets: %v", err)
	}
	scripts, err := fs.Glob(files, "assets/*.js")
	if err != nil || len(scripts) == 0 {
		t.Errorf("scripts in assets: got %v, %v; want at least one", scripts, err)
	}
}
