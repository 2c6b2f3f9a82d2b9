package inventory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/report"
)

// filled gives a reader of 200 made-up devices, ten in each unit.
func filled(t *testing.T, db *store.DB) *inventory.Reader {
	t.Helper()
	err := inventorytest.Fill(t.Context(), db, inventorytest.Size{Devices: 200, Titles: 300, Each: 8, Changes: 3})
	if err != nil {
		t.Fatal(err)
	}
	return inventory.New(db)
}

// as is a context in which somebody with a role in a unit acts.
func as(t *testing.T, role identity.Role, unit int) context.Context {
	t.Helper()
	reach := identity.Scope{All: unit == 0}
	if unit != 0 {
		reach.Units = []identity.UnitID{inventorytest.Unit(unit)}
	}
	return identity.WithActor(t.Context(), identity.Actor{
		Kind: identity.UserKind, Grants: []identity.Grant{{Role: role, UnitID: inventorytest.Unit(unit), Reach: reach}},
	})
}

func devices(t *testing.T, ctx context.Context, reader *inventory.Reader, address string) list.Page[inventory.Device] {
	t.Helper()
	values, err := url.ParseQuery(address)
	if err != nil {
		t.Fatal(err)
	}
	q, err := list.Parse(values, inventory.DeviceColumns(ctx))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	page, err := reader.Devices(ctx, q)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return page
}

func TestDevicesAreFoundByAnyNotation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.HelpDesk, 0)
		const want = "PC-000000000042"
		one := devices(t, ctx, reader, "name.is="+want).Items[0]
		if one.MAC != "02:00:00:00:00:2a" || one.Address != "10.0.0.42" || one.OS() != "Windows 11 Pro 22H2" {
			t.Fatalf("made %+v", one)
		}
		for _, query := range []string{
			"mac=02-00-00-00-00-2A", "mac=0200.0000.002a", "mac=02000000002a", "mac=02:00:00:00:00:2a",
			"address=10.0.0.42", "q=pc-000000000042", "q=0042&name.not=x", "q=" + one.LastUser, "q=02-00-00-00-00-2a",
			"serial.is=" + one.Serial, "q=" + url.QueryEscape(strings.ToLower(one.Serial)),
			"asset_tag.known=yes&name=0042", "os=22h2&kind=laptop&name=00000042",
			"q=" + url.QueryEscape(one.LastUser+" model"),
		} {
			if query == "asset_tag.known=yes&name=0042" {
				if got := devices(t, ctx, reader, query).Total; got != 1 {
					t.Errorf("%s: %d", query, got)
				}
				continue
			}
			if got := devices(t, ctx, reader, query).Items; len(got) != 1 || got[0].Name != want {
				t.Errorf("%s: %+v", query, got)
			}
		}
	})
}

func TestDevicesOfAUnitIncludeThoseBelow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.HelpDesk, 0)
		for query, want := range map[string]int{
			"unit=" + inventorytest.Unit(0).String():                 200,
			"unit=" + inventorytest.Unit(3).String():                 10,
			"unit=unit+000000000003":                                 10,
			"unit.not=" + inventorytest.Unit(3).String():             190,
			"unit=" + inventorytest.Unit(99).String():                0,
			"kind=laptop&restart_required=yes&security_updates.to=9": 6,
		} {
			if got := devices(t, ctx, reader, query).Total; got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
		}
	})
}

func TestSearchRanksTheBestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.HelpDesk, 0)
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.Exec(`INSERT INTO device_keys (device_id, kind, value) VALUES (7, 'name', 'pc-0000000000'), (9, 'model', 'pc-0000000000 mini'),
				(11, 'address', '2001:db8::1'), (11, 'user', 'andré')`).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{
			"PC-0000000000":               "7 name 1",
			" pc-0000000000  MINI":        "9 model 1",
			"2001:0db8:0000::1":           "11 address 1",
			"02-00-00-00-00-2A":           "42 mac 1",
			"0200.0000.00":                "1 mac 2",
			"10.0.0.42":                   "42 address 1",
			"ANDRÉ":                       "11 user 1",
			"model 10.0.0.42":             "42 address 3",
			"no such thing":               "",
			"x":                           "",
			strings.Repeat("very ", 1000): "",
		} {
			found, err := reader.Search(ctx, text, 5)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(found.Devices) > 0 {
				hit := found.Devices[0]
				got = fmt.Sprintf("%d %s %d", hit.Key, hit.By, hit.Rank)
			}
			if got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
		found, err := reader.Search(ctx, "title 0000", 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Titles) != 5 || found.Titles[0].Devices < found.Titles[4].Devices {
			t.Errorf("titles %+v", found.Titles)
		}
	})
}

func TestOverviewCountsWhatTheActorSees(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader := filled(t, db)
		all, err := reader.Overview(as(t, identity.Committee, 0))
		if err != nil {
			t.Fatal(err)
		}
		if all.Devices != 200 || all.RestartRequired != 18 || all.SecurityUpdates != 29 || len(all.Changes) != 0 || all.Silent+all.SeenLately > 200 {
			t.Errorf("overview %+v", all)
		}
		kinds := []inventory.Share{{Value: "desktop", Devices: 131}, {Value: "laptop", Devices: 66}, {Value: "server", Devices: 3}}
		if diff := cmp.Diff(kinds, all.ByKind); diff != "" {
			t.Error(diff)
		}
		sum := 0
		for _, share := range all.BySystem {
			sum += share.Devices
		}
		if sum != 200 {
			t.Errorf("systems add up to %d", sum)
		}
		local, err := reader.Overview(as(t, identity.HelpDesk, 2))
		if err != nil {
			t.Fatal(err)
		}
		if local.Devices != 10 || len(local.Changes) != 15 || local.Changes[0].At.Before(local.Changes[14].At) {
			t.Errorf("local overview %+v", local)
		}
	})
}

func TestOverviewFollowsTheDevicesOnceTheyAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.Administrator, 0)
		before, err := reader.Overview(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.Exec("UPDATE devices SET restart_required = TRUE, security_updates = 0, os_name = 'FreeBSD', os_version = NULL WHERE id <= 100").Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE devices SET kind = 'tablet' WHERE kind = 'server'").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time nothing differs
			if err := device.Count(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		after, err := reader.Overview(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if after.Devices != 200 || after.RestartRequired <= before.RestartRequired || after.SecurityUpdates >= before.SecurityUpdates ||
			!slices.Contains(after.BySystem, inventory.Share{Value: "FreeBSD", Devices: 100}) || !slices.Contains(after.ByKind, inventory.Share{Value: "tablet", Devices: 3}) ||
			slices.ContainsFunc(after.ByKind, func(s inventory.Share) bool { return s.Value == "server" }) {
			t.Errorf("overview %+v", after)
		}
		for query, want := range map[string]int{"restart_required=yes": after.RestartRequired, "security_updates.from=1": after.SecurityUpdates} {
			if got := devices(t, ctx, reader, query).Total; got != want {
				t.Errorf("%s: %d, the overview says %d", query, got, want)
			}
		}
	})
}

func TestFiguresLinkToListsOfTheSameLength(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.Administrator, 0)
		o, err := reader.Overview(ctx)
		if err != nil {
			t.Fatal(err)
		}
		silent, err := reader.LongestSilent(ctx, 3)
		if err != nil || len(silent) != 3 {
			t.Fatalf("%d are silent longest, %v", len(silent), err)
		}
		listed := devices(t, ctx, reader, "last_seen.to=-14d&sort=last_seen").Items
		for i, one := range silent {
			if one.ID != listed[i].ID {
				t.Errorf("%s is silent longest at place %d, the list has %s", one.Name, i+1, listed[i].Name)
			}
		}
		for query, want := range map[string]int{
			"": o.Devices, "last_seen.from=-24h": o.SeenLately, "last_seen.to=-14d": o.Silent, "restart_required=yes": o.RestartRequired,
			"security_updates.from=1": o.SecurityUpdates, "first_seen.from=-7d": o.FirstSeenLately,
		} {
			if got := devices(t, ctx, reader, query).Total; got != want {
				t.Errorf("%s: %d, the overview says %d", query, got, want)
			}
		}
	})
}

func TestSectionsAreReadAsTheirTypes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.Manager, 0)
		memory, err := json.Marshal(report.Memory{TotalBytes: 8 << 30, Slots: 2})
		if err != nil {
			t.Fatal(err)
		}
		one := devices(t, ctx, reader, "limit=1").Items[0]
		err = db.Tx(t.Context(), func(tx *store.Tx) error {
			for name, facts := range map[string]any{"zebra": "{}", "user": `{"last": {"login": "a"}}`, "memory": string(memory), "os": nil} {
				err := tx.Exec("INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, ?, 'h', 'ok', ?, ?)",
					one.Key, name, tx.Now, facts).Error
				if err != nil {
					return err
				}
			}
			return tx.Exec("INSERT INTO device_changes (device_id, at, seq, section, action, subject) VALUES (?, ?, 1, 'user', 'changed', '')", one.Key, tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		sections, err := reader.Sections(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, section := range sections {
			names = append(names, section.Name)
		}
		if diff := cmp.Diff([]string{"os", "memory", "zebra"}, names); diff != "" { // no user for a manager
			t.Error(diff)
		}
		if got, err := inventory.Decode[report.Memory](sections); err != nil || got.Slots != 2 {
			t.Errorf("memory %+v, %v", got, err)
		}
		if got, err := inventory.Decode[report.OS](sections); err != nil || got.Family != "" {
			t.Errorf("os %+v, %v", got, err)
		}
		summary, err := reader.Device(ctx, one.ID)
		if err != nil || summary.Counts.Changes != 3 {
			t.Errorf("summary %+v, %v", summary.Counts, err)
		}
		if changes, err := reader.Changes(ctx, one.ID, list.Query{}); err != nil || changes.Total != 3 {
			t.Errorf("%d changes, %v", changes.Total, err)
		}
		desk := as(t, identity.HelpDesk, 0)
		if changes, err := reader.Changes(desk, one.ID, list.Query{}); err != nil || changes.Total != 4 {
			t.Errorf("%d changes for the help desk, %v", changes.Total, err)
		}
	})
}

func TestExportsNeedTheirPermission(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader := filled(t, db)
		rows, err := reader.ExportDevices(as(t, identity.HelpDesk, 4), list.Query{})
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		if count != 10 {
			t.Errorf("%d rows", count)
		}
		if _, err := reader.ExportDevices(as(t, identity.Committee, 0), list.Query{}); !fault.Is(err, fault.Denied) {
			t.Errorf("the committee exports devices: %v", err)
		}
		if _, err := reader.Devices(as(t, identity.Requester, 0), list.Query{}); !fault.Is(err, fault.Denied) {
			t.Errorf("a requester lists devices: %v", err)
		}
		if _, err := reader.Device(as(t, identity.HelpDesk, 0), device.ID{}); !fault.Is(err, fault.Missing) {
			t.Errorf("no device: %v", err)
		}
	})
}

func TestCountsOfPartOfTheOrganisationAddUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader := filled(t, db)
		everywhere, here := as(t, identity.OfficeSystems, 0), as(t, identity.OfficeSystems, 5)
		titles, err := reader.Titles(everywhere, list.Query{Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		one := titles.Items[0]
		if one.Devices != 200 {
			t.Fatalf("title %+v", one)
		}
		local, versions, err := reader.Title(here, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		held := int64(0)
		for _, version := range versions {
			held += version.Devices
		}
		holders, err := reader.Holders(here, one.ID, list.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if local.Devices != 10 || held != 10 || holders.Total != 10 || holders.Items[0].Version == "" {
			t.Errorf("title on %d, versions on %d, %d holders", local.Devices, held, holders.Total)
		}
		if page, err := reader.Titles(here, list.Query{}); err != nil || page.Total == 0 || page.Items[0].Devices != 10 {
			t.Errorf("titles here: %+v, %v", page, err)
		}
	})
}

// TestEveryOrderHasAnIndex asks the databases how they would read the first
// page in each order that a list offers: never by sorting all rows.
func TestEveryOrderHasAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := inventorytest.Fill(t.Context(), db, inventorytest.Size{Devices: 2000, Titles: 2000, Each: 5, Changes: 2}); err != nil {
			t.Fatal(err)
		}
		ctx := as(t, identity.Administrator, 0)
		checkOrders(ctx, t, db, inventory.DeviceColumns(ctx))
		checkOrders(ctx, t, db, inventory.TitleColumns(ctx))
	})
}

func checkOrders[R any](ctx context.Context, t *testing.T, db *store.DB, d *list.Definition[R]) {
	t.Helper()
	for _, field := range d.Fields() {
		if !field.Sortable {
			continue
		}
		for _, descending := range []bool{false, true} {
			q := list.Query{Sort: list.Sort{Key: field.Key, Descending: descending}}
			query, args, err := list.Statement(ctx, db, d, q)
			if err != nil {
				t.Fatal(err)
			}
			plan := explain(ctx, t, db, query, args)
			if sorts := strings.Contains(plan, "> Sort  ") || strings.Contains(plan, "USE TEMP B-TREE FOR ORDER BY"); sorts {
				t.Errorf("%s by %s sorts all rows:\n%s", d.Name, q.Sort, plan)
			}
		}
	}
}

// explain is how the database would go about a query. PostgreSQL is told to
// avoid sorting, which on a small table it might otherwise prefer.
func explain(ctx context.Context, t *testing.T, db *store.DB, query string, args []any) string {
	t.Helper()
	var lines []string
	err := db.Tx(ctx, func(tx *store.Tx) error {
		if db.Dialect() == store.Postgres {
			for _, setting := range []string{"enable_sort", "enable_seqscan"} {
				if err := tx.Exec("SET LOCAL " + setting + " = off").Error; err != nil {
					return err
				}
			}
			return tx.Raw("EXPLAIN "+query, args...).Scan(&lines).Error
		}
		rows, err := tx.Raw("EXPLAIN QUERY PLAN "+query, args...).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			lines = append(lines, detail)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestTimesComeBackInUTC(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		reader, ctx := filled(t, db), as(t, identity.HelpDesk, 0)
		for _, one := range devices(t, ctx, reader, "limit=5").Items {
			for name, when := range map[string]time.Time{"last seen": one.LastSeen, "first seen": one.FirstSeen, "started": one.BootedAt} {
				if when.IsZero() || when.After(db.Now()) {
					t.Errorf("%s: %s", name, when)
				}
			}
		}
	})
}
