package notify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/server/fault"
	"holdfast/server/notify"
	"holdfast/server/notify/notifytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// clock is a time that tests set.
type clock struct{ now time.Time }

// each runs a test on every database at a time that the test sets.
func each(t *testing.T, test func(t *testing.T, db *store.DB, at *clock)) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			at := &clock{time.Date(2026, 11, 19, 9, 14, 0, 0, time.UTC)}
			db, err := store.Open(t.Context(), storetest.URL(t, dialect), store.Options{Now: func() time.Time { return at.now }})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			test(t, db, at)
		})
	}
}

func translate(language, key string, args fault.Args) string {
	return fmt.Sprintf("%s %s\n%v", language, key, args["Number"])
}

var ticket = notify.Object{Kind: "ticket", ID: "0195"}

func queue(t *testing.T, db *store.DB, s *notify.Service, addresses ...string) {
	t.Helper()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for _, address := range addresses {
			err := s.Queue(t.Context(), tx, notify.Message{
				Object: ticket, Template: "ticket.received", Args: fault.Args{"Number": "INC-7 déjà vu"},
				To: notify.Recipient{Name: "Amélie Bélanger", Address: address, Language: "fr"},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func states(t *testing.T, db *store.DB) (states []notify.State) {
	t.Helper()
	notices, err := notify.Of(db.Read(t.Context()), ticket)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		states = append(states, n.State)
	}
	return states
}

func drain(t *testing.T, s *notify.Service) {
	t.Helper()
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestNoticeIsSentOnceAndSaysWhatItIs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, at *clock) {
		server := notifytest.New(t)
		s := notify.New(db, notify.Options{Mail: server.Mail(), Translate: translate})
		queue(t, db, s, "a@example.org")
		drain(t, s)
		at.now = at.now.Add(time.Hour)
		drain(t, s)
		received := server.Received()
		if len(received) != 1 {
			t.Fatalf("received %d mails", len(received))
		}
		mail := received[0]
		if mail.To != "a@example.org" || mail.Subject != "fr notice.ticket.received.subject INC-7 déjà vu" ||
			!strings.HasPrefix(mail.Body, "fr notice.ticket.received.body\nINC-7 déjà vu") {
			t.Errorf("it says %+v", mail)
		}
		if mail.Header.Get("Auto-Submitted") != "auto-generated" || !strings.HasPrefix(mail.Header.Get("References"), "<ticket.0195@") {
			t.Errorf("the header is %v", mail.Header)
		}
		if got := states(t, db); len(got) != 1 || got[0] != notify.Sent {
			t.Errorf("it is %v", got)
		}
	})
}

func TestNoticeThatFailsIsTriedAgainAndTheOthersGoOn(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, at *clock) {
		server := notifytest.New(t)
		s := notify.New(db, notify.Options{Mail: server.Mail(), Translate: translate})
		server.Answer("busy@example.org", 450)
		server.Answer("gone@example.org", 550)
		queue(t, db, s, "busy@example.org", "gone@example.org", "a@example.org")
		drain(t, s)
		if got := fmt.Sprint(states(t, db)); got != "[waiting refused sent]" {
			t.Fatalf("they are %s", got)
		}
		drain(t, s) // not due yet
		server.Answer("busy@example.org", 0)
		at.now = at.now.Add(2 * time.Minute)
		drain(t, s)
		if got := fmt.Sprint(states(t, db)); got != "[sent refused sent]" || len(server.Received()) != 2 {
			t.Errorf("they are %s, and %d were received", got, len(server.Received()))
		}
	})
}

func TestNoticeIsGivenUpAfterDays(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, at *clock) {
		server := notifytest.New(t)
		away := *server.Mail()
		away.Port = 1 // nobody is there
		s := notify.New(db, notify.Options{Mail: &away, Translate: translate})
		queue(t, db, s, "a@example.org")
		for range 100 {
			drain(t, s)
			at.now = at.now.Add(time.Hour)
		}
		notices, err := notify.Of(db.Read(t.Context()), ticket)
		if err != nil || notices[0].State != notify.Refused || notices[0].Error == "" || notices[0].Attempts < 20 || notices[0].Attempts > 60 {
			t.Errorf("it is %+v, %v", notices[0], err)
		}
	})
}

func TestWithoutMailServerNoticesAreKeptAsUnsent(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, at *clock) {
		s := notify.New(db, notify.Options{Translate: translate})
		queue(t, db, s, "a@example.org")
		drain(t, s)
		server := notifytest.New(t)
		later := notify.New(db, notify.Options{Mail: server.Mail(), Translate: translate})
		queue(t, db, later, "")
		at.now = at.now.Add(time.Hour)
		drain(t, later)
		notices, err := notify.Of(db.Read(t.Context()), ticket)
		if err != nil || len(server.Received()) != 0 || len(notices) != 2 ||
			notices[0].State != notify.Unsent || notices[0].Error != "no_server" || notices[1].Error != "no_address" {
			t.Errorf("they are %+v, %v, and %d were sent", notices, err, len(server.Received()))
		}
	})
}

func TestRunSendsAtTheCommit(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	server := notifytest.New(t)
	s := notify.New(db, notify.Options{Mail: server.Mail(), Translate: translate})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	queue(t, db, s, "a@example.org")
	<-server.Arrived()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
