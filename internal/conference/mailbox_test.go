package conference

import (
	"errors"
	"sync"
	"testing"
)

func TestMailboxKeepsOrderAndNeverBlocks(t *testing.T) {
	m := newMailbox()
	for i := range 10_000 {
		if err := m.put(i); err != nil {
			t.Fatal(err)
		}
	}
	<-m.ready
	letters := m.take()
	if len(letters) != 10_000 {
		t.Fatalf("took %d letters", len(letters))
	}
	for i, letter := range letters {
		if letter != i {
			t.Fatalf("letter %d is %v", i, letter)
		}
	}
	if again := m.take(); len(again) != 0 {
		t.Errorf("took %v twice", again)
	}
}

func TestMailboxLosesNoWakeUp(t *testing.T) {
	m := newMailbox()
	var wg sync.WaitGroup
	const senders, each = 8, 1000
	for range senders {
		wg.Go(func() {
			for i := range each {
				_ = m.put(i)
			}
		})
	}
	for got := 0; got < senders*each; {
		<-m.ready
		got += len(m.take())
	}
	wg.Wait()
}

func TestClosedMailboxSaysWhy(t *testing.T) {
	m := newMailbox()
	_ = m.put(1)
	why := errors.New("why")
	m.close(why)
	if err := m.put(2); err != why {
		t.Errorf("got %v", err)
	}
	if letters := m.take(); len(letters) != 0 {
		t.Errorf("took %v from a closed mailbox", letters)
	}
}
