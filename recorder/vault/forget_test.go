package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley/recorder/vault"
)

func TestOneFileIsForgottenAndTheOthersStay(t *testing.T) {
	dir := t.TempDir()
	v := newVault(t, t.TempDir(), keyring(t, newKey(t)))
	write(t, dir, map[string][]byte{"a.vtt": noise(1, 100), "b.vtt": noise(2, 100)})
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	opens := func(name string) error {
		sealed, err := os.ReadFile(filepath.Join(dir, name+vault.Sealed))
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Open(id, name, bytes.NewReader(sealed), int64(len(sealed)))
		return err
	}
	if err := errors.Join(opens("a.vtt"), opens("b.vtt")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be called again
		if err := v.Forget(id, "a.vtt", "never.vtt"); err != nil {
			t.Fatal(err)
		}
	}
	if err := opens("a.vtt"); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("what was forgotten: %v", err)
	}
	if err := opens("b.vtt"); err != nil {
		t.Errorf("the other: %v", err)
	}
	if gone, err := v.Forgotten(id); err != nil || len(gone) != 1 || gone[0].Name != "a.vtt" || gone[0].Size != 100 || gone[0].At.IsZero() {
		t.Errorf("forgotten: %+v, %v", gone, err)
	}
	receipt, err := v.Destroy(t.Context(), id, vault.Order{}, func(context.Context) error { return nil })
	if err != nil || len(receipt.Files) != 2 {
		t.Errorf("the receipt of all names %+v, %v", receipt.Files, err)
	}
	if err := v.Forget("01K9X7QZ3M5T8B2C4D6E8F0GHK", "a.vtt"); err != nil {
		t.Errorf("a recording that is not there: %v", err)
	}
}
