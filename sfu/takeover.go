package sfu

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/srtp/v3"
)

// replayWindow is how far behind the newest packet one is still accepted. It
// must hold what retransmission and reordering bring late.
const replayWindow = 1024

// keyLog takes the media keys out of a DTLS handshake that Pion runs: the master
// secret from the key log, the server's random from the ServerHello. The log is
// written before the handshake's last flight, hence before any media.
type keyLog struct {
	client  bool // we are the DTLS client
	install func(in, out *srtp.Context)

	mu           sync.Mutex
	serverRandom []byte
	profile      srtp.ProtectionProfile
	err          error
}

// serverRandom finds the server's random in a datagram that begins with a DTLS
// 1.2 ServerHello (RFC 6347 §4.3.2, RFC 5246 §7.4.1.3): record header 13 bytes,
// handshake header 12, version 2.
func serverRandom(b []byte) ([]byte, bool) {
	const handshakeRecord, serverHello = 22, 2
	ok := len(b) >= 59 && b[0] == handshakeRecord && b[13] == serverHello &&
		b[19] == 0 && b[20] == 0 && b[21] == 0 // first fragment
	if !ok {
		return nil, false
	}
	return b[27:59], true
}

// sawServerHello keeps the random of a server that is the other side.
func (k *keyLog) sawServerHello(random []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client {
		k.serverRandom = bytes.Clone(random)
	}
}

// sendServerHello is Pion's hook when we are the server: our own random, and the
// profile that was chosen.
func (k *keyLog) sendServerHello(h handshake.MessageServerHello) handshake.Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	random := h.Random.MarshalFixed()
	k.serverRandom = random[:]
	for _, e := range h.Extensions {
		if use, ok := e.(*extension.UseSRTP); ok && len(use.ProtectionProfiles) > 0 {
			k.profile = srtpProfile(use.ProtectionProfiles[0])
		}
	}
	return &h
}

func srtpProfile(p dtls.SRTPProtectionProfile) srtp.ProtectionProfile {
	return srtp.ProtectionProfile(p) // both are the numbers of RFC 5764 §4.1.2 and RFC 7714 §14.2
}

// Write takes the key log line "CLIENT_RANDOM <random> <master secret>".
func (k *keyLog) Write(line []byte) (int, error) {
	if err := k.derive(line); err != nil {
		k.mu.Lock()
		k.err = err
		k.mu.Unlock()
		return 0, err
	}
	return len(line), nil
}

func (k *keyLog) derive(line []byte) error {
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "CLIENT_RANDOM" {
		return errors.New("key log: not a DTLS 1.2 line")
	}
	clientRandom, err := hex.DecodeString(string(fields[1]))
	if err != nil {
		return fmt.Errorf("key log: client random: %w", err)
	}
	secret, err := hex.DecodeString(string(fields[2]))
	if err != nil {
		return errors.New("key log: master secret is not hexadecimal")
	}
	k.mu.Lock()
	random, profile := k.serverRandom, k.profile
	k.mu.Unlock()
	if random == nil {
		return errors.New("key log: no ServerHello was seen")
	}
	cfg := &srtp.Config{Profile: profile}
	e := exporter{secret: secret, seed: append(clientRandom, random...)}
	if err := cfg.ExtractSessionKeysFromDTLS(e, k.client); err != nil {
		return fmt.Errorf("derive the media keys: %w", err)
	}
	in, err := srtp.CreateContext(cfg.Keys.RemoteMasterKey, cfg.Keys.RemoteMasterSalt, profile,
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return fmt.Errorf("make the incoming SRTP context: %w", err)
	}
	out, err := srtp.CreateContext(cfg.Keys.LocalMasterKey, cfg.Keys.LocalMasterSalt, profile)
	if err != nil {
		return fmt.Errorf("make the outgoing SRTP context: %w", err)
	}
	k.install(in, out)
	return nil
}

// exporter is the keying material exporter of RFC 5705 §4 over a master secret.
type exporter struct{ secret, seed []byte }

// ExportKeyingMaterial implements srtp.KeyingMaterialExporter.
func (e exporter) ExportKeyingMaterial(label string, _ []byte, length int) ([]byte, error) {
	return prf.PHash(e.secret, append([]byte(label), e.seed...), length, sha256.New)
}
