package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"parley/internal/api"
	"parley/internal/store"
	"parley/internal/token"
)

// keysRequest is what `parley keys` was asked for. A stopped server's keys are
// changed in its data directory; a running server has that to itself, and is
// asked through its API.
type keysRequest struct {
	what, data, url string
	name, id        string
	scopes          []string
}

// runKeys is `parley keys create|list|revoke`.
func runKeys(ctx context.Context, p *program, args []string) error {
	k := keysRequest{what: "create|list|revoke"}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		k.what, args = args[0], args[1:]
	}
	fs := newFlagSet("keys " + k.what)
	fs.StringVar(&k.data, "data", defaultConfig().Data, "the server's data directory")
	fs.StringVar(&k.url, "url", "", "address of the running server; found by itself for a demo")
	fs.StringVar(&k.name, "name", "", "create: what to call the key")
	scopes := fs.String("scopes", "", "create: what it may be used for, with commas between: "+strings.Join(api.Scopes(), ", ")+"; nothing: everything")
	fs.StringVar(&k.id, "id", "", "revoke: the key's id, as in the list")
	if err := p.parse(fs, args); err != nil {
		return ignoreHelpShown(err)
	}
	if *scopes != "" {
		k.scopes = strings.Split(strings.ReplaceAll(*scopes, " ", ""), ",")
	}
	if err := k.check(); err != nil {
		return err
	}
	s, err := store.Open(ctx, k.data, newLogger(LogConfig{Level: "error"}, p.stderr))
	if errors.Is(err, store.ErrInUse) {
		return k.ask(ctx, p)
	}
	if err != nil {
		return err
	}
	return errors.Join(k.change(ctx, p, s), s.Close())
}

func (k keysRequest) check() error {
	switch {
	case k.what != "create" && k.what != "list" && k.what != "revoke":
		return &configError{message: fmt.Sprintf("parley keys knows no %q; write parley keys create, list or revoke", k.what)}
	case k.what == "create" && k.name == "":
		return &configError{where: "--name", message: "is missing; write what to call the key"}
	case k.what == "revoke" && k.id == "":
		return &configError{where: "--id", message: "is missing; parley keys list shows the ids"}
	}
	if n := api.BadScope(k.scopes); n >= 0 {
		return &configError{where: "--scopes", message: fmt.Sprintf("%q is no scope, or given twice; there are %s", k.scopes[n], strings.Join(api.Scopes(), ", "))}
	}
	return nil
}

// change does it in the data directory.
func (k keysRequest) change(ctx context.Context, p *program, s *store.Store) error {
	switch k.what {
	case "create":
		plain, key, err := token.NewAPIKey(k.name, time.Now())
		if err != nil {
			return err
		}
		key.Scopes = k.scopes
		if err := s.PutAPIKey(ctx, store.APIKey(key)); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, plain)
	case "list":
		kept, err := s.APIKeys(ctx)
		if err != nil {
			return err
		}
		list := make([]api.Key, len(kept))
		for i, one := range kept {
			list[i] = api.Key{ID: one.ID, Name: one.Name, Scopes: one.Scopes, CreatedAt: one.CreatedAt}
		}
		return printKeys(p, list)
	case "revoke":
		if err := s.DeleteAPIKey(ctx, k.id); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no key %s; parley keys list shows the ids", k.id)
		} else if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is revoked\n", k.id)
	}
	return nil
}

// ask has the running server do it.
func (k keysRequest) ask(ctx context.Context, p *program) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	host, err := findServer(k.data, k.url)
	if err != nil {
		return err
	}
	switch k.what {
	case "create":
		var made api.Key
		if err := host.call(ctx, http.MethodPost, "/v1/keys", api.KeyBody{Name: k.name, Scopes: k.scopes}, &made); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, made.Key)
	case "list":
		var list api.KeyList
		if err := host.call(ctx, http.MethodGet, "/v1/keys", nil, &list); err != nil {
			return err
		}
		return printKeys(p, list.Keys)
	case "revoke":
		if err := host.call(ctx, http.MethodDelete, "/v1/keys/"+url.PathEscape(k.id), nil, nil); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is revoked\n", k.id)
	}
	return nil
}

func printKeys(p *program, keys []api.Key) error {
	w := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSCOPES\tMADE")
	for _, k := range keys {
		scopes := "everything"
		if len(k.Scopes) > 0 {
			scopes = strings.Join(k.Scopes, ",")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.ID, k.Name, scopes, k.CreatedAt.UTC().Format(time.DateTime))
	}
	return w.Flush()
}
