package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/store"
	"holdfast/server/store/storetest/cluster"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// The benchmarks write as a server does, every commit on disk. Run them with
// a fixed number, such as -benchtime 3000x: each operation is one device.

func BenchmarkFirstReport(b *testing.B) {
	eachBench(b, func(b *testing.B, s intakeTest, server int) {
		agents := s.fleet(b, b.N)
		bodies := make([][]byte, b.N)
		pack, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		if err != nil {
			b.Fatal(err)
		}
		choose := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 20, 4999)
		for i := range bodies {
			bodies[i] = pack.EncodeAll(encode(b, realistic(b, i, choose)), nil)
		}
		var next atomic.Int64
		measure(b, server, 32, func() error {
			i := int(next.Add(1)) - 1
			_, err := s.Report(b.Context(), agents[i], "zstd", bodies[i])
			return err
		})
	})
}

func BenchmarkUnchangedCheckin(b *testing.B) {
	eachBench(b, func(b *testing.B, s intakeTest, server int) {
		agents := s.fleet(b, 10_000)
		err := s.db.Tx(b.Context(), func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET digest = 'AAAAAAAAAAAAAAAAAAAAAA'").Error
		})
		if err != nil {
			b.Fatal(err)
		}
		var next atomic.Int64
		measure(b, server, 256, func() error {
			_, err := s.Checkin(b.Context(), agents[int(next.Add(1))%len(agents)], protocol.Checkin{Digest: "AAAAAAAAAAAAAAAAAAAAAA"})
			return err
		})
	})
}

func BenchmarkReadReport(b *testing.B) {
	body := encode(b, realistic(b, 1, rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 20, 4999)))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := intake.ReadForBenchmark(body); err != nil {
			b.Fatal(err)
		}
	}
}

// realistic is a first report of 300 titles.
func realistic(b *testing.B, number int, choose *rand.Zipf) report.Report {
	b.Helper()
	sections := full(number)
	list := sections[len(sections)-1].(*report.Software)
	list.Packages = list.Packages[:0]
	seen := map[uint64]bool{}
	for len(list.Packages) < 300 {
		title := choose.Uint64()
		if seen[title] {
			title = rand.Uint64N(5000)
		}
		if seen[title] {
			continue
		}
		seen[title] = true
		list.Packages = append(list.Packages, report.Package{
			Title: fmt.Sprintf("package-with-a-name-%d", title), Version: fmt.Sprintf("%d.%d.%d-1", title%7, title%13, rand.IntN(3)),
			Arch: "amd64", Publisher: fmt.Sprintf("Maintainer Number %d", title%200), Source: "deb", InstalledOn: "2026-03-04", SizeBytes: int64(title * 1000),
		})
	}
	var parts []report.Part
	for _, section := range sections {
		parts = append(parts, part(b, report.OK, section))
	}
	return report.Report{
		ID: uuid.Must(uuid.NewV7()).String(), TakenAt: time.Now().UTC(), Agent: report.Agent{Version: "1.0", OS: "linux", Arch: "amd64"},
		Digest: report.StateDigest(parts), Sections: parts,
	}
}

// fleet makes enrolled devices at once.
func (s intakeTest) fleet(b *testing.B, size int) []intake.Agent {
	b.Helper()
	agents := make([]intake.Agent, size)
	var ids []int32
	var uids, units, names []string
	var hashes [][]byte
	var times []time.Time
	for i := range agents {
		secret := identity.NewSecret(identity.AgentPrefix)
		agents[i] = intake.Agent{Device: int32(i + 1), Credential: secret}
		ids, uids, units = append(ids, int32(i+1)), append(uids, uuid.NewString()), append(units, s.unit.String())
		names, hashes, times = append(names, "new"), append(hashes, secret.Hash()), append(times, s.db.Now())
	}
	err := s.db.Tx(b.Context(), func(tx *store.Tx) error {
		err := tx.InsertRows("devices", "", store.Col("id", ids), store.Col("uid", uids).As("uuid"), store.Col("unit_id", units).As("uuid"),
			store.Col("name", names), store.Col("kind", names), store.Col("first_seen_at", times))
		if err != nil {
			return err
		}
		return tx.InsertRows("device_contacts", "", store.Col("device_id", ids), store.Col("credential_hash", hashes),
			store.Col("enrolled_at", times), store.Col("seen_at", times))
	})
	if err != nil {
		b.Fatal(err)
	}
	return agents
}

// eachBench runs a benchmark on SQLite and on a durable PostgreSQL, whose
// process number it passes on.
func eachBench(b *testing.B, run func(b *testing.B, s intakeTest, server int)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) {
		run(b, start(b, open(b, "sqlite:"+filepath.Join(b.TempDir(), "holdfast.db")), intake.Options{}), 0)
	})
	b.Run("postgres", func(b *testing.B) {
		own, err := cluster.Start(b.Context(), cluster.Options{Durable: true})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := own.Stop(); err != nil {
				b.Error(err)
			}
		})
		conn, err := pgx.Connect(b.Context(), own.URL("postgres"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Exec(b.Context(), "CREATE DATABASE bench"); err != nil {
			b.Fatal(err)
		}
		if err := conn.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		server, err := own.PID()
		if err != nil {
			b.Fatal(err)
		}
		run(b, start(b, open(b, own.URL("bench")), intake.Options{}), server)
	})
}

func open(b *testing.B, url string) *store.DB {
	b.Helper()
	db, err := store.Open(b.Context(), url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	return db
}

// measure runs b.N operations, so many at once, and reports how many a second
// there were and what each cost in processor time, ours and PostgreSQL's.
func measure(b *testing.B, server, parallel int, operation func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ours, theirs := ownTime(b), timeOf(b, server)
	b.ResetTimer()
	done := make(chan error, parallel)
	for range parallel {
		go func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				if err := operation(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range parallel {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
	b.ReportMetric(float64((ownTime(b)-ours).Microseconds())/1000/float64(b.N), "own-cpu-ms/op")
	if server != 0 {
		b.ReportMetric(float64((timeOf(b, server)-theirs).Microseconds())/1000/float64(b.N), "db-cpu-ms/op")
	}
}

func ownTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// timeOf adds up the processor time of a process and its children.
func timeOf(b *testing.B, process int) (total time.Duration) {
	b.Helper()
	if process == 0 {
		return 0
	}
	entries, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(entry)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(after)
		own := filepath.Base(filepath.Dir(entry)) == strconv.Itoa(process)
		if len(fields) < 13 || fields[1] != strconv.Itoa(process) && !own {
			continue
		}
		for _, i := range []int{11, 12} {
			ticks, err := strconv.Atoi(fields[i])
			if err != nil {
				b.Fatal(err)
			}
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}
