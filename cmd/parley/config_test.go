package main

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// badConfigs says, for each file of testdata/config, what parley answers.
var badConfigs = map[string]string{
	"acme.bad.yml":                          `acme.bad.yml:2: http.acme: "letsencrypt" is neither on, off nor a mail address; write on, or an address such as ops@example.com`,
	"acme_address.bad.yml":                  `http.acme: cannot get a certificate for 203.0.113.7; write a DNS name in http.public_url, or turn http.acme off`,
	"acme_and_files.bad.yml":                "http.acme: gets a certificate, and http.tls_certificate names one; remove one of them\nhttp.public_url: is missing; write the address people open, such as https://interviews.example.com",
	"acme_ca.bad.yml":                       `acme_ca.bad.yml:2: http.acme_ca: "" is no path; write the path of a PEM file`,
	"acme_directory.bad.yml":                `acme_directory.bad.yml:2: http.acme_directory: "http://acme.example.com/directory" is no ACME directory; write its https address, such as https://acme.example.com/directory`,
	"alias.bad.yml":                         `alias.bad.yml:3: http.frame_ancestors: is an alias; write the value itself`,
	"announce.bad.yml":                      `announce.bad.yml:2: media.announce: "0.0.0.0" is no address a browser can send to; write one that people reach, such as 203.0.113.7`,
	"announce_family.bad.yml":               `media.announce: has 2001:db8::7, which media.listen 192.0.2.1 does not hear; write addresses of its kind`,
	"chat_keep.bad.yml":                     `chat_keep.bad.yml:2: chat.keep: 1h is out of range; write a length from 24h to 87840h`,
	"data_empty.bad.yml":                    `data_empty.bad.yml:1: data: "" is no path; write a directory that parley may write, such as /var/lib/parley`,
	"empty_for.bad.yml":                     `empty_for.bad.yml:2: interview.empty_for: 0s is out of range; write a length from 1s to 24h`,
	"frame_ancestors.bad.yml":               `frame_ancestors.bad.yml:2: http.frame_ancestors: "https://a.example;script-src" has no plain host name; write scheme and host only, such as https://app.example.com`,
	"grace.bad.yml":                         `grace.bad.yml:2: interview.grace: 2h is out of range; write a length from 5s to 1h`,
	"guard_allowed.bad.yml":                 `guard_allowed.bad.yml:2: guard.allowed: "https://example.com" is no domain; write one such as example.com`,
	"guard_mode.bad.yml":                    `guard_mode.bad.yml:2: guard.mode: "strict" is not known; write one of off, observe, warn, mask, block`,
	"key_not_name.bad.yml":                  "key_not_name.bad.yml:1: has a key that is no name; write `setting: value`",
	"leaf_only.bad.yml":                     `leaf_only.bad.yml:1: listen: is no setting; did you mean http.listen?`,
	"list_root.bad.yml":                     "list_root.bad.yml:1: is no list of settings; write lines such as `data: /var/lib/parley`",
	"listen.bad.yml":                        `listen.bad.yml:2: http.listen: "8080" is no address to listen on; write host:port, such as 127.0.0.1:8080, or :8080 for every address`,
	"listen_port.bad.yml":                   `listen_port.bad.yml:2: http.listen: "127.0.0.1:80808" is no address to listen on; write host:port, such as 127.0.0.1:8080, or :8080 for every address`,
	"log_format.bad.yml":                    `log_format.bad.yml:2: log.format: "xml" is not known; write one of text, json`,
	"log_level.bad.yml":                     `log_level.bad.yml:2: log.level: "verbose" is not known; write one of debug, info, warn, error`,
	"max_participants.bad.yml":              `max_participants.bad.yml:2: interview.max_participants: 1 is out of range; write a number from 2 to 32`,
	"media_listen.bad.yml":                  `media_listen.bad.yml:2: media.listen: "localhost" is no IP address; write one such as 203.0.113.7 or 2001:db8::7`,
	"media_port.bad.yml":                    `media_port.bad.yml:2: media.port: "abc" is no whole number; write one from 0 to 65535`,
	"media_port_range.bad.yml":              `media_port_range.bad.yml:2: media.port: 70000 is out of range; write a number from 0 to 65535`,
	"metrics_allow.bad.yml":                 `metrics_allow.bad.yml:2: metrics.allow: "everyone" is no network; write one such as 10.0.0.0/8`,
	"no_public_url.bad.yml":                 `http.public_url: is missing; write the address people open, such as https://interviews.example.com`,
	"no_yaml.bad.yml":                       `no_yaml.bad.yml: is no YAML: line 1: did not find expected ',' or ']'`,
	"files_max_mb.bad.yml":                  `files_max_mb.bad.yml:2: files.max_mb: 0 is out of range; write a number from 1 to 1048576`,
	"files_types.bad.yml":                   `files_types.bad.yml:2: files.types: "pdf" is no media type; write one such as application/pdf, or image/* for all of a kind`,
	"files_upload_origins.bad.yml":          `files_upload_origins.bad.yml:2: files.upload_origins: "files.example.com" is no web address; write scheme and host only, such as https://files.example.com, or self`,
	"null.bad.yml":                          `null.bad.yml:1: data: has no value; write one, or remove the line to keep the default`,
	"origins.bad.yml":                       `origins.bad.yml:2: http.origins: "*" is no web address; write scheme and host only, such as https://app.example.com`,
	"plain_url_with_certificate.bad.yml":    `http.public_url: is http, and Parley has a certificate; write https://calls.example.com`,
	"ports_run_out.bad.yml":                 `media.port: leaves no room for 2 shards; write 65534 or less`,
	"proxies.bad.yml":                       `proxies.bad.yml:2: http.proxies: "10.0.0.0/33" is no network; write one such as 10.0.0.0/8`,
	"public_url_path.bad.yml":               `public_url_path.bad.yml:2: http.public_url: "https://example.com/calls" has more than a scheme and a host; write scheme and host only, such as https://interviews.example.com`,
	"public_url_scheme.bad.yml":             `public_url_scheme.bad.yml:2: http.public_url: "ftp://example.com" does not start with http:// or https://; write scheme and host only, such as https://interviews.example.com`,
	"redirect.bad.yml":                      `redirect.bad.yml:2: http.redirect: "80" is no address to listen on; write host:port, such as 127.0.0.1:8080, or :8080 for every address`,
	"recording_dir.bad.yml":                 `recording_dir.bad.yml:2: recording.dir: " " is no path; write a directory that parley may write`,
	"recording_enabled.bad.yml":             `recording_enabled.bad.yml:2: recording.enabled: "sometimes" is neither on nor off; write one of them`,
	"recording_key_file.bad.yml":            `recording_key_file.bad.yml:2: recording.key_file: "" is no path; write the path of a file that only parley may read`,
	"recording_keep.bad.yml":                `recording_keep.bad.yml:2: recording.keep: 5m is out of range; write a length from 1h to 87840h`,
	"recording_mode.bad.yml":                `recording_mode.bad.yml:2: recording.mode: "everybody" is not known; write one of off, all, per_track`,
	"recording_ffmpeg.bad.yml":              `recording_ffmpeg.bad.yml:2: recording.ffmpeg: "" is no path; write the path of the program`,
	"recording_film.bad.yml":                `recording_film.bad.yml:2: recording.film: "maybe" is neither on nor off; write one of them`,
	"recording_storage_region.bad.yml":      `recording_storage_region.bad.yml:2: recording.storage_region: "eu central" is not one word; write the name of a region, such as eu-central-1`,
	"recording_storage_key.bad.yml":         `recording_storage_key.bad.yml:2: recording.storage_key: "two words" is not one word; write the access key that the service gave`,
	"recording_storage_secret_file.bad.yml": `recording_storage_secret_file.bad.yml:2: recording.storage_secret_file: "" is no path; write the path of a file that only parley may read`,
	"recording_storage_url.bad.yml":         `recording_storage_url.bad.yml:2: recording.storage_url: "s3://bucket" cannot be used: it is no address of a bucket; write one such as https://s3.eu-central-1.amazonaws.com/bucket`,
	"ring_for.bad.yml":                      `ring_for.bad.yml:2: interview.ring_for: "300" is no length of time; write one with its unit, such as 30s or 5m`,
	"seats.bad.yml":                         `interview.seats: must be smaller than interview.max_participants; write 3 or less`,
	"section_value.bad.yml":                 `section_value.bad.yml:1: http: is a section; write its settings indented below it`,
	"setting_section.bad.yml":               `setting_section.bad.yml:3: media.port: has no value; write one, or remove the line to keep the default`,
	"shards.bad.yml":                        `shards.bad.yml:2: media.shards: -1 is out of range; write a number from 0 to 64`,
	"tls_certificate_missing.bad.yml":       `http.tls_certificate: is missing; write the file with the certificate of http.tls_key`,
	"tls_file.bad.yml":                      `http.tls_certificate: cannot be used with http.tls_key: open /nowhere/cert.pem: no such file or directory`,
	"tls_key_missing.bad.yml":               `http.tls_key: is missing; write the file with the key of http.tls_certificate`,
	"turn_enabled.bad.yml":                  `turn_enabled.bad.yml:2: turn.enabled: "maybe" is neither on nor off; write one of them`,
	"turn_max_allocations.bad.yml":          `turn_max_allocations.bad.yml:2: turn.max_allocations: 0 is out of range; write a number from 1 to 1048576`,
	"turn_max_kbps.bad.yml":                 `turn_max_kbps.bad.yml:2: turn.max_kbps: 12 is out of range; write a number from 64 to 1000000`,
	"turn_peers.bad.yml":                    `turn_peers.bad.yml:2: turn.peers: "[2001:db8::7]:3478" is no media address of a node; write an IPv4 address and a port, such as 203.0.113.8:3478`,
	"turn_realm.bad.yml":                    `turn_realm.bad.yml:2: turn.realm: "the relay" is no realm; write up to 64 letters, digits, dots and dashes, such as interviews.example.com`,
	"turn_urls.bad.yml":                     `turn_urls.bad.yml:2: turn.urls: "https://relay.example.com" is no address of a relay; write one such as turns:relay.example.com:443?transport=tcp`,
	"twice.bad.yml":                         `twice.bad.yml:3: media.port: is set twice; keep one of the two lines`,
	"two_documents.bad.yml":                 `two_documents.bad.yml: holds more than one document; write one`,
	"two_mistakes.bad.yml":                  "two_mistakes.bad.yml:1: data: \"\" is no path; write a directory that parley may write, such as /var/lib/parley\ntwo_mistakes.bad.yml:3: log.level: \"loud\" is not known; write one of debug, info, warn, error",
	"unknown.bad.yml":                       `unknown.bad.yml:2: http.lisen: is no setting; did you mean http.listen?`,
	"unknown_section.bad.yml":               `unknown_section.bad.yml:1: colour: is no setting; see docs/config.md for those there are`,
	"webhook_allow.bad.yml":                 `webhook_allow.bad.yml:2: webhook.allow: "localhost" is no network; write one such as 10.0.0.0/8`,
	"webhook_keep.bad.yml":                  `webhook_keep.bad.yml:2: webhook.keep: 1h is out of range; write a length from 96h to 8760h`,
	"zoom_account.bad.yml":                  `zoom_account.bad.yml:2: zoom.account_id: "a b" is not one word; write the account id on the app's page App Credentials`,
	"zoom_client_secret.bad.yml":            `zoom_client_secret.bad.yml:2: zoom.client_secret_file: "" is no path; write the path of a file that holds the client secret`,
	"zoom_link_hosts.bad.yml":               `zoom_link_hosts.bad.yml:2: zoom.link_hosts: "https://a.example/b" is no domain; write one such as example.com`,
	"zoom_oauth_url.bad.yml":                `zoom_oauth_url.bad.yml:2: zoom.oauth_url: "zoom.us" is no web address; write scheme and host only, such as https://interviews.example.com`,
	"zoom_webhook_secret.bad.yml":           `zoom_webhook_secret.bad.yml:2: zoom.webhook_secret_file: "" is no path; write the path of a file that holds the secret token`,
	"zoom_api_url.bad.yml":                  `zoom.api_url: is http, by which the app's secret could be read on the way; write https://api.example`,
	"zoom_client.bad.yml":                   `zoom.client_id: is missing; write the client id of the server-to-server OAuth app`,
	"zoom_hosts.bad.yml":                    `zoom_hosts.bad.yml:2: zoom.hosts: "a b" is not one word; write ids or mail addresses of users, separated by commas`,
	"zoom_per_host.bad.yml":                 `zoom_per_host.bad.yml:2: zoom.meetings_per_host: 0 is out of range; write a number from 1 to 100`,

	"recording_transcripts_url.bad.yml":      `recording_transcripts_url.bad.yml:3: recording.transcripts.url: "api.openai.com/v1" is no address of an API; write one such as https://api.openai.com/v1`,
	"recording_transcripts_endpoint.bad.yml": `recording_transcripts_endpoint.bad.yml:3: recording.transcripts.url: "https://api.openai.com/v1/audio/transcriptions" names the endpoint itself; write what comes before /audio/transcriptions`,
	"recording_transcripts_model.bad.yml":    `recording_transcripts_model.bad.yml:3: recording.transcripts.model: "two words" is not one word; write the name of a model of that service, such as whisper-1`,
	"recording_transcripts_key_file.bad.yml": `recording_transcripts_key_file.bad.yml:3: recording.transcripts.key_file: "" is no path; write the path of a file that only parley may read`,
	"recording_transcripts_language.bad.yml": `recording_transcripts_language.bad.yml:3: recording.transcripts.language: "English" is no language; write its two letters, such as en`,
	"recording_transcripts_timeout.bad.yml":  `recording_transcripts_timeout.bad.yml:3: recording.transcripts.timeout: 1s is out of range; write a length from 10s to 1h`,
	"recording_transcripts_at_once.bad.yml":  `recording_transcripts_at_once.bad.yml:3: recording.transcripts.at_once: 0 is out of range; write a number from 1 to 16`,
	"recording_transcripts_open.bad.yml":     `recording.transcripts.url: is http, by which what people said could be heard on the way; write https://speech.example.com/v1`,
	"recording_transcripts_no_url.bad.yml":   `recording.transcripts.url: is missing; write the address of the service that recording.transcripts.key_file is for`,
}

func TestBadConfigurationIsRefusedWithTheFieldAndWhatToWrite(t *testing.T) {
	files, err := fs.Glob(os.DirFS("testdata/config"), "*.bad.yml")
	if err != nil || len(files) != len(badConfigs) {
		t.Fatalf("testdata/config has %d bad files (%v), the table %d rows", len(files), err, len(badConfigs))
	}
	for name, want := range badConfigs {
		t.Run(strings.TrimSuffix(name, ".bad.yml"), func(t *testing.T) {
			c := defaultConfig()
			err := loadConfig(&c, filepath.Join("testdata/config", name), nil, nil, checkConfig, checkServe)
			if err == nil {
				t.Fatalf("accepted; want %q", want)
			}
			if got := err.Error(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestEverySettingHasABadCase(t *testing.T) {
	c := defaultConfig()
	for _, s := range c.settings() {
		found := false
		for _, answer := range badConfigs {
			found = found || strings.Contains(answer, ": "+s.name+": ") || strings.HasPrefix(answer, s.name+": ")
		}
		if !found {
			t.Errorf("no file of testdata/config has a mistake in %s", s.name)
		}
	}
}

func TestBadEnvironmentAndFlagsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		environ []string
		flags   []override
		want    string
	}{
		"unknown variable": {environ: []string{"PARLEY_HTTP_LISTN=x"},
			want: "PARLEY_HTTP_LISTN: is no setting; did you mean PARLEY_HTTP_LISTEN?"},
		"bad variable": {environ: []string{"PARLEY_MEDIA_PORT=one"},
			want: `PARLEY_MEDIA_PORT: media.port: "one" is no whole number; write one from 0 to 65535`},
		"bad flag": {flags: []override{{"media-port", "one"}},
			want: `--media-port: media.port: "one" is no whole number; write one from 0 to 65535`},
		"no such file": {environ: []string{"PARLEY_CONFIG=/nowhere/parley.yaml"},
			want: "/nowhere/parley.yaml: cannot be read: there is no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			c := defaultConfig()
			err := loadConfig(&c, "", test.environ, test.flags)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestFlagsOverrideEnvironmentOverridesFileOverridesDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.yaml")
	text := "data: file\nhttp:\n  listen: 127.0.0.1:1\n  public_url: https://File.example/\nmedia:\n  port: 1111\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	err := loadConfig(&c, path,
		[]string{"HOME=/root", "PARLEY_HTTP_LISTEN=127.0.0.1:2", "PARLEY_MEDIA_PORT=2222"},
		[]override{{"media-port", "3333"}}, checkConfig, checkServe)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Log.Level, c.Data, c.HTTP.Listen, c.Media.Port, c.HTTP.PublicURL}
	want := []any{"info", "file", "127.0.0.1:2", 3333, "https://file.example"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("setting %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestVariablesOfAKubernetesServiceAreNoSettings(t *testing.T) {
	c := defaultConfig()
	environ := []string{"PARLEY_PORT=tcp://10.0.0.1:8080", "PARLEY_SERVICE_HOST=10.0.0.1", "PARLEY_PORT_8080_TCP=tcp://10.0.0.1:8080"}
	if err := loadConfig(&c, "", environ, nil); err != nil {
		t.Error(err)
	}
}

func TestAnEmptyFileSetsNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "http:\n  # listen: 127.0.0.1:1\n"} {
		c := defaultConfig()
		if err := loadYAML(&c, "parley.yaml", strings.NewReader(text)); err != nil || c.HTTP.Listen != defaultConfig().HTTP.Listen {
			t.Errorf("%q: got %v and %s", text, err, c.HTTP.Listen)
		}
	}
}

func TestValuesReadAsTheyAreWritten(t *testing.T) {
	c := defaultConfig()
	for _, test := range []struct{ name, text, want string }{
		{"media.announce", "203.0.113.7, 2001:db8::7", "203.0.113.7,2001:db8::7"},
		{"media.announce", "", ""},
		{"media.listen", "::ffff:192.0.2.1", "192.0.2.1"},
		{"metrics.allow", "10.1.2.3/8,192.0.2.1", "10.0.0.0/8,192.0.2.1/32"},
		{"interview.ring_for", "300s", "5m"},
		{"interview.grace", "1h", "1h"},
		{"http.origins", "HTTPS://App.Example:8443", "https://app.example:8443"},
	} {
		for _, s := range c.settings() {
			if s.name != test.name {
				continue
			}
			if err := s.value.Set(test.text); err != nil || s.value.String() != test.want {
				t.Errorf("%s %q: got %q (%v), want %q", test.name, test.text, s.value.String(), err, test.want)
			}
		}
	}
}

func TestDemoDataLivesInTheUsersDataDirectory(t *testing.T) {
	for _, test := range []struct {
		system string
		env    map[string]string
		want   string
	}{
		{"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.local/share/parley-demo"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "/data"}, "/data/parley-demo"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "relative"}, "/home/a/.local/share/parley-demo"},
		{"linux", nil, "data"},
		{"linux", map[string]string{"XDG_DATA_HOME": "relative"}, "data"},
		{"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support/parley-demo"},
		{"windows", nil, "data"},
	} {
		got := demoDataDir(test.system, func(name string) string { return test.env[name] })
		if got != test.want {
			t.Errorf("%s %v: got %s, want %s", test.system, test.env, got, test.want)
		}
	}
}

func TestMediaListensOnBothFamiliesWhereThereAreTwo(t *testing.T) {
	c := defaultConfig()
	c.Media.Port = 4000
	if got, want := c.mediaListen(true), netip.MustParseAddrPort("[::]:4000"); got != want {
		t.Errorf("with IPv6: got %v, want %v", got, want)
	}
	if got, want := c.mediaListen(false), netip.MustParseAddrPort("0.0.0.0:4000"); got != want {
		t.Errorf("without IPv6: got %v, want %v", got, want)
	}
	if c.Interview.RingFor != 5*time.Minute {
		t.Errorf("ring for: got %v, want 5m", c.Interview.RingFor)
	}
}

func FuzzConfigurationFilesNeverPanic(f *testing.F) {
	files, _ := filepath.Glob("testdata/config/*.yml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := defaultConfig()
		if err := loadYAML(&c, "parley.yaml", strings.NewReader(text)); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
