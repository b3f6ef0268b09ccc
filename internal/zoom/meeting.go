package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// maxTopic is how many characters Zoom takes for a topic.
const maxTopic = 200

// A Request is a meeting to be made. Nothing in it may tell who the people are.
type Request struct {
	Topic    string
	StartsAt time.Time
	Duration time.Duration
	Audio    bool // nobody's camera is on at first
}

// A Meeting is one that was made.
type Meeting struct {
	Number   string
	URL      string // with the passcode in it
	Passcode string
}

// Create makes a meeting under one of the account's users, named by id or mail
// address. It is one that a passcode alone lets into, without the host, and
// about which Zoom writes to nobody.
func (c *Client) Create(ctx context.Context, host string, r Request) (Meeting, error) {
	var made struct {
		ID       json.Number `json:"id"` // beyond 2^31
		JoinURL  string      `json:"join_url"`
		Password string      `json:"password"`
	}
	if err := c.call(ctx, "create", http.MethodPost, "/users/"+url.PathEscape(host)+"/meetings", r.body(), &made); err != nil {
		return Meeting{}, err
	}
	link, err := ParseLink(made.JoinURL, c.cfg.LinkHosts)
	number := made.ID.String()
	if err != nil || !meetingNumber.MatchString(number) || link.Number != number {
		return Meeting{}, c.failed(&Error{Kind: Unavailable, Op: "create", Status: http.StatusCreated, cause: errors.New("the answer names no meeting with a link of its own")})
	}
	return Meeting{Number: number, URL: link.URL, Passcode: made.Password}, nil
}

var meetingNumber = regexp.MustCompile(`^[0-9]{9,11}$`)

// End sends everybody out of a meeting. It is no error when nobody is in it, or
// when there is no such meeting.
func (c *Client) End(ctx context.Context, number string) error {
	err := c.call(ctx, "end", http.MethodPut, "/meetings/"+url.PathEscape(number)+"/status", map[string]string{"action": "end"}, nil)
	if e, ok := errors.AsType[*Error](err); ok && (e.Kind == Gone || e.Code == codeNotRunning) {
		return nil
	}
	return err
}

// Delete deletes a meeting, without a word to anybody. It is no error when there
// is none, and one of the kind InProgress while people are in it.
func (c *Client) Delete(ctx context.Context, number string) error {
	err := c.call(ctx, "delete", http.MethodDelete, "/meetings/"+url.PathEscape(number)+"?cancel_meeting_reminder=false&schedule_for_reminder=false", nil, nil)
	if KindOf(err) == Gone {
		return nil
	}
	return err
}

// A User is somebody of the account who can hold meetings.
type User struct {
	Basic bool // without a licence: Zoom ends their meetings after 40 minutes
}

// User looks a user up. It needs a scope besides those for meetings.
func (c *Client) User(ctx context.Context, host string) (User, error) {
	var got struct {
		Type   int    `json:"type"`
		Status string `json:"status"`
	}
	if err := c.call(ctx, "user", http.MethodGet, "/users/"+url.PathEscape(host), nil, &got); err != nil {
		return User{}, err
	}
	if got.Status != "" && got.Status != "active" {
		return User{}, c.failed(&Error{Kind: NoHost, Op: "user", Status: http.StatusOK})
	}
	return User{Basic: got.Type == 1}, nil
}

// meetingBody and settingsBody are the part of Zoom's request that matters.
type (
	meetingBody struct {
		Topic           string       `json:"topic"`
		Type            int          `json:"type"`
		StartTime       string       `json:"start_time"`
		Timezone        string       `json:"timezone"`
		Duration        int          `json:"duration"`
		DefaultPassword bool         `json:"default_password"`
		Settings        settingsBody `json:"settings"`
	}
	settingsBody struct {
		HostVideo                    bool   `json:"host_video"`
		ParticipantVideo             bool   `json:"participant_video"`
		JoinBeforeHost               bool   `json:"join_before_host"`
		JBHTime                      int    `json:"jbh_time"`
		WaitingRoom                  bool   `json:"waiting_room"`
		MuteUponEntry                bool   `json:"mute_upon_entry"`
		ApprovalType                 int    `json:"approval_type"`
		Audio                        string `json:"audio"`
		AutoRecording                string `json:"auto_recording"`
		EmailNotification            bool   `json:"email_notification"`
		RegistrantsEmailNotification bool   `json:"registrants_email_notification"`
		RegistrantsConfirmationEmail bool   `json:"registrants_confirmation_email"`
		UsePMI                       bool   `json:"use_pmi"`
		PrivateMeeting               bool   `json:"private_meeting"`
		MeetingAuthentication        bool   `json:"meeting_authentication"`
		AutoStartMeetingSummary      bool   `json:"auto_start_meeting_summary"`
		AutoStartAIQuestions         bool   `json:"auto_start_ai_companion_questions"`
		AlternativeHosts             string `json:"alternative_hosts"`
		ShowShareButton              bool   `json:"show_share_button"`
	}
)

// Zoom's words for a meeting.
const (
	typeScheduled  = 2
	noRegistration = 2
	joinAnyTime    = 0 // minutes before the start; 0: any
)

func (r Request) body() meetingBody {
	topic := strings.TrimSpace(r.Topic)
	for utf8.RuneCountInString(topic) > maxTopic {
		_, size := utf8.DecodeLastRuneInString(topic)
		topic = topic[:len(topic)-size]
	}
	if topic == "" {
		topic = "Interview"
	}
	return meetingBody{
		Topic: topic, Type: typeScheduled, StartTime: r.StartsAt.UTC().Format("2006-01-02T15:04:05Z"), Timezone: "UTC",
		Duration: max(int(r.Duration/time.Minute), 1), DefaultPassword: true,
		Settings: settingsBody{
			HostVideo: !r.Audio, ParticipantVideo: !r.Audio, JoinBeforeHost: true, JBHTime: joinAnyTime,
			ApprovalType: noRegistration, Audio: "voip", AutoRecording: "none", PrivateMeeting: true,
		},
	}
}
