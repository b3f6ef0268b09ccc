package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/recorder/vault"
)

func TestADestroyedRecordingIsGoneFromEveryCopy(t *testing.T) {
	ring, keys, dir := keyring(t, newKey(t)), t.TempDir(), t.TempDir()
	v := newVault(t, keys, ring)
	content := noise(1, 1000)
	write(t, dir, map[string][]byte{"a.webm": content, "manifest.json": []byte("{}")})
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	backup := read(t, dir, "a.webm.age")
	order := vault.Order{By: "user-7", Reason: "asked by the interviewee"}
	receipt, err := v.Destroy(t.Context(), id, order, func(context.Context) error { return os.RemoveAll(dir) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(v, "a.webm", backup); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("a copy from a backup: got %v, want ErrNoKey", err)
	}
	filepath.WalkDir(keys, func(path string, d fs.DirEntry, _ error) error {
		if !d.IsDir() && bytes.Contains(read(t, filepath.Dir(path), d.Name()), []byte("AGE-SECRET-KEY")) {
			t.Errorf("%s still holds a key", path)
		}
		if strings.HasSuffix(path, ".key") || strings.HasSuffix(path, ".destroying") {
			t.Errorf("%s was left", path)
		}
		return nil
	})
	if receipt.Order != order || len(receipt.Files) != 2 || receipt.Files[0].Size != 1000 || receipt.DestroyedAt.IsZero() {
		t.Errorf("the receipt says %+v", receipt)
	}
	again, err := v.Destroy(t.Context(), id, vault.Order{By: "somebody else"}, func(context.Context) error {
		t.Error("the files are removed a second time")
		return nil
	})
	if err != nil || !bytes.Equal(again.Signature, receipt.Signature) {
		t.Errorf("asked again: %+v, %v; want the same receipt", again, err)
	}
}

func TestAReceiptIsVerified(t *testing.T) {
	ring := keyring(t, newKey(t))
	v, dir := newVault(t, t.TempDir(), ring), t.TempDir()
	write(t, dir, map[string][]byte{"a.webm": noise(1, 10)})
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	made, err := v.Destroy(t.Context(), id, vault.Order{By: "retention"}, func(context.Context) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(made, "  ", "\t") // as somebody may have formatted it
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := vault.ParseReceipt(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := receipt.Verify(ring.Signer()); err != nil || !ring.Signed(receipt) {
		t.Errorf("the receipt itself: %v", err)
	}
	if keyring(t, newKey(t)).Signed(receipt) {
		t.Error("somebody else's key verifies it")
	}
	for how, change := range map[string]func(*vault.Receipt){
		"another recording": func(r *vault.Receipt) { r.Recording = "01OTHER" },
		"another time":      func(r *vault.Receipt) { r.DestroyedAt = r.DestroyedAt.Add(1e9) },
		"another person":    func(r *vault.Receipt) { r.By = "nobody" },
		"a file less":       func(r *vault.Receipt) { r.Files = nil },
		"no signature":      func(r *vault.Receipt) { r.Signature = nil },
		"another signer":    func(r *vault.Receipt) { r.Signer = keyring(t, newKey(t)).Signer() },
	} {
		changed := receipt
		change(&changed)
		if ring.Signed(changed) {
			t.Errorf("%s: still taken for signed", how)
		}
	}
}

func TestDestructionGoesOnWhereItWas(t *testing.T) {
	v, dir := sealed(t, map[string][]byte{"a.webm": noise(1, 10)})
	away := errors.New("the storage is away")
	_, err := v.Destroy(t.Context(), id, vault.Order{By: "user-7"}, func(context.Context) error { return away })
	if !errors.Is(err, away) {
		t.Fatalf("got %v, want that the storage is away", err)
	}
	// The keys go first, whatever becomes of the files.
	if _, err := open(v, "a.webm", read(t, dir, "a.webm.age")); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("opened while it is being destroyed: %v", err)
	}
	if _, err := v.Receipt(id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a receipt before the files are gone: %v", err)
	}
	write(t, dir, map[string][]byte{"late.mp4": noise(2, 10)})
	if err := v.Seal(t.Context(), id, dir); err == nil {
		t.Error("a recording that is being destroyed got a key")
	}
	ids, err := v.Destroying()
	if err != nil || len(ids) != 1 || ids[0] != id {
		t.Fatalf("Destroying = %v, %v", ids, err)
	}
	receipt, err := v.Destroy(t.Context(), id, vault.Order{By: "nobody"}, func(context.Context) error { return nil })
	if err != nil || receipt.By != "user-7" || len(receipt.Files) != 1 {
		t.Errorf("the second time: %+v, %v", receipt, err)
	}
	if ids, err := v.Destroying(); err != nil || len(ids) != 0 {
		t.Errorf("afterwards Destroying = %v, %v", ids, err)
	}
}
