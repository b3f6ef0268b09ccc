package demo

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// byOwnName refuses requests that reached a loopback address under a name that
// is not the app's. Nobody signs in here, so loopback is the only guard of an app
// on somebody's own machine; a foreign site whose name is pointed at 127.0.0.1
// (DNS rebinding) would pass it, as the browser takes the two for one site.
func (a *App) byOwnName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if onLoopback(r) && !a.ownName(r.Host) {
			a.writeError(w, r, refuse(codeForeignName, "This app does not go by that name. Open it by the address that it printed."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownName reports whether host is an address, localhost, or the public name.
func (a *App) ownName(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	public, err := url.Parse(a.cfg.PublicURL)
	return strings.EqualFold(name, "localhost") || err == nil && strings.EqualFold(name, public.Hostname())
}

func onLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.IP.IsLoopback()
}
