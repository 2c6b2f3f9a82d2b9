package collect_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/agent/collect"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// one is a collector that ends as the test says.
type one struct {
	section string
	collect func(ctx context.Context) (report.Section, error)
}

func (o one) Section() string { return o.section }

func (o one) Collect(ctx context.Context, _ host.Host) (report.Section, error) { return o.collect(ctx) }

func gives(name string, section report.Section, err error) one {
	return one{name, func(context.Context) (report.Section, error) { return section, err }}
}

func TestEveryCollectorEndsWithAnOutcomeInOrder(t *testing.T) {
	got := collect.Run(t.Context(), host.Host{}, []collect.Collector{
		gives("memory", &report.Memory{TotalBytes: 1}, nil),
		gives("battery", nil, fmt.Errorf("list batteries: %w", collect.ErrAbsent)),
		gives("printer", nil, fmt.Errorf("read the queues: %w", fs.ErrPermission)),
		gives("cpu", &report.CPU{Cores: 4}, errors.New("one file was odd")),
		one{"usb", func(context.Context) (report.Section, error) { panic("out of range") }},
		gives("os", &report.OS{}, nil),
	}, collect.Deadline)
	want := []report.Part{
		{Name: "memory", Outcome: report.OK, Facts: []byte(`{"total_bytes":1}`)},
		{Name: "battery", Outcome: report.Absent},
		{Name: "printer", Outcome: report.Denied, Detail: "read the queues: permission denied"},
		{Name: "cpu", Outcome: report.Failed, Detail: "one file was odd", Facts: []byte(`{"cores":4}`)},
		{Name: "usb", Outcome: report.Failed, Detail: "the collector broke down: out of range"},
		{Name: "os", Outcome: report.OK, Facts: []byte(`{}`)},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(report.Part{}, "Hash", "TookMS")); diff != "" {
		t.Errorf("parts differ (-want +got):\n%s", diff)
	}
	for _, part := range got {
		if part.Hash == "" {
			t.Errorf("section %s has no hash", part.Name)
		}
	}
}

func TestHashIsThatOfOutcomeAndFacts(t *testing.T) {
	section := &report.Memory{TotalBytes: 1}
	parts := collect.Run(t.Context(), host.Host{}, []collect.Collector{gives("memory", section, nil)}, collect.Deadline)
	if want := report.Hash(report.OK, section); parts[0].Hash != want {
		t.Errorf("hash is %s, want %s", parts[0].Hash, want)
	}
}

func TestHungCollectorTimesOutAndStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := one{"storage", func(context.Context) (report.Section, error) {
			<-release // as a read of a dead file system does, whatever the context says
			return &report.Storage{}, nil
		}}
		parts := collect.Run(t.Context(), host.Host{}, []collect.Collector{
			hung, gives("memory", &report.Memory{}, nil), gives("cpu", &report.CPU{}, nil),
		}, time.Second)
		close(release)
		want := []report.Outcome{report.TimedOut, report.OK, report.OK}
		for i, part := range parts {
			if part.Outcome != want[i] {
				t.Errorf("section %s ended %s, want %s", part.Name, part.Outcome, want[i])
			}
		}
		if parts[0].TookMS != 1000 {
			t.Errorf("the hung collector took %d ms, want its deadline of 1000", parts[0].TookMS)
		}
	})
}

func TestTwoCollectorsRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		var collectors []collect.Collector
		for range 6 {
			collectors = append(collectors, one{"os", func(context.Context) (report.Section, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				<-time.After(time.Second) // by the clock of the test
				return &report.OS{}, nil
			}})
		}
		began := time.Now()
		collect.Run(t.Context(), host.Host{}, collectors, collect.Deadline)
		if took := time.Since(began); most.Load() != 2 || took != 3*time.Second {
			t.Errorf("at most %d ran at once and took %s, want 2 and 3s", most.Load(), took)
		}
	})
}
