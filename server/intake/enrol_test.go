package intake_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/fault"
	"holdfast/server/intake"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

func TestDeviceThatEnrolsAgainStaysTheSame(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		before := s.enrol(t, "pc", evidence("A1"))
		before.report(&report.CPU{Cores: 4})
		after := s.enrol(t, "pc", evidence("a1 "))
		if before.id != after.id {
			t.Fatalf("it became another device")
		}
		if _, err := s.Checkin(t.Context(), before.agent, protocol.Checkin{Digest: "x"}); !fault.Is(err, fault.SignedOut) {
			t.Errorf("the old credential: %v", err)
		}
		if _, err := s.Authenticate(t.Context(), string(before.agent.Credential)); !fault.Is(err, fault.SignedOut) {
			t.Errorf("the old credential, after it was refused: %v", err)
		}
		if answer := after.checkin(false); !answer.Resend {
			t.Errorf("the new agent is answered %+v", answer)
		}
		if diff := cmp.Diff([]string{"enrolled 1.0", "first_seen", "reenrolled serial 1.0"}, after.history()); diff != "" {
			t.Errorf("history differs:\n%s", diff)
		}
	})
}

// A virtual machine may have no evidence of its own, only what its agent kept.
func TestDeviceWithoutEvidenceIsKnownByItsRevokedCredential(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		before := s.enrol(t, "vm", identify.Evidence{})
		err := s.db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET revoked_at = ?", tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		again := protocol.Enrol{Protocol: 1, Key: string(goodKey), Hostname: "vm", Credential: string(before.agent.Credential)}
		after, err := s.Enrol(t.Context(), "192.0.2.1", again)
		if err != nil || after.Device != before.id {
			t.Errorf("it became device %s, not %s: %v", after.Device, before.id, err)
		}
		again.Key = "hfe_wrong"
		if _, err := s.Enrol(t.Context(), "192.0.2.1", again); !fault.Is(err, fault.SignedOut) {
			t.Errorf("without a key: %v", err)
		}
		if other := s.enrol(t, "vm", identify.Evidence{}); other.id == before.id {
			t.Error("another machine of that name became the device")
		}
	})
}

func TestPlaceholdersNeverMergeDevices(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		same := identify.Evidence{Maker: "To Be Filled By O.E.M.", Serial: "Default string", UUID: "03000200-0400-0500-0006-000700080009", MACs: []string{"00:00:00:00:00:00", "02:42:ac:11:00:02"}}
		if a, b := s.enrol(t, "one", same), s.enrol(t, "two", same); a.id == b.id {
			t.Error("two devices became one")
		}
	})
}

func TestDevicesThatCannotBeToldApartNameOneAnother(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		uuid, mac := "4c4c4544-0042-3510-8052-b4c04f4a4d32", "00:1b:21:00:00:01"
		first := s.enrol(t, "first", identify.Evidence{UUID: uuid, MACs: []string{mac}})
		clone := s.enrol(t, "clone", identify.Evidence{UUID: uuid, MACs: []string{"00:1b:21:00:00:02"}})
		if first.id == clone.id {
			t.Fatal("a clone was taken for its original")
		}
		if got, want := clone.history()[1], "possibly_same first "+first.id; got != want {
			t.Errorf("the clone's history says %q, not %q", got, want)
		}
		if got, want := first.history()[1], "possibly_same clone "+clone.id; got != want {
			t.Errorf("the original's history says %q, not %q", got, want)
		}
	})
}

func TestWrongKeyLetsNobodyInAndIsThrottled(t *testing.T) {
	s := start(t, storetest.Open(t, store.SQLite), intake.Options{EnrolRate: 3})
	message := protocol.Enrol{Protocol: 1, Key: "hfe_wrong"}
	for range 3 {
		if _, err := s.Enrol(t.Context(), "192.0.2.7", message); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a wrong key: %v", err)
		}
	}
	message.Key = string(goodKey)
	if _, err := s.Enrol(t.Context(), "192.0.2.7", message); !fault.Is(err, fault.TooMany) {
		t.Errorf("after three wrong keys: %v", err)
	}
	s.enrol(t, "elsewhere", evidence("A1"))
	if got := s.text(t, "SELECT count(*) FROM devices"); got != "1" {
		t.Errorf("%s devices", got)
	}
}

func TestOneMachineThatEnrolsAtOnceIsOneDevice(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		var all sync.WaitGroup
		for i := range 50 {
			machine := strconv.Itoa(i % 5)
			all.Go(func() {
				_, err := s.Enrol(t.Context(), "192.0.2.1", protocol.Enrol{Protocol: 1, Key: string(goodKey), Hostname: "pc" + machine, Evidence: evidence("SERIAL" + machine)})
				if err != nil {
					t.Errorf("enrol: %v", err)
				}
			})
		}
		all.Wait()
		if got := s.text(t, "SELECT count(*) FROM devices"); got != "5" {
			t.Errorf("5 machines became %s devices", got)
		}
	})
}

func TestHostileEvidenceDoesNoHarm(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		long := strings.Repeat("ü\x00", 5000)
		_, err := s.Enrol(t.Context(), "192.0.2.1", protocol.Enrol{
			Protocol: 1, Key: string(goodKey), Hostname: long, Agent: report.Agent{Version: long},
			Evidence: identify.Evidence{Maker: long, Serial: long, UUID: long, MACs: []string{long, "\xff"}},
		})
		if err != nil {
			t.Error(err)
		}
	})
}
