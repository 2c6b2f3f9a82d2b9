package deliver_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"holdfast/agent/deliver"
	"holdfast/shared/protocol"
)

// bubble opens a deliverer that reaches the fake without a network, so that
// hours of waiting pass at once.
func bubble(t *testing.T, server *fake) *deliver.Deliverer {
	t.Helper()
	return open(t, t.TempDir(), "https://holdfast.example.org", func(connection *deliver.Connection) {
		connection.Transport = server
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "90" },
		"date":    func() string { return time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			synctest.Test(t, func(t *testing.T) {
				server, busy := newFake(), true
				server.before = func(w http.ResponseWriter, _ *http.Request) {
					if busy {
						w.Header().Set("Retry-After", header())
						w.WriteHeader(status)
						busy = false
					}
				}
				began := time.Now()
				if err := bubble(t, server).Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began); waited < 89*time.Second || waited > 105*time.Second {
					t.Errorf("%d, %s: waited %v, want 90 s and a little", status, name, waited)
				}
			})
		}
	}
}

func TestRetryAfterHoldsForTheNextRoundToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		server.before = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		deliverer := bubble(t, server)
		began := time.Now()
		for time.Since(began) < 55*time.Minute {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			if err := deliverer.Deliver(ctx, facts("os", time.Now().String()), taken()); err == nil {
				t.Fatal("a busy server acknowledges")
			}
			cancel()
		}
		if len(server.asked) != 1 {
			t.Errorf("a server that wants an hour of quiet is asked %d times", len(server.asked))
		}
	})
}

func TestWaitsGrowFromSecondsToMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		var asked []time.Time
		server.before = func(w http.ResponseWriter, _ *http.Request) {
			asked = append(asked, time.Now())
			w.WriteHeader(http.StatusBadGateway)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		err := bubble(t, server).Deliver(ctx, facts("os", "1"), taken())
		if err == nil || !strings.Contains(err.Error(), "502") {
			t.Errorf("the error does not say what is wrong: %v", err)
		}
		for i := 1; i < len(asked); i++ {
			gap := asked[i].Sub(asked[i-1])
			most := min(5*time.Minute, 2*time.Second<<min(i-1, 10))
			if gap < most/2 || gap > most {
				t.Errorf("wait %d is %v, want %v to %v", i, gap, most/2, most)
			}
		}
		if len(asked) < 30 || len(asked) > 60 {
			t.Errorf("asked %d times in two hours", len(asked))
		}
	})
}

func TestRefusalsAreNotRepeated(t *testing.T) {
	for _, status := range []int{400, 403, 404, 409, 413, 422, 301, 501} {
		synctest.Test(t, func(t *testing.T) {
			server := newFake()
			server.before = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == protocol.ReportPath {
					problem(w, status, "No.")
				}
			}
			deliverer := bubble(t, server)
			err := deliverer.Deliver(t.Context(), facts("os", "1"), taken())
			refused, isRefusal := errors.AsType[*deliver.Refusal](err)
			if !isRefusal || refused.Status != status || refused.Detail != "No." {
				t.Errorf("%d gives %v", status, err)
			}
			if len(server.asked) != 3 {
				t.Errorf("%d: asked %v", status, server.asked)
			}
		})
	}
}

func TestARefusedReportDoesNotBlockTheSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		server.down = true
		deliverer := bubble(t, server)
		for _, version := range []string{"1", "2"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if err := deliverer.Deliver(ctx, facts("os", version), taken()); err == nil {
				t.Fatal("a server that is down acknowledges")
			}
			cancel()
		}
		refusals := 0
		server.down = false
		server.before = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == protocol.ReportPath && refusals == 0 {
				refusals++
				problem(w, http.StatusUnprocessableEntity, "No.")
			}
		}
		if err := deliverer.Deliver(t.Context(), facts("os", "2"), taken()); err == nil {
			t.Error("a refused report goes unnoticed")
		}
		if err := deliverer.Deliver(t.Context(), facts("os", "2"), taken()); err != nil {
			t.Fatal(err)
		}
		if server.sections["os"] != "h-2" {
			t.Errorf("the server has %v", server.sections)
		}
	})
}

func TestRevokedCredentialEnrolsAnewOnceOrGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		deliverer := bubble(t, server)
		if err := deliverer.Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
			t.Fatal(err)
		}
		server.credential = "" // revoked; the key is still good
		if err := deliverer.Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
			t.Fatal(err)
		}
		// Now the key is revoked as well.
		server.credential, server.asked = "", nil
		server.before = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == protocol.EnrolPath {
				problem(w, http.StatusUnauthorized, "The enrolment key is revoked")
			}
		}
		err := deliverer.Deliver(t.Context(), facts("os", "1"), taken())
		if refused, isRefusal := errors.AsType[*deliver.Refusal](err); !isRefusal || refused.Status != 401 {
			t.Errorf("two revoked secrets give %v", err)
		}
		if len(server.asked) != 2 {
			t.Errorf("a server that refuses is asked %v", server.asked)
		}
		// The next time it asks once, and still says who it was.
		server.asked, server.before = nil, nil
		if err := deliverer.Deliver(t.Context(), facts("os", "1"), taken()); err != nil {
			t.Fatal(err)
		}
		if len(server.earlier) != 3 || server.earlier[2] == "" || server.asked[0] != protocol.EnrolPath {
			t.Errorf("asked %v, showing %q", server.asked, server.earlier)
		}
	})
}

func TestBeingStoppedIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, folder := newFake(), t.TempDir()
		deliverer := open(t, folder, "https://holdfast.example.org", func(connection *deliver.Connection) {
			connection.Transport = server
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := deliverer.Deliver(ctx, facts("os", "1"), taken()); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped gives %v", err)
		}
		if status, err := deliver.ReadStatus(folder); err == nil && status.Failure != "" {
			t.Errorf("status says %q", status.Failure)
		}
	})
}
