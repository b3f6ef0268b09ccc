package token

import (
	"testing"
	"time"
)

func TestALinkOpensOneRecordingForAnHourAndNoRoom(t *testing.T) {
	keys, now := ring(t, shared), noon
	want := View{ID: "v1", User: "freelancer", Recording: "rec_1", All: true, IssuedAt: now, ExpiresAt: now.Add(time.Hour)}
	raw, err := keys.MintView(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys.VerifyView(raw, now.Add(time.Minute)); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := keys.VerifyView(raw, now.Add(time.Hour+Leeway+time.Second)); err == nil {
		t.Error("a link was good for more than an hour")
	}
	if _, err := keys.Verify(raw, now); err == nil {
		t.Error("a link to a recording opened a room")
	}
	room, err := keys.Mint(Claims{ID: "t1", User: "freelancer", Interview: "iv_1", IssuedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.VerifyView(room, now); err == nil {
		t.Error("a pass for a room opened a recording")
	}
	for _, bad := range []View{
		{User: "a", Recording: "r", IssuedAt: now, ExpiresAt: now.Add(time.Hour)},
		{ID: "v", Recording: "r", IssuedAt: now, ExpiresAt: now.Add(time.Hour)},
		{ID: "v", User: "a", IssuedAt: now, ExpiresAt: now.Add(time.Hour)},
		{ID: "v", User: "a", Recording: "r", IssuedAt: now, ExpiresAt: now.Add(2 * time.Hour)},
		{ID: "v", User: "a", Recording: "r"},
	} {
		if _, err := keys.MintView(bad); err == nil {
			t.Errorf("%+v was signed", bad)
		}
	}
}
