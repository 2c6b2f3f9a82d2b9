package intake_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

func TestCheckinAsksForWhatDiffers(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		for _, section := range []report.Section{&report.Memory{Slots: 2}, &report.CPU{Cores: 4}} {
			m.message(part(t, report.OK, section))
		}
		if answer := m.checkin(false); !answer.Resend {
			t.Errorf("a new device without hashes is answered %+v", answer)
		}
		if diff := cmp.Diff([]string{"cpu", "memory"}, m.checkin(true).Want); diff != "" {
			t.Errorf("a new device: %s", diff)
		}
		m.report(&report.Memory{Slots: 2}, &report.CPU{Cores: 4})
		if answer := m.checkin(false); answer.Resend || answer.Want != nil {
			t.Errorf("nothing new is answered %+v", answer)
		}
		m.message(part(t, report.OK, &report.CPU{Cores: 8}))
		if answer := m.checkin(false); !answer.Resend {
			t.Errorf("a new digest without hashes is answered %+v", answer)
		}
		if diff := cmp.Diff([]string{"cpu"}, m.checkin(true).Want); diff != "" {
			t.Errorf("one section differs: %s", diff)
		}
	})
}

func TestVanishedSectionIsAskedForOnce(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(&report.Memory{Slots: 2}, &report.CPU{Cores: 4})
		delete(m.sections, "cpu")
		if diff := cmp.Diff([]string{"cpu"}, m.checkin(true).Want); diff != "" {
			t.Errorf("at first: %s", diff)
		}
		if answer := m.checkin(false); answer.Resend || answer.Want != nil {
			t.Errorf("then: %+v", answer)
		}
	})
}

func TestUnknownAndRevokedCredentialsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		if _, err := s.Authenticate(t.Context(), string(identity.NewSecret(identity.AgentPrefix))); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a made-up credential: %v", err)
		}
		err := s.db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET revoked_at = ?", tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Checkin(t.Context(), m.agent, protocol.Checkin{Digest: "x"}); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a check-in after revocation: %v", err)
		}
		if _, err := s.Authenticate(t.Context(), string(m.agent.Credential)); !fault.Is(err, fault.SignedOut) {
			t.Errorf("after revocation: %v", err)
		}
		body := encode(t, m.message(part(t, report.OK, &report.CPU{Cores: 1})))
		if _, err := s.Report(t.Context(), m.agent, "", body); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a report after revocation: %v", err)
		}
	})
}

func TestManyCheckinsShareTransactions(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		var machines []*machine
		for i := range 50 {
			machines = append(machines, s.enrol(t, "pc", evidence("SERIAL"+strconv.Itoa(i))))
		}
		var all sync.WaitGroup
		for range 10 {
			for _, m := range machines {
				all.Go(func() {
					if _, err := s.Checkin(t.Context(), m.agent, protocol.Checkin{Digest: "none"}); err != nil {
						t.Errorf("check in: %v", err)
					}
				})
			}
		}
		all.Wait()
	})
}

func TestCallerWhoLeavesHarmsNobody(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m, other := s.enrol(t, "pc", evidence("A1")), s.enrol(t, "pc2", evidence("A2"))
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := s.Checkin(ctx, m.agent, protocol.Checkin{Digest: "x"}); err == nil {
			t.Log("answered before the caller was gone")
		}
		other.checkin(false)
		m.checkin(false)
	})
}

func TestAgentThatComesTooOftenIsToldToWait(t *testing.T) {
	s := start(t, storetest.Open(t, store.SQLite), intake.Options{AgentRate: 3})
	m := s.enrol(t, "pc", evidence("A1"))
	for range 3 {
		m.checkin(false)
	}
	_, err := s.Checkin(t.Context(), m.agent, protocol.Checkin{Digest: "x"})
	if found := fault.Of(err); found == nil || found.Kind != fault.TooMany || found.RetryAfter < time.Second {
		t.Errorf("the fourth check-in: %v", err)
	}
	s.enrol(t, "pc2", evidence("A2")).checkin(false) // others are not held up
}

func TestCheckinsAreSpread(t *testing.T) {
	s := start(t, storetest.Open(t, store.SQLite), intake.Options{Interval: time.Hour})
	m := s.enrol(t, "pc", evidence("A1"))
	var next []int
	for range 50 {
		next = append(next, m.checkin(false).Next)
	}
	slices.Sort(next)
	if next[0] < 3240 || next[49] > 3960 || next[0] == next[49] {
		t.Errorf("next check-ins lie between %d and %d s", next[0], next[49])
	}
}

func TestPrivateUnitLearnsNothingOfUsers(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(full(1)...)
		err := s.db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE units SET users_private = ?", true).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		answer := m.report(&report.User{Last: report.Account{Login: "someone", Person: "Some One"}})
		if diff := cmp.Diff([]string{"user"}, answer.Skip); diff != "" {
			t.Errorf("the answer to a report: %s", diff)
		}
		for _, query := range []string{
			"SELECT count(*) FROM device_sections WHERE name = 'user'", "SELECT count(*) FROM device_keys WHERE kind = 'user'",
			"SELECT count(*) FROM devices WHERE last_user IS NOT NULL", "SELECT count(*) FROM device_changes WHERE section = 'user'",
		} {
			if got := s.text(t, query); got != "0" {
				t.Errorf("%s: %s", query, got)
			}
		}
		delete(m.sections, "user") // the agent obeys
		if answer := m.checkin(true); answer.Want != nil {
			t.Errorf("a check-in without users is answered %+v", answer)
		}
	})
}
