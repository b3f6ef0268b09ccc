package storetest_test

import (
	"bytes"
	"log/slog"
	"testing"

	"parley/internal/store"
	"parley/internal/store/storetest"
)

func TestTheDatabaseIsWholeAndNeedsNoMigration(t *testing.T) {
	for name, dir := range map[string]string{"new": t.TempDir(), "put there": storetest.Dir(t)} {
		var log bytes.Buffer
		s, err := store.Open(t.Context(), dir, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if migrated := bytes.Contains(log.Bytes(), []byte("migrated")); migrated != (name == "new") {
			t.Errorf("%s: migrated is %v: %s", name, migrated, &log)
		}
	}
}
