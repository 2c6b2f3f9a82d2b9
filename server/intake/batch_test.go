package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"holdfast/server/fault"
	"holdfast/server/intake"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

func TestFiftyAgentsReportAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				m := s.enrol(t, fmt.Sprint("pc", i), identify.Evidence{Serial: fmt.Sprintf("SERIAL-%03d", i)})
				m.report(full(1000 + i)...)
				m.report(titles(300, "2.0"))
				if answer := m.checkin(false); answer.Resend || answer.Want != nil {
					t.Errorf("device %d is answered %+v", i, answer)
				}
			})
		}
		all.Wait()
		for query, want := range map[string]string{
			"SELECT count(*) FROM installations":                                           "15000",
			"SELECT count(*) FROM installations_past":                                      "15000",
			"SELECT count(*) FROM releases":                                                "600",
			"SELECT count(*) FROM device_changes WHERE action = 'upgraded'":                "15000",
			"SELECT count(*) FROM components":                                              "250",
			"SELECT count(*) FROM device_reports":                                          "100",
			"SELECT count(*) FROM device_contacts WHERE digest IS NOT NULL":                "50",
			"SELECT count(*) FROM devices WHERE serial LIKE 'SN00%'":                       "50",
			"SELECT count(*) FROM device_keys WHERE kind = 'name'":                         s.text(t, "SELECT count(*) FROM device_keys WHERE kind = 'name' AND device_id IN (SELECT id FROM devices WHERE name LIKE 'pc-SN%')"),
			"SELECT count(*) FROM (SELECT DISTINCT device_id, since FROM installations) x": "50",
		} {
			if got := s.text(t, query); got != want {
				t.Errorf("%s: %s, not %s", query, got, want)
			}
		}
	})
}

func TestReportsOfOneDeviceAtOnceAreStoredInTurn(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		m := s.enrol(t, "pc", evidence("A1"))
		m.report(titles(20, "0"))
		var bodies [][]byte
		for i := range 20 {
			bodies = append(bodies, encode(t, m.message(part(t, report.OK, titles(20, fmt.Sprint(i+1))))))
		}
		var all sync.WaitGroup
		for _, body := range bodies {
			all.Go(func() {
				if _, err := s.Report(t.Context(), m.agent, "", body); err != nil {
					t.Errorf("report: %v", err)
				}
			})
		}
		all.Wait()
		if got := s.text(t, "SELECT count(*) FROM installations"); got != "20" {
			t.Errorf("the device has %s titles", got)
		}
	})
}

func TestReportThatCannotBeStoredTakesNoOtherWithIt(t *testing.T) {
	each(t, func(t *testing.T, s intakeTest) {
		forbid := "ALTER TABLE devices ADD CONSTRAINT no_poison CHECK (name <> 'poison')"
		if s.db.Dialect() == store.SQLite {
			forbid = "CREATE TRIGGER no_poison BEFORE UPDATE ON devices WHEN NEW.name = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END"
		}
		if err := s.db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Exec(forbid).Error }); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 40 {
			m := s.enrol(t, "pc", identify.Evidence{Serial: fmt.Sprintf("SERIAL-%03d", i)})
			name := fmt.Sprint("good-", i)
			if i%10 == 0 {
				name = "poison"
			}
			body := encode(t, m.message(part(t, report.OK, &report.OS{Hostname: name})))
			all.Go(func() {
				_, err := s.Report(t.Context(), m.agent, "", body)
				if (name == "poison") != (err != nil) || fault.Of(err) != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		if got := s.text(t, "SELECT count(*) FROM devices WHERE name LIKE 'good-%'"); got != "36" {
			t.Errorf("%s good reports are stored", got)
		}
	})
}

func TestFullQueueSaysLater(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	s := intake.New(db, nil, nil, nil, intake.Options{Waiting: 2}) // it does not run
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for range 2 {
		if _, err := s.Checkin(ctx, intake.Agent{Device: 1}, protocol.Checkin{Digest: "x"}); !errors.Is(err, context.Canceled) {
			t.Errorf("a check-in whose caller leaves: %v", err)
		}
	}
	_, err := s.Checkin(ctx, intake.Agent{Device: 1}, protocol.Checkin{Digest: "x"})
	if found := fault.Of(err); found == nil || found.Kind != fault.Unavailable || found.RetryAfter == 0 {
		t.Errorf("a full queue: %v", err)
	}
}

func TestReportsComeCompressed(t *testing.T) {
	s := start(t, storetest.Open(t, store.SQLite), intake.Options{})
	m := s.enrol(t, "pc", evidence("A1"))
	for _, encoding := range []string{"gzip", "zstd", "identity", "GZIP"} {
		body := encode(t, m.message(part(t, report.OK, titles(10, encoding))))
		if _, err := s.Report(t.Context(), m.agent, encoding, compressed(t, encoding, body)); err != nil {
			t.Errorf("%s: %v", encoding, err)
		}
	}
	if _, err := s.Report(t.Context(), m.agent, "br", []byte("x")); !errors.Is(err, intake.ErrEncoding) {
		t.Errorf("an unknown encoding: %v", err)
	}
	for _, encoding := range []string{"gzip", "zstd"} {
		if _, err := s.Report(t.Context(), m.agent, encoding, []byte("nonsense")); !fault.Is(err, fault.Invalid) {
			t.Errorf("broken %s: %v", encoding, err)
		}
		whole := compressed(t, encoding, encode(t, m.message(part(t, report.OK, titles(10, "cut")))))
		if _, err := s.Report(t.Context(), m.agent, encoding, whole[:len(whole)/2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("half a %s: %v", encoding, err)
		}
		bomb := compressed(t, encoding, bytes.Repeat([]byte(" "), 100<<20))
		if _, err := s.Report(t.Context(), m.agent, encoding, bomb); !fault.Is(err, fault.TooLarge) {
			t.Errorf("100 MB in %d bytes of %s: %v", len(bomb), encoding, err)
		}
		just := []byte(strings.Repeat(" ", protocol.MaxReport-2) + "{}")
		if _, err := s.Report(t.Context(), m.agent, encoding, compressed(t, encoding, just)); !fault.Is(err, fault.Invalid) {
			t.Errorf("as large as may be, of %s: %v", encoding, err)
		}
	}
}

func compressed(t *testing.T, encoding string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	switch strings.ToLower(encoding) {
	case "gzip":
		writer := gzip.NewWriter(&out)
		if _, err := writer.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
	case "zstd":
		writer, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
	default:
		return body
	}
	return out.Bytes()
}
