package zoomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// checkMeeting finds what Zoom would not take in a request for a meeting, and
// what no request of Parley's may hold: people's addresses.
func checkMeeting(body []byte) []field {
	var m struct {
		Topic           string `json:"topic"`
		Type            int    `json:"type"`
		StartTime       string `json:"start_time"`
		Timezone        string `json:"timezone"`
		Duration        int    `json:"duration"`
		DefaultPassword bool   `json:"default_password"`
		Settings        map[string]any
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return []field{{"", err.Error()}}
	}
	var wrong []field
	say := func(name, message string) { wrong = append(wrong, field{name, message}) }
	if m.Topic == "" || utf8.RuneCountInString(m.Topic) > 200 {
		say("topic", "1 to 200 characters")
	}
	if m.Type != 1 && m.Type != 2 && m.Type != 3 && m.Type != 8 {
		say("type", "not a type of meeting")
	}
	if _, err := time.Parse("2006-01-02T15:04:05Z", m.StartTime); m.Type == 2 && err != nil {
		say("start_time", "yyyy-MM-ddTHH:mm:ssZ")
	}
	if _, err := time.LoadLocation(m.Timezone); m.Timezone == "" || err != nil {
		say("timezone", "not a time zone")
	}
	if m.Duration < 1 || m.Duration > 1440 {
		say("duration", "1 to 1440 minutes")
	}
	if !m.DefaultPassword {
		say("default_password", "without a passcode everybody lands in the waiting room")
	}
	for name, value := range m.Settings {
		if err := checkSetting(name, value); err != nil {
			say("settings."+name, err.Error())
		}
	}
	if bytes.ContainsAny(body, "@") {
		say("", "holds an address")
	}
	return wrong
}

// settings are the names Zoom knows, with what they may be. true: a boolean.
var settings = map[string]any{
	"host_video": true, "participant_video": true, "join_before_host": true, "waiting_room": true, "mute_upon_entry": true,
	"email_notification": true, "registrants_email_notification": true, "registrants_confirmation_email": true, "use_pmi": true,
	"private_meeting": true, "meeting_authentication": true, "auto_start_meeting_summary": true, "auto_start_ai_companion_questions": true,
	"watermark": true, "show_share_button": true,
	"jbh_time": []any{0.0, 5.0, 10.0, 15.0}, "approval_type": []any{0.0, 1.0, 2.0},
	"audio": []any{"both", "telephony", "voip", "thirdParty"}, "auto_recording": []any{"none"}, "alternative_hosts": []any{""},
}

func checkSetting(name string, value any) error {
	allowed, known := settings[name]
	if !known {
		return fmt.Errorf("no setting")
	}
	if choice, ok := allowed.([]any); ok {
		if !slices.Contains(choice, value) {
			return fmt.Errorf("cannot be %v", value)
		}
		return nil
	}
	on, ok := value.(bool)
	if !ok {
		return fmt.Errorf("must be true or false")
	}
	if on && slices.Contains([]string{"email_notification", "registrants_email_notification", "registrants_confirmation_email", "use_pmi"}, name) {
		return fmt.Errorf("would write to people, or use somebody's own room")
	}
	return nil
}
