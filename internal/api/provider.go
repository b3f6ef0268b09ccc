package api

import (
	"net"
	"net/http"
	"net/url"
)

func (s *Server) getProvider(w http.ResponseWriter, _ *http.Request) error {
	problems := providerProblems(s.cfg.PublicURL)
	configured := len(problems) == 0 // Zoom's trouble, and that of transcripts, keeps nobody from calling
	problems = append(problems, s.zoomProblems()...)
	if s.cfg.Library != nil {
		if problem := s.cfg.Library.TranscriptProblem(); problem != "" {
			problems = append(problems, ProviderProblem{"no_transcripts", problem})
		}
	}
	_, files := s.cfg.Chat.Files()
	s.writeJSON(w, http.StatusOK, Provider{
		Name: "parley", Version: s.cfg.Version, Configured: configured,
		Capabilities: Capabilities{Modes: s.modes(), Scheduling: true, ScreenShare: true, Recording: s.cfg.Library != nil, Files: files},
		Problems:     problems,
	})
	return nil
}

// providerProblems says what keeps people from having interviews here.
func providerProblems(publicURL string) []ProviderProblem {
	u, err := url.Parse(publicURL)
	switch {
	case err != nil || u.Host == "":
		return []ProviderProblem{{"no_public_url", "The server does not know its own public address: set public_url."}}
	case u.Scheme != "https" && !loopback(u.Hostname()):
		return []ProviderProblem{{"insecure_public_url", "Browsers give camera and microphone only to pages over https: set public_url to an https address."}}
	}
	return []ProviderProblem{}
}

// loopback reports whether browsers take host for the machine they run on, and
// so for a secure context without https (W3C Secure Contexts §3.1).
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
