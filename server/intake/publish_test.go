package intake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
	"holdfast/server/intake"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/report"
)

func TestWordOfAReportTellsWhatItChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var heard []device.Event
		s := start(t, db, intake.Options{Publish: func(_ *store.Tx, topic string, events []outbox.Event) error {
			for _, event := range events {
				if one, is := event.Payload.(device.Event); is && topic == device.Reported {
					one.Device = 0
					heard = append(heard, one)
				}
			}
			return nil
		}})
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(&report.OS{Family: "linux", Hostname: "pc"}, titles(2, "1.0"))
		m.report(&report.OS{Family: "linux", Hostname: "pc"}, titles(2, "1.0")) // nothing new
		m.report(titles(3, "1.0"))
		m.report(&report.OS{Family: "linux", Hostname: "pc", Version: "13"})
		m.report(titles(2, "1.0"))
		want := []device.Event{
			{First: true, Sections: []string{"os", "software"}},
			{Sections: []string{"software"}, Added: []int32{3}},
			{Sections: []string{"os"}},
			{Sections: []string{"software"}, Removed: []int32{3}},
		}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("what was heard differs:\n%s", diff)
		}
	})
}
