package endtoend_test

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/server/store/storetest"
)

// The server is killed while 200 agents upload and started again. Every report
// that it acknowledged is there, every other one arrives, none is there twice.
func TestServerKilledInTheMiddleOfUploadsLosesNothing(t *testing.T) {
	const agents, rounds = 200, 4
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			s := newServer(t, dialect)
			s.start()
			key := s.key()

			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			var acknowledged atomic.Int64
			enough := make(chan struct{}) // acknowledged, and many under way
			var group sync.WaitGroup
			folder := t.TempDir()
			for number := range agents {
				group.Go(func() {
					d, err := open(filepath.Join(folder, strconv.Itoa(number)), s.url(), key)
					if err != nil {
						t.Error(err)
						return
					}
					for round := range rounds {
						if err := d.Deliver(ctx, parts(number, round), time.Now()); err != nil {
							t.Errorf("agent %d, round %d: %v", number, round, err)
							return
						}
						if acknowledged.Add(1) == agents*rounds/3 {
							close(enough)
						}
					}
				})
			}
			select {
			case <-enough:
			case <-ctx.Done():
				t.Fatalf("after five minutes %d reports are acknowledged\n%s", acknowledged.Load(), s.output)
			}
			s.kill()
			atKill := acknowledged.Load()
			s.start()
			group.Wait()
			t.Logf("killed with %d of %d reports acknowledged", atKill, agents*rounds)
			if atKill == agents*rounds {
				t.Error("nothing was under way when the server was killed")
			}
			for number := range agents {
				expectHistory(t, s.db, number, rounds-1)
			}
			var devices, reports int
			if err := s.db.Read(ctx).Raw("SELECT (SELECT count(*) FROM devices), (SELECT count(*) FROM device_reports)").Row().Scan(&devices, &reports); err != nil {
				t.Fatal(err)
			}
			if devices != agents || reports != agents*rounds {
				t.Errorf("the server has %d devices and %d reports, want %d and %d", devices, reports, agents, agents*rounds)
			}
		})
	}
}
