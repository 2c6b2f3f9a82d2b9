package intake_test

import (
	"testing"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/protocol"
)

func TestRevokedAgentIsToldOfOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		heard := 0
		s := start(t, db, intake.Options{Publish: func(_ *store.Tx, topic string, events []outbox.Event) error {
			if topic == intake.Refused {
				heard += len(events)
			}
			return nil
		}})
		m := s.enrol(t, "pc", evidence("A1"))
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET revoked_at = ?", tx.Now).Error
		}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := s.Checkin(t.Context(), m.agent, protocol.Checkin{Digest: "x"}); !fault.Is(err, fault.SignedOut) {
				t.Errorf("a check-in: %v", err)
			}
			if _, err := s.Authenticate(t.Context(), string(m.agent.Credential)); !fault.Is(err, fault.SignedOut) {
				t.Errorf("its credential: %v", err)
			}
		}
		if _, err := s.Authenticate(t.Context(), string(identity.NewSecret(identity.AgentPrefix))); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a made-up credential: %v", err)
		}
		if heard != 1 {
			t.Errorf("told of %d times", heard)
		}
	})
}

func TestKnownDeviceThatEnrolsAgainIsToldOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var heard []any
		s := start(t, db, intake.Options{Publish: func(_ *store.Tx, topic string, events []outbox.Event) error {
			for _, event := range events {
				if topic == intake.Returned {
					heard = append(heard, event.Payload)
				}
			}
			return nil
		}})
		m := s.enrol(t, "pc", evidence("A1"))
		s.enrol(t, "another", evidence("B2"))
		s.enrol(t, "pc", evidence("A1"))
		if len(heard) != 1 || heard[0] != (intake.Heard{Device: m.agent.Device}) {
			t.Errorf("heard %v", heard)
		}
	})
}
