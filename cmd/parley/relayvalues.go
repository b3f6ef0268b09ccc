package main

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// switchValue is on or off, in the words YAML has for them.
type switchValue struct{ p *bool }

func (v *switchValue) String() string {
	if *v.p {
		return "on"
	}
	return "off"
}

func (v *switchValue) Set(text string) error {
	switch strings.ToLower(text) {
	case "on", "true", "yes":
		*v.p = true
	case "off", "false", "no":
		*v.p = false
	default:
		return fmt.Errorf("%q is neither on nor off; write one of them", text)
	}
	return nil
}

// acmeValue is off, on, or on with a mail address.
type acmeValue struct{ p *string }

func (v *acmeValue) String() string { return *v.p }

func (v *acmeValue) Set(text string) error {
	var on bool
	if err := (&switchValue{&on}).Set(text); err == nil {
		*v.p = (&switchValue{&on}).String()
		return nil
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		return fmt.Errorf("%q is neither on, off nor a mail address; write on, or an address such as ops@example.com", text)
	}
	*v.p = text
	return nil
}

// directoryValue is the address of an ACME directory.
type directoryValue struct{ p *string }

func (v *directoryValue) String() string { return *v.p }

func (v *directoryValue) Set(text string) error {
	if u, err := url.Parse(text); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is no ACME directory; write its https address, such as https://acme.example.com/directory", text)
	}
	*v.p = text
	return nil
}

// realmValue is a short plain name.
type realmValue struct{ p *string }

var realm = regexp.MustCompile(`^[A-Za-z0-9.:_-]{1,64}$`)

func (v *realmValue) String() string { return *v.p }

func (v *realmValue) Set(text string) error {
	if !realm.MatchString(text) {
		return fmt.Errorf("%q is no realm; write up to 64 letters, digits, dots and dashes, such as interviews.example.com", text)
	}
	*v.p = text
	return nil
}

// turnURLsValue is a list of TURN addresses in the form of RFC 7065.
type turnURLsValue struct{ p *[]string }

func (v *turnURLsValue) String() string { return strings.Join(*v.p, ",") }

var turnURL = regexp.MustCompile(`^turns?:[A-Za-z0-9.-]+(:[0-9]{1,5})?(\?transport=(udp|tcp))?$|^turns?:\[[0-9a-fA-F:]+\](:[0-9]{1,5})?(\?transport=(udp|tcp))?$`)

func (v *turnURLsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		if !turnURL.MatchString(s) {
			return "", fmt.Errorf("%q is no address of a relay; write one such as turns:relay.example.com:443?transport=tcp", s)
		}
		return s, nil
	})
}

// addrPortsValue is a list of other nodes' media addresses.
type addrPortsValue struct{ p *[]netip.AddrPort }

func (v *addrPortsValue) String() string { return joinStrings(*v.p) }

func (v *addrPortsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (netip.AddrPort, error) {
		a, err := netip.ParseAddrPort(s)
		if err == nil && (!a.Addr().Unmap().Is4() || a.Port() == 0 || a.Addr().IsUnspecified() || a.Addr().IsMulticast()) {
			err = errors.New("no peer")
		}
		if err != nil {
			return a, fmt.Errorf("%q is no media address of a node; write an IPv4 address and a port, such as 203.0.113.8:3478", s)
		}
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
	})
}
