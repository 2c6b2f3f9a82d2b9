package device_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

func TestPastDatesAreAnswered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertRows("installations", "", store.Col("device_id", []int32{1, 1, 2}), store.Col("release_id", []int32{10, 11, 12}),
				store.Col("since", []time.Time{day(1), day(5), day(1)})); err != nil {
				return err
			}
			return tx.InsertRows("installations_past", "", store.Col("device_id", []int32{1, 1, 1}), store.Col("release_id", []int32{20, 10, 21}),
				store.Col("since", []time.Time{day(2), day(10), day(3)}), store.Col("until", []time.Time{day(5), day(12), day(4)}))
		})
		if err != nil {
			t.Fatal(err)
		}
		for when, want := range map[time.Time][]int32{
			day(1).Add(-time.Second): nil, day(1): {10}, day(2): {10, 20}, day(3): {10, 20, 21}, day(4): {10, 20}, day(5): {10, 11}, day(20): {10, 11},
		} {
			got, err := device.InstalledAt(t.Context(), db, 1, when)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("on %s:\n%s", when, diff)
			}
		}
	})
}

func TestPartitionsAreMadeAheadAndOnce(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	for range 2 {
		if err := device.MakePartitions(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	var count int
	if err := db.Read(t.Context()).Raw("SELECT count(*) FROM pg_inherits WHERE inhparent IN ('device_changes'::regclass, 'installations_past'::regclass)").Scan(&count).Error; err != nil {
		t.Fatal(err)
	}
	if count != 10 { // four months and the default, twice
		t.Errorf("there are %d partitions", count)
	}
	// A month whose rows lie in the default partition stays there.
	month := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Exec("INSERT INTO device_changes (device_id, at, seq, section, action, subject) VALUES (1, ?, 0, '', 'changed', '')", month.AddDate(0, 0, 3)).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := device.MakePartition(t.Context(), db, "device_changes", "at", month); err != nil {
		t.Errorf("a month with rows: %v", err)
	}
	if err := device.MakePartitions(t.Context(), storetest.Open(t, store.SQLite)); err != nil {
		t.Errorf("SQLite: %v", err)
	}
}

func TestOldReportNumbersArePruned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.InsertRows("device_reports", "", store.Col("device_id", []int32{1, 2}),
				store.Col("report_id", []string{"01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"}).As("uuid"),
				store.Col("stored_at", []time.Time{tx.Now, tx.Now.Add(-device.KeepReports - time.Hour)}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := device.PruneReports(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var left []int32
		if err := db.Read(t.Context()).Raw("SELECT device_id FROM device_reports").Scan(&left).Error; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int32{1}, left); diff != "" {
			t.Error(diff)
		}
	})
}
