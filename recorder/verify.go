package recorder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"parley/recorder/matroska"
)

// Report is what Verify found.
type Report struct {
	Manifest Manifest // as the journal says
	Problems []string // sentences; none means that all is as it was written
}

// Verify checks a recording's directory: that the journal's chain of hashes is whole,
// that the manifest says what the journal says, and that every file is there, whole
// and unchanged, and none besides. With a head, which the Closed event gave and which
// was kept elsewhere, it also shows a journal that was cut or replaced as a whole. The
// error is one of reading; what is wrong with the recording is in the report.
func Verify(directory, head string) (Report, error) {
	dir, err := os.OpenRoot(directory)
	if err != nil {
		return Report{}, err
	}
	defer dir.Close()
	r, err := VerifyFiles(dir.FS(), head, func(File) bool { return false })
	if err != nil {
		return r, err
	}
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return r, err
	}
	names := []string{journalName, manifestName}
	for _, f := range r.Manifest.Files {
		names = append(names, f.Name)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			r.problem("%q does not belong here", e.Name())
		}
	}
	return r, nil
}

// VerifyFiles is Verify for files that lie elsewhere, among others or sealed. What
// files opens is an io.ReaderAt. Those that were destroyed are not looked for.
func VerifyFiles(files fs.FS, head string, destroyed func(File) bool) (Report, error) {
	var r Report
	f, err := files.Open(journalName)
	if err != nil {
		return r, fmt.Errorf("this is no recording: %w", err)
	}
	j, whole, err := readJournal(f)
	info, statErr := f.Stat()
	if err := errors.Join(statErr, f.Close()); err != nil {
		return r, err
	}
	if err != nil {
		r.problem("%v", err)
	} else if whole != info.Size() {
		r.problem("the journal ends in the middle of a line")
	}
	r.Manifest = j.manifest()
	if n := len(j.entries); n == 0 || j.entries[n-1].Type != entryClosed {
		r.problem("the recording is not closed: it is under way, or the server will recover it when it starts")
	}
	if head != "" && head != j.head {
		r.problem("the journal ends with %s, not with %s: it has been replaced or shortened", j.head, head)
	}
	stored, err := fs.ReadFile(files, manifestName)
	if err != nil {
		r.problem("%s cannot be read: %v", manifestName, err)
	} else if want, err := r.Manifest.encode(); err != nil || !bytes.Equal(stored, want) {
		r.problem("%s does not say what the journal says", manifestName)
	}
	for _, f := range r.Manifest.Files {
		if destroyed(f) {
			continue
		}
		if why := checkFile(files, f); why != "" {
			r.problem("%s %s", f.Name, why)
		}
	}
	return r, nil
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// checkFile returns what is wrong with a file, as the rest of a sentence.
func checkFile(files fs.FS, f File) string {
	opened, err := files.Open(f.Name)
	if err != nil {
		return fmt.Sprintf("cannot be read: %v", err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return fmt.Sprintf("cannot be read: %v", err)
	}
	in, ok := opened.(io.ReaderAt)
	if !ok {
		return "cannot be read from any place"
	}
	if info.Size() != f.Size {
		return fmt.Sprintf("has %d bytes instead of %d", info.Size(), f.Size)
	}
	hash, err := sum(in, f.Size)
	if err != nil {
		return fmt.Sprintf("cannot be read: %v", err)
	}
	if hash != f.SHA256 {
		return "has been changed"
	}
	s, err := matroska.Scan(in, f.Size, nil)
	if err != nil || !s.Closed || int64(s.Blocks) != f.Frames {
		return "is damaged, though nobody changed it"
	}
	return ""
}
