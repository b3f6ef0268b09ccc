package demo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/interview"
)

func TestCallGoesFromTheProposalToTheEndedCard(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	freelancer := client.is("freelancer")
	theirs, ours := freelancer.watch(), client.watch()
	until(t, theirs, "no thread at first", func(s State) bool { return len(s.Threads) == 0 && s.Proposals[0].Stage == StageProposed })

	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", map[string]string{"text": "Hello Femi"}, &opened)
	seen := until(t, theirs, "the thread", func(s State) bool { return len(s.Threads) == 1 })
	if p := seen.Proposals[0]; p.Stage != StageMessaged || p.Thread != opened.Thread || seen.Threads[0].Items[0].Text != "Hello Femi" {
		t.Errorf("the freelancer sees %+v", seen)
	}
	var said Item
	freelancer.wants(http.StatusCreated, "/app/threads/"+opened.Thread+"/messages", map[string]string{"text": " Hi Clara "}, &said)
	until(t, ours, "the answer", func(s State) bool {
		return len(s.Threads) == 1 && len(s.Threads[0].Items) == 2 && s.Threads[0].Items[1].Text == "Hi Clara" && s.Threads[0].Items[1].From == "freelancer"
	})

	var room, theirRoom RoomBody
	client.wants(http.StatusOK, "/app/threads/"+opened.Thread+"/call", map[string]string{"mode": "video"}, &room)
	if !strings.HasPrefix(room.URL, client.url+"/r/"+room.Interview.ID+"#token=") || room.Interview.CreatedBy != "client" {
		t.Errorf("got room %+v", room)
	}
	until(t, theirs, "the ringing card", cardIs("ringing", 0))
	var link LinkBody
	freelancer.wants(http.StatusOK, "/app/threads/"+opened.Thread+"/check", nil, &link)
	if !strings.HasPrefix(link.URL, client.url+"/check#token=") {
		t.Errorf("got the address %s to check the connection at", link.URL)
	}
	if _, err := s.rooms.Ready(t.Context(), interview.ID(room.Interview.ID), interview.Participant{ID: "freelancer", Role: interview.RoleInterviewee}); err != nil {
		t.Fatal(err)
	}
	until(t, ours, "the freelancer ready", func(s State) bool {
		items := s.Threads[0].Items
		return len(items) == 3 && len(items[2].Interview.Ready) == 1 && items[2].Interview.Ready[0].ID == "freelancer"
	})
	inside := s.enter(t, room.Interview.ID, theClient(), interview.RoleInterviewer)
	until(t, theirs, "the client waiting inside", cardIs("ringing", 1))

	freelancer.wants(http.StatusOK, "/app/threads/"+opened.Thread+"/join", nil, &theirRoom)
	if theirRoom.Interview.ID != room.Interview.ID || theirRoom.URL == room.URL {
		t.Errorf("got room %+v for the freelancer, want another way into %s", theirRoom, room.Interview.ID)
	}
	femi, _ := personByID("freelancer")
	other := s.enter(t, room.Interview.ID, femi, interview.RoleInterviewee)
	until(t, ours, "the live card", cardIs("live", 2))
	fatal(t, other.Leave(t.Context()))
	fatal(t, inside.Leave(t.Context()))
	until(t, theirs, "the ended card", cardIs("ended", 0))
	final := until(t, ours, "the ended card", cardIs("ended", 0))
	if items := final.Threads[0].Items; len(items) != 3 || items[2].Kind != KindCard {
		t.Errorf("got items %+v, want two messages and one card", items)
	}
	freelancer.refused(http.StatusNotFound, "no_open_interview", "/app/threads/"+opened.Thread+"/join", nil)
	freelancer.refused(http.StatusNotFound, "no_open_interview", "/app/threads/"+opened.Thread+"/check", nil)
}

func TestManyPressesOpenOneThread(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if status, raw := client.post("/app/proposals/pr_ingrid/message", map[string]string{"text": "Hello"}); status != http.StatusOK {
				t.Errorf("got status %d and %s", status, raw)
			}
		})
	}
	wg.Wait()
	s := client.state()
	if len(s.Threads) != 1 || len(s.Threads[0].Items) != 1 || s.Threads[0].With.ID != "ingrid" {
		t.Errorf("got threads %+v, want one with one message", s.Threads)
	}
	if got := client.is("freelancer").state(); len(got.Threads) != 0 || len(got.Proposals) != 1 || got.Proposals[0].Stage != StageProposed {
		t.Errorf("Femi sees %+v of Ingrid's thread", got)
	}
}

func TestSecondPressOfTheCallButtonFindsTheCall(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	var first, second RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "audio"}, &first)
	client.is("freelancer").wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &second)
	if first.Interview.ID != second.Interview.ID || second.Interview.Mode != "audio" {
		t.Errorf("got %+v and %+v, want one audio interview", first.Interview, second.Interview)
	}
	if items := client.state().Threads[0].Items; len(items) != 1 {
		t.Errorf("got %d items, want one card", len(items))
	}
}

func TestDeclinedCallShowsOnItsCardAndCanBeRepeated(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	freelancer := client.is("freelancer")
	client.post("/app/proposals/pr_femi/message", nil)
	var room, again RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &room)
	client.refused(http.StatusForbidden, "not_allowed", "/app/threads/th_pr_femi/decline", nil)
	var item Item
	freelancer.wants(http.StatusOK, "/app/threads/th_pr_femi/decline", map[string]string{"reason": "On a train"}, &item)
	if item.Interview == nil || item.Interview.State != "declined" {
		t.Errorf("got %+v, want the card of a declined interview", item)
	}
	if iv := card(client.state()); iv == nil || iv.State != "declined" {
		t.Errorf("the client sees %+v, want declined", iv)
	}
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &again)
	if again.Interview.ID == room.Interview.ID {
		t.Error("the second call is the declined one")
	}
}

func TestRestartKeepsMessagesAndReadsWhatWasMissed(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	client := newApp(t, s, dir)
	client.post("/app/proposals/pr_femi/message", map[string]string{"text": "Hello"})
	var room RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &room)
	fatal(t, client.app.Close(t.Context()))

	_, err := s.rooms.End(t.Context(), interview.ID(room.Interview.ID), "", interview.ReasonEndedByHost)
	fatal(t, err)
	missed, _, err := s.rooms.Create(t.Context(), conference.Create{Thread: "th_pr_femi", Mode: interview.ModeAudio})
	fatal(t, err)

	client = newApp(t, s, dir)
	state := until(t, client.watch(), "the missed interview", func(s State) bool {
		iv := card(s)
		return iv != nil && iv.ID == string(missed.ID)
	})
	items := state.Threads[0].Items
	if len(items) != 3 || items[0].Text != "Hello" || items[1].Interview.State != "cancelled" {
		t.Errorf("got items %+v, want the message, the cancelled call and the new one", items)
	}
}

func TestMessagesAreWrittenWhileParleyIsAway(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client := newApp(t, &server{url: gone.URL, key: "pk_none"}, t.TempDir())
	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", map[string]string{"text": "Hello"}, &opened)
	client.refused(http.StatusBadGateway, "parley_unreachable", "/app/threads/"+opened.Thread+"/call", map[string]string{"mode": "video"})
}

func TestWrongAPIKeyIsTheAppsOwnFailure(t *testing.T) {
	s := newServer(t)
	client := newApp(t, &server{url: s.url, key: "pk_wrong"}, t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	client.refused(http.StatusInternalServerError, "internal", "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"})
}

func TestWhatIsWrittenInTheRoomStandsInTheThread(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	ours := client.watch()
	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", nil, &opened)
	path := "/app/threads/" + opened.Thread + "/messages"
	var said Item
	client.wants(http.StatusCreated, path, map[string]string{"text": "from the app"}, &said)
	femi := interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
	_, err := s.chat.Send(t.Context(), chat.Draft{Thread: interview.ThreadID(opened.Thread), Interview: "iv_1", Author: femi, Text: "from the room"})
	fatal(t, err)
	seen := until(t, ours, "both", func(s State) bool { return len(s.Threads) == 1 && len(s.Threads[0].Items) == 2 })
	first, second := seen.Threads[0].Items[0], seen.Threads[0].Items[1]
	if first.ID != said.ID || first.Room || second.Text != "from the room" || !second.Room || second.From != "freelancer" {
		t.Errorf("got %+v and %+v", first, second)
	}
	client.refused(http.StatusUnprocessableEntity, "contact_details", path, map[string]string{"text": "write to clara.novak@fastmail.com"})
}

func TestMessageThatIsHeldBackIsContestedInTheThread(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	freelancer := client.is("freelancer")
	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", nil, &opened)
	path := "/app/threads/" + opened.Thread
	_, raw := freelancer.post(path+"/messages", map[string]string{"text": "It is called femi@adeyemi.design"})
	var p Problem
	fatal(t, json.Unmarshal(raw, &p))
	if p.Code != "contact_details" || p.Decision == "" || p.Detail != "An e-mail address cannot be shared until there is a contract." {
		t.Fatalf("got %+v, want what was found in a sentence, and the decision", p)
	}
	words := map[string]string{"decision": p.Decision, "words": "It is the name over the door."}
	client.refused(http.StatusForbidden, "not_allowed", path+"/appeal", words)
	freelancer.refused(http.StatusNotFound, "not_found", path+"/appeal", map[string]string{"decision": "../keys", "words": "x"})
	ours, theirs := client.watch(), freelancer.watch()
	var item Item
	freelancer.wants(http.StatusCreated, path+"/appeal", words, &item)
	appeal := func(state string) func(State) bool {
		return func(s State) bool {
			items := s.Threads[0].Items
			return len(items) == 1 && items[0].Appeal != nil && items[0].Appeal.State == state
		}
	}
	until(t, theirs, "the open appeal", appeal("open"))
	if _, err := s.chat.Decide(t.Context(), p.Decision, "trust", true); err != nil {
		t.Fatal(err)
	}
	until(t, theirs, "the appeal upheld", appeal("upheld"))
	freelancer.wants(http.StatusCreated, path+"/messages", map[string]string{"text": "It is called femi@adeyemi.design"}, &item)
	until(t, ours, "the message, and no appeal of somebody else's", func(s State) bool {
		items := s.Threads[0].Items
		return len(items) == 1 && items[0].Text == "It is called femi@adeyemi.design"
	})
}
