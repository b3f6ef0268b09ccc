package recorder

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"time"

	"parley/recorder/matroska"
)

// Recovered is a recording that Recover closed, or could not.
type Recovered struct {
	ID       string
	Manifest Manifest
	Err      error
}

// Recover closes what a kill or a crash left unfinished in a directory: it cuts off
// what is not whole, indexes each file, and writes the manifests. No Recorder may
// work in the directory. A recording that cannot be closed is left as it is, with
// its error; the others do not suffer. A directory that is not there holds nothing.
func Recover(directory string, log *slog.Logger) ([]Recovered, error) {
	root, err := os.OpenRoot(directory)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the directory for recordings: %w", err)
	}
	defer root.Close()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("the directory for recordings: %w", err)
	}
	var all []Recovered
	for _, e := range entries {
		id := e.Name()
		if !e.IsDir() || !validID.MatchString(id) || exists(root, path.Join(id, manifestName)) || !exists(root, path.Join(id, journalName)) {
			continue
		}
		m, err := recoverIn(root, id)
		if errors.Is(err, errNeverBegan) && holdsOnly(root, id, journalName) {
			if err = root.RemoveAll(id); err == nil { // killed before its first line
				continue
			}
		}
		if err != nil {
			log.Error("recording cannot be recovered", "recording", id, "err", err)
		} else {
			log.Info("recording recovered", "recording", id, "files", len(m.Files), "duration_ms", m.DurationMS)
		}
		all = append(all, Recovered{id, m, err})
	}
	return all, nil
}

func exists(root *os.Root, name string) bool {
	_, err := root.Lstat(name)
	return err == nil
}

// holdsOnly reports whether there is but one file in a directory, of that name.
func holdsOnly(root *os.Root, id, name string) bool {
	entries, err := fs.ReadDir(root.FS(), id)
	return err == nil && len(entries) == 1 && entries[0].Name() == name
}

// errNeverBegan says that a recording has a journal without a line.
var errNeverBegan = errors.New("the journal is empty: the recording never began")

// recoverIn closes a recording in a directory that nobody writes to.
func recoverIn(parent *os.Root, id string) (Manifest, error) {
	dir, err := parent.OpenRoot(id)
	if err != nil {
		return Manifest{}, err
	}
	m, err := recoverDir(dir)
	return m, errors.Join(err, dir.Close())
}

// endRecovered is the end of a recording that Recover closed.
const endRecovered = "recovered"

func recoverDir(dir *os.Root) (Manifest, error) {
	f, err := dir.OpenFile(journalName, os.O_RDWR, 0)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	j, whole, err := readJournal(f)
	if err != nil {
		return Manifest{}, err
	}
	if len(j.entries) == 0 {
		return Manifest{}, errNeverBegan
	}
	if err := f.Truncate(whole); err != nil {
		return Manifest{}, err
	}
	if _, err := f.Seek(whole, 0); err != nil {
		return Manifest{}, err
	}
	j.out = f
	if j.entries[len(j.entries)-1].Type != entryClosed {
		if err := closeJournal(dir, &j); err != nil {
			return Manifest{}, err
		}
	}
	m := j.manifest()
	return m, writeManifest(dir, m, create)
}

// closeJournal closes each file of an unfinished journal, then the journal.
func closeJournal(dir *os.Root, j *journal) error {
	done := map[string]bool{}
	var files []File
	for _, e := range j.entries {
		switch {
		case e.Type == entryForgotten:
			for _, f := range files {
				if f.Participant != e.Participant || done[f.Name] {
					continue
				}
				if err := dir.Remove(f.Name); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
				done[f.Name] = true
			}
		case e.File == nil:
		case e.Type == entryFileOpened:
			files = append(files, *e.File)
		case e.Type == entryFile:
			done[e.File.Name] = true
		case e.Type == entryAligned:
			for i := range files {
				if files[i].Name == e.File.Name {
					files[i].StartMS = e.File.StartMS
				}
			}
		}
	}
	for _, f := range files {
		if done[f.Name] {
			continue
		}
		if err := repairFile(dir, &f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		done[f.Name] = true
		if err := j.append(entry{At: time.Now(), Type: entryFile, File: &f}, false); err != nil {
			return err
		}
	}
	if err := removeUnbegun(dir, done); err != nil {
		return err
	}
	return j.append(entry{At: time.Now(), Type: entryClosed, Reason: endRecovered}, true)
}

// removeUnbegun removes empty files that the journal does not know: a file is made
// before its first frame, and known with it.
func removeUnbegun(dir *os.Root, known map[string]bool) error {
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		if known[e.Name()] || e.Name() == journalName || !info.Mode().IsRegular() || info.Size() > 0 {
			continue
		}
		if err := dir.Remove(e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// repairFile closes a file, and says what is in it. One without a frame goes.
func repairFile(dir *os.Root, f *File) error {
	f.Recovered = true
	out, err := dir.OpenFile(f.Name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it had no frame, and was removed just before
	}
	if err != nil {
		return err
	}
	defer out.Close()
	info, err := out.Stat()
	if err != nil {
		return err
	}
	s, err := matroska.Repair(out, info.Size())
	if err != nil {
		return err
	}
	if s.Blocks == 0 {
		return dir.Remove(f.Name)
	}
	if info, err = out.Stat(); err != nil {
		return err
	}
	f.Frames, f.DurationMS, f.Size = int64(s.Blocks), s.Duration.Milliseconds(), info.Size()
	if f.SHA256, err = sum(out, f.Size); err != nil {
		return err
	}
	return out.Sync()
}
