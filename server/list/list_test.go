package list_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"holdfast/server/fault"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// thing is a row of a table that only these tests know.
type thing struct {
	ID   int64
	Name string
	Size *int64
	Seen *time.Time
	Kind *string
	Flag *bool
	Day  *int64
}

func things() *list.Definition[thing] {
	return &list.Definition[thing]{
		Name:    "things",
		Select:  "t.id, t.name, t.size, t.seen, t.kind, t.flag, t.day",
		Scan:    func(t *thing) []any { return []any{&t.ID, &t.Name, &t.Size, &t.Seen, &t.Kind, &t.Flag, &t.Day} },
		From:    "things t",
		ID:      "t.id",
		IDKind:  list.Number,
		Default: "name",
		Search:  func(text string) list.Clause { return list.Contains("t.name", text) },
		Columns: []list.Column[thing]{
			{
				Field: list.Field{Key: "name", SQL: "t.name", Kind: list.Text, Sortable: true, Filterable: true, Shown: true},
				Value: func(t thing) any { return t.Name },
			},
			{
				Field: list.Field{Key: "size", SQL: "t.size", Kind: list.Bytes, Sortable: true, Filterable: true, Shown: true, Nullable: true},
				Value: func(t thing) any { return t.Size },
			},
			{
				Field: list.Field{Key: "seen", SQL: "t.seen", Kind: list.Time, Sortable: true, Filterable: true, Shown: true, Nullable: true},
				Value: func(t thing) any { return t.Seen },
			},
			{
				Field: list.Field{Key: "kind", SQL: "t.kind", Kind: list.Enum, Values: []string{"a", "b"}, Sortable: true, Filterable: true, Nullable: true},
				Value: func(t thing) any { return t.Kind },
			},
			{
				Field: list.Field{Key: "flag", SQL: "t.flag", Kind: list.Flag, Filterable: true, Nullable: true},
				Value: func(t thing) any { return t.Flag },
			},
			{
				Field: list.Field{Key: "day", SQL: "t.day", Kind: list.Date, Filterable: true, Nullable: true},
				Value: func(t thing) any {
					if t.Day == nil {
						return nil
					}
					return time.Unix(*t.Day*86400, 0).UTC()
				},
			},
		},
	}
}

// noon is a moment of the past to count from.
func noon() time.Time { return time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC) }

// fill makes the table with 20 rows: ties in every column, and gaps.
func fill(t *testing.T, db *store.DB) {
	t.Helper()
	when := "timestamptz"
	if db.Dialect() == store.SQLite {
		when = "datetime"
	}
	collate := ""
	if db.Dialect() == store.Postgres {
		collate = ` COLLATE "C"`
	}
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		err := tx.Exec("CREATE TABLE things (id integer PRIMARY KEY, name text NOT NULL" + collate +
			", size bigint, seen " + when + ", kind text" + collate + ", flag boolean, day integer)").Error
		if err != nil {
			return err
		}
		for i := range 20 {
			one := thing{Name: fmt.Sprintf("thing-%02d", i/2)}
			if i%4 != 0 {
				size, seen := int64(i/3)<<30, noon().AddDate(0, 0, -i/2)
				one.Size, one.Seen = &size, &seen
			}
			if i%3 != 0 {
				kind, flag, day := string(rune('a'+i%2)), i%2 == 0, int64(20_000+i)
				one.Kind, one.Flag, one.Day = &kind, &flag, &day
			}
			if err := add(tx, int64(i+1), one); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func add(tx *store.Tx, id int64, one thing) error {
	return tx.Exec("INSERT INTO things (id, name, size, seen, kind, flag, day) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, one.Name, one.Size, one.Seen, one.Kind, one.Flag, one.Day).Error
}

func parse(t *testing.T, address string) list.Query {
	t.Helper()
	values, err := url.ParseQuery(address)
	if err != nil {
		t.Fatal(err)
	}
	q, err := list.Parse(values, things())
	if err != nil {
		t.Fatalf("%s: %v %+v", address, err, fault.Of(err).Fields)
	}
	return q
}

func run(t *testing.T, db *store.DB, q list.Query) list.Page[thing] {
	t.Helper()
	page, err := list.Run(t.Context(), db, things(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func ids(page list.Page[thing]) []int64 {
	var ids []int64
	for _, one := range page.Items {
		ids = append(ids, one.ID)
	}
	return ids
}

func TestPagesFollowOneAnotherInBothDirections(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		for _, sort := range []string{"name", "-name", "size", "-size", "seen", "-seen", "kind", "-kind"} {
			t.Run(sort, func(t *testing.T) {
				whole := ids(run(t, db, parse(t, "limit=100&sort="+sort)))
				if len(whole) != 20 {
					t.Fatalf("%d rows", len(whole))
				}
				for limit := 1; limit <= 7; limit += 3 {
					walk(t, db, parse(t, fmt.Sprintf("limit=%d&sort=%s", limit, sort)), whole)
				}
			})
		}
	})
}

// walk goes to the last page and back, and compares with the whole list.
func walk(t *testing.T, db *store.DB, q list.Query, whole []int64) {
	t.Helper()
	var there, back []int64
	page := run(t, db, q)
	for {
		if want := len(there) + 1; page.From != want || page.Total != 20 || page.To != page.From+len(page.Items)-1 {
			t.Fatalf("page %d to %d of %d, want from %d", page.From, page.To, page.Total, want)
		}
		there = append(there, ids(page)...)
		if page.Next == "" {
			break
		}
		page = run(t, db, parse(t, q.After(page.Next).ToValues().Encode()))
	}
	if diff := cmp.Diff(whole, there); diff != "" {
		t.Fatalf("forward by %d:\n%s", q.Limit, diff)
	}
	for {
		back = append(back, reversed(ids(page))...)
		if page.From == 1 {
			break
		}
		from := page.From
		page = run(t, db, q.After(page.Previous))
		if page.To != from-1 && page.From != 1 {
			t.Fatalf("back from %d: page %d to %d", from, page.From, page.To)
		}
	}
	if page.Previous != "" {
		t.Error("the first page has one before it")
	}
	back = slices.Compact(back)
	if diff := cmp.Diff(reversed(whole), back); diff != "" && len(whole)%q.Limit == 0 {
		t.Fatalf("back by %d:\n%s", q.Limit, diff)
	}
}

func reversed(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestWhatIsNotKnownSortsLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		for _, sort := range []string{"size", "-size", "seen", "-seen"} {
			items := run(t, db, parse(t, "limit=100&sort="+sort)).Items
			for i, one := range items {
				if (one.Seen == nil) != (i >= 15) {
					t.Errorf("%s: row %d is %+v", sort, i, one)
				}
			}
		}
	})
}

func TestPageStaysWhenRowsArriveBeforeIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		q := parse(t, "limit=5")
		first := run(t, db, q)
		before := ids(run(t, db, q.After(first.Next)))
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return add(tx, 100, thing{Name: "a first one"}) })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, ids(run(t, db, q.After(first.Next)))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		for _, c := range []struct {
			query string
			want  []int64
		}{
			{"name=THING-03", []int64{7, 8}},
			{"name=ing-03,ing-04", []int64{7, 8, 9, 10}},
			{"name=ing-03&name=ing-04", []int64{7, 8, 9, 10}},
			{"name.is=thing-03", []int64{7, 8}},
			{"name.is=Thing-03", nil},
			{"name=%25", nil},
			{"name=_", nil},
			{"q=g-09", []int64{19, 20}},
			{"q=g-09&name=thing-08", nil},
			{"name.not=thing-0", nil},
			{"size=1GiB", []int64{4, 6}},
			{"size.from=6GiB", []int64{19, 20}},
			{"size.from=1GiB&size.to=1.5GiB", []int64{4, 6}},
			{"size.known=no", []int64{1, 5, 9, 13, 17}},
			{"size.not=0&name=thing-00,thing-01", []int64{1, 4}},
			{"seen.from=2026-11-10", []int64{2}},
			{"seen.to=2026-11-01", []int64{19, 20}},
			{"seen=2026-11-08", []int64{6}},
			{"seen.to=2026-11-01T12:00:00Z", []int64{19, 20}},
			{"seen.to=2026-11-01T11:59:59Z", nil},
			{"kind=a&name=thing-01", []int64{3}},
			{"kind=a,b&name=thing-01", []int64{3}},
			{"kind.not=a&name=thing-01", []int64{4}},
			{"flag=yes&name=thing-01", []int64{3}},
			{"flag.known=no&name=thing-01", []int64{4}},
			{"day.from=2024-10-23", []int64{20}},
			{"day=2024-10-22", nil},
			{"day=2024-10-21", []int64{18}},
			{"name.known=no", nil},
			{"name=&q=", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}},
		} {
			page := run(t, db, parse(t, c.query))
			if diff := cmp.Diff(c.want, ids(page)); diff != "" {
				t.Errorf("%s:\n%s", c.query, diff)
			}
			if page.Total != len(c.want) {
				t.Errorf("%s: total %d", c.query, page.Total)
			}
		}
	})
}

func TestAgesCountFromNow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		fresh := db.Now().Add(-time.Hour)
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return add(tx, 50, thing{Name: "fresh", Seen: &fresh}) })
		if err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string][]int64{
			"seen.from=-1d": {50}, "seen.from=-1h": nil, "seen.to=now&seen.from=-2h": {50}, "seen.from=%2B1d": nil,
		} {
			if diff := cmp.Diff(want, ids(run(t, db, parse(t, query)))); diff != "" {
				t.Errorf("%s:\n%s", query, diff)
			}
		}
	})
}

func TestLettersBeyondASCIIAreFoundInEitherCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return add(tx, 60, thing{Name: "Éloïse BÉRUBÉ"}) })
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"éloïse", "ÉLOÏSE", "Bérubé", "bÉrubÉ"} {
			if got := ids(run(t, db, parse(t, "name="+url.QueryEscape(text)))); len(got) != 1 || got[0] != 60 {
				t.Errorf("%s: %v", text, got)
			}
		}
	})
}

func TestWrongParametersAreNamed(t *testing.T) {
	for query, want := range map[string]string{
		"sort=colour":         "sort: fault.list.bad_sort",
		"sort=flag":           "sort: fault.list.bad_sort",
		"limit=0":             "limit: fault.list.bad_limit",
		"limit=501":           "limit: fault.list.bad_limit",
		"limit=many":          "limit: fault.list.bad_limit",
		"colour=red":          "colour: fault.list.bad_filter",
		"columns=name,colour": "columns: fault.list.bad_column",
		"name.like=x":         "name.like: fault.list.bad_relation",
		"name.from=x":         "name.from: fault.list.bad_relation",
		"size=big":            "size: fault.list.bad_bytes",
		"size.from=NaN":       "size.from: fault.list.bad_bytes",
		"seen.to=yesterday":   "seen.to: fault.list.bad_time",
		"seen.to=2026-02-30":  "seen.to: fault.list.bad_time",
		"seen.from=-d":        "seen.from: fault.list.bad_time",
		"kind=c":              "kind: fault.list.bad_value",
		"flag=perhaps":        "flag: fault.list.bad_flag",
		"size.known=perhaps":  "size.known: fault.list.bad_flag",
		"cursor=abc":          "cursor: fault.list.bad_cursor",
		"name=%00":            "name: fault.list.bad_text",
		"name=%ff":            "name: fault.list.bad_text",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = list.Parse(values, things())
		found := fault.Of(err)
		if found == nil || found.Kind != fault.Invalid || len(found.Fields) != 1 {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := found.Fields[0].Name + ": " + found.Fields[0].Key; got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestForgedCursorIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		next := run(t, db, parse(t, "limit=5")).Next
		for _, query := range []string{"sort=-name&cursor=" + next, "sort=size&cursor=" + next, "cursor=" + next[1:], "cursor=" + next + "AAAA"} {
			values, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := list.Parse(values, things()); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", query, err)
			}
		}
	})
}

func TestQueryIsWrittenAsItIsRead(t *testing.T) {
	for _, query := range []string{
		"columns=size%2Cname&kind=a%2Cb&limit=10&name.not=x&q=some+text&seen.to=-14d&sort=-size",
		`name=Dell%5C%2C+Inc.%2CLENOVO`, `name=CORP%5C%5Cjane`, "",
	} {
		q := parse(t, query)
		if got := q.ToValues().Encode(); got != query {
			t.Errorf("%s became %s", query, got)
		}
	}
	q := parse(t, "name=a&kind=b&cursor=")
	changed := q.Without(list.Filter{Key: "name"}).With(list.Filter{Key: "kind", Values: []string{"a"}}).Sorted("size").Sorted("size")
	if got := changed.ToValues().Encode(); got != "kind=a&sort=-size" {
		t.Errorf("changed: %s", got)
	}
	if got := q.ToValues().Encode(); got != "kind=b&name=a" {
		t.Errorf("the first query became %s", got)
	}
	if got := splitOne(t, `name=CORP\jane`); got != `CORP\jane` {
		t.Errorf("account: %s", got)
	}
}

func splitOne(t *testing.T, query string) string {
	t.Helper()
	filter, _ := parse(t, query).Filter("name", list.Matches)
	return strings.Join(filter.Values, "|")
}

func TestColumnsThatAReaderMayNotSeeAreNotThere(t *testing.T) {
	less := things().Without("size")
	for _, query := range []string{"size=1", "sort=size", "columns=size"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list.Parse(values, less); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestExportsHoldTheShownColumnsOfAllRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return add(tx, 99, thing{Name: `=cmd|"x", y`}) })
		if err != nil {
			t.Fatal(err)
		}
		q := parse(t, "columns=size,name,seen,kind,flag,day&sort=-size&limit=2")
		texts := list.Texts{
			Label: func(key string) string { return "<" + key + ">" },
			Value: func(_ list.Field, value string) string { return strings.ToUpper(value) },
			Zone:  time.FixedZone("", -5*60*60),
		}
		rows := list.Rows(t.Context(), db, things(), q)

		var text bytes.Buffer
		if err := list.CSV(&text, things(), q, rows, texts); err != nil {
			t.Fatal(err)
		}
		bare, marked := strings.CutPrefix(text.String(), "\ufeff")
		if !marked {
			t.Error("no byte order mark")
		}
		records, err := csv.NewReader(strings.NewReader(bare)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := [][]string{
			{"<column.things.size>", "<column.things.name>", "<column.things.seen>", "<column.things.kind>", "<column.things.flag>", "<column.things.day>"},
			{"6442450944", "thing-09", "2026-11-01T07:00:00-05:00", "B", "false", "2024-10-23"},
		}
		if diff := cmp.Diff(want, records[:2]); diff != "" {
			t.Error(diff)
		}
		if len(records) != 22 {
			t.Errorf("%d records", len(records))
		}
		if got := records[len(records)-1-5]; got[1] != `'=cmd|"x", y` {
			t.Errorf("formula: %q", got)
		}

		var book bytes.Buffer
		if err := list.XLSX(&book, things(), q, rows, texts); err != nil {
			t.Fatal(err)
		}
		checkBook(t, &book)
	})
}

func checkBook(t *testing.T, book io.Reader) {
	t.Helper()
	read, err := excelize.OpenReader(book)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	sheet := read.GetSheetName(0)
	rows, err := read.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 22 {
		t.Errorf("%d rows", len(rows))
	}
	want := []string{"6,442,450,944", "thing-09", "2026-11-01 07:00:00", "B", "FALSE", "2024-10-23"}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	panes, err := read.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes: %+v, %v", panes, err)
	}
	if kind, err := read.GetCellType(sheet, "A2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a size is %v, %v", kind, err)
	}
}
