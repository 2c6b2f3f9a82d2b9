package store_test

import (
	"database/sql"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

func TestManyRowsAreWrittenReadAndDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const many = 250
		var names, publishers, uids []string
		var counts []int32
		var times []time.Time
		for i := range many {
			names = append(names, "title "+strconv.Itoa(i))
			publishers = append(publishers, "")
			uids = append(uids, uuid.NewString())
			counts = append(counts, int32(i))
			times = append(times, time.Date(2026, 11, 21, 1, 2, 3, 4000, time.UTC))
		}
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertRows("titles", "ON CONFLICT (name, publisher, source) DO NOTHING",
				store.Col("uid", uids).As("uuid"), store.Col("name", names), store.Col("publisher", publishers),
				store.Col("devices", counts), store.Col("first_seen_at", times)); err != nil {
				return err
			}
			if err := tx.DeleteRows("titles", store.Col("name", names[200:])); err != nil {
				return err
			}
			return tx.UpdateRows("titles", 1, store.Col("name", names[:200]), store.Col("publisher", names[:200]))
		})
		if err != nil {
			t.Fatal(err)
		}
		got, sum := 0, 0
		err = db.Tx(t.Context(), func(tx *store.Tx) error {
			found := func(rows *sql.Rows) error {
				var name, publisher string
				var seen time.Time
				if err := rows.Scan(&name, &publisher, &seen); err != nil {
					return err
				}
				if name != publisher || !seen.Equal(times[0]) {
					t.Errorf("read %q by %q, %s", name, publisher, seen)
				}
				got++
				return nil
			}
			query := "SELECT t.name, t.publisher, t.first_seen_at FROM v JOIN titles t ON t.name = v.name"
			if err := tx.EachMatch(query, []store.Column{store.Col("name", names)}, found); err != nil {
				return err
			}
			return tx.EachRow("SELECT devices FROM titles WHERE "+tx.Among("devices", 1), []any{tx.List([]int32{1, 2, 3, 240})},
				func(rows *sql.Rows) error {
					var count int
					err := rows.Scan(&count)
					sum += count
					return err
				})
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{200, 6}, []int{got, sum}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestManyRowsAreAppended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var devices, releases []int32
		var times []time.Time
		var days []*int32
		for i := range int32(250) {
			devices, releases, times = append(devices, 1), append(releases, i), append(times, db.Now())
			days = append(days, nil)
			if i%2 == 0 {
				days[i] = &i
			}
		}
		add := func(tx *store.Tx) error {
			return tx.AppendRows("installations", store.Col("device_id", devices), store.Col("release_id", releases),
				store.Col("since", times), store.Col("installed_on", days))
		}
		if err := db.Tx(t.Context(), add); err != nil {
			t.Fatal(err)
		}
		if err := db.Tx(t.Context(), add); err == nil {
			t.Error("the same rows are appended twice")
		}
		var count, sum int
		err := db.Read(t.Context()).Raw("SELECT count(*), sum(installed_on) FROM installations").Row().Scan(&count, &sum)
		if err != nil || count != 250 || sum != 125*124 {
			t.Errorf("%d rows, sum %d (%v)", count, sum, err)
		}
	})
}

func TestNoValueIsStoredAsNull(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		version, now := "1.2", db.Now()
		var null, notNull int64
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertRows("titles", "", store.Col("id", []int32{1}), store.Col("uid", []string{uuid.NewString()}).As("uuid"),
				store.Col("name", []string{"x"}), store.Col("first_seen_at", []time.Time{now})); err != nil {
				return err
			}
			return tx.InsertRows("releases", "", store.Col("title_id", []int32{1, 1}), store.Col("version", []string{"1", version}),
				store.Col("size_bytes", []*int64{nil, new(int64(5))}), store.Col("extra", []*string{nil, new(`{"a":1}`)}).As("json"),
				store.Col("first_seen_at", []time.Time{now, now}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context()).Raw("SELECT count(*) FROM releases WHERE size_bytes IS NULL AND extra IS NULL").Scan(&null).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context()).Raw("SELECT count(*) FROM releases WHERE size_bytes = 5 AND extra IS NOT NULL").Scan(&notNull).Error; err != nil {
			t.Fatal(err)
		}
		if null != 1 || notNull != 1 {
			t.Errorf("%d without, %d with values", null, notNull)
		}
	})
}
