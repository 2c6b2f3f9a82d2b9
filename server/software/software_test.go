package software_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/report"
)

func packages(versions ...string) (list []report.Package) {
	for i, version := range versions {
		list = append(list, report.Package{Title: fmt.Sprintf("title %d", i), Version: version, Publisher: "P", Source: "deb", SizeBytes: 5})
	}
	return list
}

func count(t *testing.T, db *store.DB, query string) (n int) {
	t.Helper()
	if err := db.Read(t.Context()).Raw(query).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReleaseIsStoredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first, err := software.NewInterner(db, 100).Keys(t.Context(), packages("1", "1", "2"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := software.NewInterner(db, 100).Keys(t.Context(), packages("1", "1", "2")) // another server
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" || slices.Contains(first, 0) {
			t.Errorf("numbers %v differ:\n%s", first, diff)
		}
		if _, err := software.NewInterner(db, 100).Keys(t.Context(), packages("9")); err != nil {
			t.Fatal(err)
		}
		got := []int{count(t, db, "SELECT count(*) FROM titles"), count(t, db, "SELECT count(*) FROM releases")}
		if diff := cmp.Diff([]int{3, 4}, got); diff != "" {
			t.Errorf("titles and releases:\n%s", diff)
		}
	})
}

func TestRememberedNumbersNeedNoDatabaseAndStayBounded(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	interner := software.NewInterner(db, 10)
	if _, complete := interner.Remembered(packages("1")); complete {
		t.Error("something is remembered before it is known")
	}
	want, err := interner.Keys(t.Context(), packages("1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, complete := interner.Remembered(packages("1")); !complete || got[0] != want[0] {
		t.Errorf("remembered %v, not %v", got, want)
	}
	for i := range 50 {
		if _, err := interner.Keys(t.Context(), packages(fmt.Sprint("other ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, complete := interner.Remembered(packages("1")); complete {
		t.Error("everything is remembered for ever")
	}
}

func TestServersThatMeetTheSameSoftwareAtOnceAgree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var list []report.Package
		for i := range 200 {
			list = append(list, report.Package{Title: fmt.Sprintf("title %03d", i), Version: "1"})
		}
		results := make([][]software.Key, 8)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() {
				mine := slices.Clone(list)
				if i%2 == 1 {
					slices.Reverse(mine)
				}
				keys, err := software.NewInterner(db, 1000).Keys(t.Context(), mine)
				if err != nil {
					t.Errorf("intern: %v", err)
				}
				if i%2 == 1 {
					slices.Reverse(keys)
				}
				results[i] = keys
			})
		}
		all.Wait()
		for _, keys := range results[1:] {
			if diff := cmp.Diff(results[0], keys); diff != "" {
				t.Fatalf("servers disagree:\n%s", diff)
			}
		}
	})
}

func TestLongNamesAreCutToWhatAnIndexHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		long := strings.Repeat("ü", 1000)
		_, err := software.NewInterner(db, 100).Keys(t.Context(), []report.Package{{Title: long, Version: long, Publisher: long, Edition: long, Arch: long, Source: long}})
		if err != nil {
			t.Error(err)
		}
	})
}

// install puts releases on devices of two units.
func install(t *testing.T, db *store.DB) {
	t.Helper()
	units := []string{uuid.NewString(), uuid.NewString()}
	keys, err := software.NewInterner(db, 100).Keys(t.Context(), append(packages("1", "1"), packages("2")...))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Tx(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertRows("units", "", store.Col("id", units).As("uuid"), store.Col("name", units), store.Col("path", units),
			store.Col("created_at", []time.Time{tx.Now, tx.Now})); err != nil {
			return err
		}
		if err := tx.InsertRows("devices", "", store.Col("id", []int32{1, 2, 3}), store.Col("uid", []string{uuid.NewString(), uuid.NewString(), uuid.NewString()}).As("uuid"),
			store.Col("unit_id", []string{units[0], units[0], units[1]}).As("uuid"), store.Col("name", []string{"a", "b", "c"}),
			store.Col("kind", []string{"other", "other", "other"}), store.Col("first_seen_at", []time.Time{tx.Now, tx.Now, tx.Now})); err != nil {
			return err
		}
		// Device 1 has both releases of the first title, which counts once.
		return tx.InsertRows("installations", "", store.Col("device_id", []int32{1, 1, 2, 3, 3}),
			store.Col("release_id", []int32{keys[0], keys[2], keys[0], keys[2], keys[1]}), store.Col("since", slices.Repeat([]time.Time{tx.Now}, 5)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCountsFollowInstallations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		install(t, db)
		counter := software.NewCounter(db, nil)
		recount := func(want ...int) {
			t.Helper()
			if _, err := counter.Recount(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := []int{
				count(t, db, "SELECT devices FROM titles WHERE name = 'title 0'"), count(t, db, "SELECT devices FROM titles WHERE name = 'title 1'"),
				count(t, db, "SELECT max(devices) FROM title_counts"), count(t, db, "SELECT count(*) FROM title_counts"),
				count(t, db, "SELECT r.devices FROM releases r JOIN titles t ON t.id = r.title_id WHERE t.name = 'title 0' AND r.version = '2'"),
				count(t, db, "SELECT count(*) FROM count_runs WHERE name = 'software'"),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("counts differ:\n%s", diff)
			}
		}
		recount(3, 1, 2, 3, 2, 1)
		recount(3, 1, 2, 3, 2, 1)
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Exec("DELETE FROM installations WHERE device_id = 3").Error })
		if err != nil {
			t.Fatal(err)
		}
		recount(2, 0, 2, 1, 1, 1)
	})
}

func TestChangesAreCountedSoon(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	install(t, db)
	counter := software.NewCounter(db, nil)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = counter.Run(ctx) }) // it only ever ends well
	counter.Changed()
	for deadline := time.Now().Add(10 * time.Second); count(t, db, "SELECT coalesce(max(devices), 0) FROM titles") != 3; {
		if time.Now().After(deadline) {
			t.Fatal("nothing was counted")
		}
	}
	stop()
	running.Wait()
}
