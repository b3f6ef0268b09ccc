package main

import (
	"math"
	"strings"
	"time"
)

// setting is one thing an operator can set, under one name in the file, in the
// environment and among the flags.
type setting struct {
	name  string // in the file, sections joined by dots: http.listen
	flag  string // without dashes: listen
	usage string // one line, for help and docs/config.md
	value value
}

// env is the setting's name in the environment: PARLEY_HTTP_LISTEN.
func (s setting) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// settings is the table that binds every name to its place in c. The file, the
// environment, the flags, the help text and docs/config.md all follow it.
func (c *Config) settings() []setting {
	const day = 24 * time.Hour
	return []setting{
		{"data", "data", "directory of the database and the keys",
			&pathValue{&c.Data, "a directory that parley may write, such as /var/lib/parley"}},
		{"http.listen", "listen", "address and port of pages, API and signaling",
			&listenValue{&c.HTTP.Listen}},
		{"http.public_url", "public-url", "address people open in their browser",
			&urlValue{&c.HTTP.PublicURL}},
		{"http.tls_certificate", "tls-certificate", "PEM file with the certificate chain; empty serves plain HTTP",
			&pathValue{&c.HTTP.TLSCertificate, "the path of a PEM file"}},
		{"http.tls_key", "tls-key", "PEM file with the certificate's key",
			&pathValue{&c.HTTP.TLSKey, "the path of a PEM file"}},
		{"http.acme", "acme", "certificate from Let's Encrypt: off, on, or a mail address it may write to",
			&acmeValue{&c.HTTP.ACME}},
		{"http.acme_directory", "acme-directory", "another authority's ACME directory",
			&directoryValue{&c.HTTP.ACMEDirectory}},
		{"http.acme_ca", "acme-ca", "PEM file with the certificate that vouches for that directory",
			&pathValue{&c.HTTP.ACMECA, "the path of a PEM file"}},
		{"http.redirect", "redirect", "address and port of plain HTTP that leads to https, such as :80",
			&listenValue{&c.HTTP.Redirect}},
		{"http.origins", "origins", "further origins whose pages may open signaling",
			&originsValue{&c.HTTP.Origins}},
		{"http.frame_ancestors", "frame-ancestors", "origins whose pages may show the room in a frame",
			&originsValue{&c.HTTP.FrameAncestors}},
		{"http.proxies", "proxies", "networks of reverse proxies, whose X-Forwarded-For or PROXY header is believed",
			&prefixesValue{&c.HTTP.Proxies}},
		{"media.listen", "media-listen", "address that media arrives on; empty means all",
			&addrValue{&c.Media.Listen}},
		{"media.port", "media-port", "UDP port of the first shard, the others follow it; 0 means any free ports",
			&intValue{&c.Media.Port, 0, math.MaxUint16}},
		{"media.shards", "media-shards", "UDP sockets, each with its own thread; 0 means one per processor",
			&intValue{&c.Media.Shards, 0, maxShards}},
		{"media.announce", "media-announce", "addresses browsers send media to; empty means the machine's own",
			&addrsValue{&c.Media.Announce}},
		{"turn.enabled", "turn", "relay media for networks that block it, on the ports that are open anyway: on or off",
			&switchValue{&c.TURN.Enabled}},
		{"turn.realm", "turn-realm", "name the relay gives itself; empty means the host of http.public_url",
			&realmValue{&c.TURN.Realm}},
		{"turn.urls", "turn-urls", "further addresses of the relay, such as those of a TLS terminator in front of it",
			&turnURLsValue{&c.TURN.URLs}},
		{"turn.peers", "turn-peers", "media addresses of other nodes that may be relayed to",
			&addrPortsValue{&c.TURN.Peers}},
		{"turn.max_allocations", "turn-max-allocations", "relayed connections at a time",
			&intValue{&c.TURN.Allocations, 1, 1 << 20}},
		{"turn.max_kbps", "turn-max-kbps", "kbit/s of one relayed connection, each way",
			&intValue{&c.TURN.Kbps, 64, 1_000_000}},
		{"interview.ring_for", "ring-for", "how long an unanswered interview rings",
			&durationValue{&c.Interview.RingFor, 10 * time.Second, day}},
		{"interview.empty_for", "empty-for", "how long a live interview may be empty before it ends",
			&durationValue{&c.Interview.EmptyFor, time.Second, day}},
		{"interview.grace", "grace", "how long a lost connection keeps its place",
			&durationValue{&c.Interview.Grace, 5 * time.Second, time.Hour}},
		{"interview.max_participants", "max-participants", "people in one interview at a time",
			&intValue{&c.Interview.MaxParticipants, 2, 32}},
		{"interview.seats", "seats", "other people a participant sees at a time",
			&intValue{&c.Interview.Seats, 1, 16}},
		{"recording.enabled", "recording", "let interviews be recorded of which the host says so: on or off",
			&switchValue{&c.Recording.Enabled}},
		{"recording.mode", "recording-mode", "of interviews of which the host does not: off, all or per_track",
			&choiceValue{&c.Recording.Mode, []string{"off", "all", "per_track"}}},
		{"recording.dir", "recording-dir", "directory of the recordings; empty means recordings in the data directory",
			&pathValue{&c.Recording.Dir, "a directory that parley may write"}},
		{"recording.key_file", "recording-key-file", "file of the key that recordings are sealed with; empty means recording.key in the data directory",
			&pathValue{&c.Recording.KeyFile, "the path of a file that only parley may read"}},
		{"recording.keep", "recording-keep", "how long recordings are kept",
			&durationValue{&c.Recording.Keep, time.Hour, 3660 * day}},
		{"recording.film", "recording-film", "make one film of each recording, with ffmpeg: on or off",
			&switchValue{&c.Recording.Film}},
		{"recording.ffmpeg", "recording-ffmpeg", "path of ffmpeg; empty means the one that is found",
			&pathValue{&c.Recording.FFmpeg, "the path of the program"}},
		{"recording.storage_url", "recording-storage-url", "bucket that sealed recordings are moved to; empty keeps them in recording.dir",
			&bucketValue{&c.Recording.StorageURL}},
		{"recording.storage_region", "recording-storage-region", "region of the bucket; empty asks the service",
			&wordValue{&c.Recording.StorageRegion, "the name of a region, such as eu-central-1"}},
		{"recording.storage_key", "recording-storage-key", "access key of the bucket",
			&wordValue{&c.Recording.StorageKey, "the access key that the service gave"}},
		{"recording.storage_secret_file", "recording-storage-secret-file", "file with the secret key of the bucket",
			&pathValue{&c.Recording.StorageSecretFile, "the path of a file that only parley may read"}},
		{"recording.transcripts.url", "transcripts-url", "address of the API that puts into writing what people say who agree to it, such as https://api.openai.com/v1; empty: none does",
			&apiURLValue{&c.Recording.Transcripts.URL}},
		{"recording.transcripts.model", "transcripts-model", "model that it hears with",
			&wordValue{&c.Recording.Transcripts.Model, "the name of a model of that service, such as whisper-1"}},
		{"recording.transcripts.key_file", "transcripts-key-file", "file with its API key; empty: it wants none",
			&pathValue{&c.Recording.Transcripts.KeyFile, "the path of a file that only parley may read"}},
		{"recording.transcripts.language", "transcripts-language", "language that people speak; empty: it finds out",
			&languageValue{&c.Recording.Transcripts.Language}},
		{"recording.transcripts.timeout", "transcripts-timeout", "how long it may take for five minutes of speech",
			&durationValue{&c.Recording.Transcripts.Timeout, 10 * time.Second, time.Hour}},
		{"recording.transcripts.at_once", "transcripts-at-once", "recordings that are put into writing at a time",
			&intValue{&c.Recording.Transcripts.AtOnce, 1, 16}},
		{"webhook.allow", "webhook-allow", "networks that webhooks may be sent to besides the public internet",
			&prefixesValue{&c.Webhook.Allow}},
		{"webhook.keep", "webhook-keep", "how long messages and the log of their deliveries are kept",
			&durationValue{&c.Webhook.Keep, 4 * day, 365 * day}},
		{"guard.mode", "guard-mode", "most that the contact guard does in threads whose host app has not said: off, observe, warn, mask or block",
			&choiceValue{&c.Guard.Mode, []string{"off", "observe", "warn", "mask", "block"}}},
		{"guard.allowed", "guard-allowed", "domains that are no contact detail, with all below them, such as your own",
			&domainsValue{&c.Guard.Allowed}},
		{"chat.keep", "chat-keep", "how long messages, findings of the guard and reports are kept",
			&durationValue{&c.Chat.Keep, day, 3660 * day}},
		{"files.upload_origins", "files-upload-origins", "origins that browsers may upload files to for the host app; self: Parley's own; empty: no files are taken",
			&uploadOriginsValue{&c.Files.UploadOrigins}},
		{"files.max_mb", "files-max-mb", "largest file, in MB",
			&intValue{&c.Files.MaxMB, 1, 1 << 20}},
		{"files.types", "files-types", "media types that are taken, such as application/pdf or image/*; empty means all",
			&mediaTypesValue{&c.Files.Types}},
		{"zoom.account_id", "zoom-account-id", "account id of the server-to-server OAuth app in Zoom; empty: no meetings are made",
			&wordValue{&c.Zoom.AccountID, "the account id on the app's page App Credentials"}},
		{"zoom.client_id", "zoom-client-id", "client id of that app",
			&wordValue{&c.Zoom.ClientID, "the client id on the app's page App Credentials"}},
		{"zoom.client_secret_file", "zoom-client-secret-file", "file that holds its client secret",
			&pathValue{&c.Zoom.ClientSecretFile, "the path of a file that holds the client secret"}},
		{"zoom.webhook_secret_file", "zoom-webhook-secret-file", "file that holds its secret token, with which Zoom signs webhooks",
			&pathValue{&c.Zoom.WebhookSecretFile, "the path of a file that holds the secret token"}},
		{"zoom.hosts", "zoom-hosts", "users of the account that meetings are held under",
			&wordsValue{&c.Zoom.Hosts, "ids or mail addresses of users, separated by commas"}},
		{"zoom.meetings_per_host", "zoom-meetings-per-host", "meetings one of them holds at a time, as their licence allows",
			&intValue{&c.Zoom.PerHost, 1, 100}},
		{"zoom.oauth_url", "zoom-oauth-url", "where tokens come from",
			&urlValue{&c.Zoom.OAuthURL}},
		{"zoom.api_url", "zoom-api-url", "where Zoom's API is",
			&urlValue{&c.Zoom.APIURL}},
		{"zoom.link_hosts", "zoom-link-hosts", "domains that links to Zoom may lead to besides zoom.us and zoomgov.com",
			&domainsValue{&c.Zoom.LinkHosts}},
		{"metrics.allow", "metrics-allow", "networks that may read /metrics besides the machine itself",
			&prefixesValue{&c.Metrics.Allow}},
		{"log.level", "log-level", "least severe level that is logged",
			&choiceValue{&c.Log.Level, []string{"debug", "info", "warn", "error"}}},
		{"log.format", "log-format", "form of a log line",
			&choiceValue{&c.Log.Format, []string{"text", "json"}}},
	}
}

// maxShards bounds the sockets and threads one process opens.
const maxShards = 64
