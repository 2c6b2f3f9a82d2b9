package health_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

const day = 24 * time.Hour

func query(t testing.TB, text string) list.Query {
	t.Helper()
	q, err := list.Parse(must(url.ParseQuery(text)), health.AlertColumns(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

func TestFullDiskIsOneAlertFromTheFirstWarningToTheEnd(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, uid := f.device(t, "pc-1", device.Desktop, "North")
		f.reports(t, pc, disk(15))
		if len(f.alerts(t)) != 0 {
			t.Fatal("raised before it lasted")
		}
		f.pass(31 * time.Minute)
		f.says(t, pc, report.OK) // a check-in, nothing new
		f.due(t)
		alerts := f.alerts(t)
		if len(alerts) != 1 || alerts[0].Severity != health.Warn || alerts[0].DeviceName != "pc-1" || alerts[0].Subject != "C:" || alerts[0].Args["FreeBytes"] != int64(15*gib) {
			t.Fatalf("%+v", alerts)
		}
		first := alerts[0]
		for _, free := range []float64{5, 8, 4, 11, 18, 29} { // noise around the limits
			f.pass(20 * time.Minute)
			f.reports(t, pc, disk(free))
		}
		alerts = f.alerts(t)
		if len(alerts) != 1 || alerts[0].ID != first.ID || alerts[0].State != health.Open || alerts[0].Count != 7 {
			t.Fatalf("%+v", alerts)
		}
		if found, err := f.Device(f.ctx, uid); err != nil || found.Level != health.Warn || found.Check != "disk_space" || len(found.Volumes) != 1 || len(found.Alerts) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		f.pass(time.Hour)
		f.reports(t, pc, disk(80))
		alerts = f.alerts(t)
		if alerts[0].State != health.Resolved || alerts[0].ResolvedBecause != health.Cleared {
			t.Fatalf("%+v", alerts[0])
		}
		history, err := f.History(f.ctx, first.ID)
		var actions []health.Action
		for _, one := range history {
			actions = append(actions, one.Action)
		}
		if want := []health.Action{health.Raised, health.Worsened, health.Eased, health.ClearedAway}; err != nil || !slices.Equal(actions, want) {
			t.Errorf("%v, %v; want %v", actions, err, want)
		}
		var topics []string
		for _, one := range *f.said {
			topics = append(topics, one.topic)
			if one.event.Alert != first.ID.String() || one.event.Device != pc {
				t.Errorf("%+v", one)
			}
		}
		if want := []string{"alert.raised", "alert.raised", "alert.raised", "alert.cleared"}; !slices.Equal(topics, want) {
			t.Errorf("%v, want %v", topics, want)
		}
	})
}

func TestDeniedSectionAndSilenceChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, uid := f.device(t, "pc-1", device.Desktop, "North")
		f.reports(t, pc, disk(15))
		f.pass(time.Hour)
		f.says(t, pc, report.OK)
		f.due(t)
		f.says(t, pc, report.Denied, &report.Storage{})
		f.heard(t, pc, "storage")
		f.pass(5 * day)
		f.due(t)
		alerts := f.alerts(t)
		if len(alerts) != 1 || alerts[0].State != health.Open {
			t.Fatalf("%+v", alerts)
		}
		if found := must(f.Device(f.ctx, uid)); found.Level != health.Unknown {
			t.Errorf("the verdict on a device that is not heard from: %+v", found.Verdict)
		}
		f.says(t, pc, report.OK, disk(15)) // it is back; no message, a mere check-in
		f.due(t)
		if found := must(f.Device(f.ctx, uid)); found.Level != health.Warn {
			t.Errorf("the verdict on a device that is back: %+v", found.Verdict)
		}
	})
}

func TestSilenceIsNoticedByTheClock(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		server, _ := f.device(t, "srv-1", device.Server, "North")
		pc, _ := f.device(t, "pc-1", device.Laptop, "North")
		f.reports(t, server, disk(100))
		f.reports(t, pc, disk(100))
		f.pass(time.Hour)
		f.due(t)
		if len(f.alerts(t)) != 0 {
			t.Fatal("an hour of silence is none")
		}
		f.pass(2 * time.Hour)
		f.due(t)
		alerts := f.alerts(t)
		if len(alerts) != 1 || alerts[0].Check != "server_silent" || alerts[0].Severity != health.Warn {
			t.Fatalf("%+v", alerts)
		}
		f.says(t, server, report.OK) // a check-in
		f.due(t)
		if alerts := f.alerts(t); alerts[0].State != health.Resolved {
			t.Fatalf("%+v", alerts)
		}
		f.pass(15 * day)
		f.says(t, server, report.OK)
		f.due(t)
		alerts = f.alerts(t)
		if len(alerts) != 2 || alerts[1].Check != "device_silent" {
			t.Fatalf("%+v", alerts)
		}
	})
}

func TestServerThatHasJustStartedCallsNobodySilent(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		server, _ := f.device(t, "srv-1", device.Server, "North")
		f.reports(t, server, disk(100))
		f.pass(2 * day)
		late := health.New(f.db, func(*store.Tx, string, string, any) error { return nil }, health.Options{})
		if err := late.Due(f.ctx); err != nil {
			t.Fatal(err)
		}
		if alerts := f.alerts(t); len(alerts) != 0 {
			t.Fatalf("%+v", alerts)
		}
		f.pass(2 * time.Hour)
		if err := late.Due(f.ctx); err != nil {
			t.Fatal(err)
		}
		if alerts := f.alerts(t); len(alerts) != 1 {
			t.Fatalf("%+v", alerts)
		}
	})
}

func TestWaitingRestartAndUpdatesAreCountedFromTheirFirstDay(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, _ := f.device(t, "pc-1", device.Desktop, "North")
		f.reports(t, pc, updates(true, "openssl"))
		for range 14 { // every day another update, and the old one stays
			f.pass(day)
			f.reports(t, pc, updates(true, "openssl", "u"+f.now.Format("02")))
		}
		byCheck := map[string]health.Row{}
		for _, alert := range f.alerts(t) {
			byCheck[alert.Check] = alert
		}
		restart, security := byCheck["restart_pending"], byCheck["security_updates"]
		if len(byCheck) != 2 || restart.Args["Days"] != int64(14) || security.Args["Title"] != "openssl" || security.Args["Days"] != int64(14) {
			t.Fatalf("%+v", byCheck)
		}
		f.pass(day)
		f.reports(t, pc, updates(false, "u-new"))
		for _, alert := range f.alerts(t) {
			if alert.State != health.Resolved {
				t.Errorf("%+v", alert)
			}
		}
		for range 40 { // a device that is updated every other day
			f.pass(2 * day)
			f.reports(t, pc, updates(false, "v"+f.now.Format("0102")))
		}
		if alerts := f.alerts(t); len(alerts) != 2 {
			t.Errorf("%d alerts; there is always something new, but never for long", len(alerts))
		}
	})
}

func TestTimeAloneRaisesWhatIsDatedAhead(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, _ := f.device(t, "pc-1", device.Desktop, "North")
		f.tx(t, func(tx *store.Tx) error {
			return tx.Exec(`INSERT INTO assets (id, tag, kind, status, unit_id, warranty_ends_on, device_id, created_at, updated_at) VALUES (?, 'A-1', 'desktop', 'in_use', ?, ?, ?, ?, ?)`,
				id.New[device.Mark](), f.units["North"].ID, f.now.Add(100*day).Unix()/86400, pc, tx.Now, tx.Now).Error
		})
		f.reports(t, pc, &report.OS{ID: "debian", Version: "11.9", Family: "linux"}) // until 2026-08-31
		for range 250 {
			f.pass(day)
			f.says(t, pc, report.OK)
			f.due(t)
		}
		alerts := f.alerts(t)
		if len(alerts) != 2 || alerts[0].Check != "warranty_ending" || alerts[1].Check != "system_support" {
			t.Fatalf("%+v", alerts)
		}
		if alerts[0].State != health.Resolved || alerts[1].State != health.Open || alerts[1].Severity != health.Crit {
			t.Errorf("%+v", alerts)
		}
		if want := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC); alerts[1].FirstSeenAt.Sub(want).Abs() > 2*day {
			t.Errorf("first seen %s, want about %s", alerts[1].FirstSeenAt, want)
		}
	})
}

func TestForecastIsRaisedBeforeTheDiskIsFull(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, _ := f.device(t, "pc-1", device.Desktop, "North")
		for i := range 25 {
			f.reports(t, pc, disk(120-3*float64(i)))
			f.pass(day)
		}
		alerts := f.alerts(t)
		if len(alerts) != 1 || alerts[0].Check != "disk_trend" || alerts[0].Args["Days"].(int64) > 30 {
			t.Fatalf("%+v", alerts)
		}
	})
}

func TestSwitchedOffCheckClosesItsAlerts(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, _ := f.device(t, "pc-1", device.Laptop, "North")
		f.reports(t, pc, &report.Security{DiskEncryption: "off"})
		f.pass(25 * time.Hour)
		f.says(t, pc, report.OK)
		f.due(t)
		if len(f.alerts(t)) != 1 {
			t.Fatal("not raised")
		}
		check := must(f.Check(f.ctx, "encryption_off"))
		if _, err := f.SetCheck(f.ctx, "encryption_off", health.Setting{Limits: check.Limits, Hold: check.Hold}); err != nil {
			t.Fatal(err)
		}
		f.due(t)
		if alert := f.alerts(t)[0]; alert.State != health.Resolved || alert.ResolvedBecause != health.Disabled {
			t.Errorf("%+v", alert)
		}
	})
}

func TestLimitsAreThoseThatAdministratorsSet(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		wanted := health.Setting{Enabled: true, Limits: health.Limits{Warn: &health.Limit{Raise: 60, Clear: 70}, Crit: &health.Limit{Raise: 5, Clear: 8}}}
		_, err := f.SetCheck(f.as(identity.Servers, "North"), "disk_space", wanted)
		wants(t, err, fault.Denied)
		_, err = f.SetCheck(f.as(identity.Administrator, "North"), "disk_space", wanted) // they hold for the South, too
		wants(t, err, fault.Denied)
		_, err = f.SetCheck(f.ctx, "no_such", wanted)
		wants(t, err, fault.Missing)
		_, err = f.SetCheck(f.ctx, "disk_space", health.Setting{Enabled: true, Limits: health.Limits{Warn: &health.Limit{Raise: 70, Clear: 60}}})
		wants(t, err, fault.Invalid)
		changed, err := f.SetCheck(f.ctx, "disk_space", wanted)
		if err != nil || changed.Limits.Warn.Raise != 60 || changed.ChangedBy != "root" {
			t.Fatalf("%+v, %v", changed, err)
		}
		pc, _ := f.device(t, "pc-1", device.Desktop, "North")
		f.reports(t, pc, disk(110)) // 55 %
		if alerts := f.alerts(t); len(alerts) != 1 || alerts[0].Check != "disk_space" {
			t.Errorf("%+v", alerts)
		}
		var audited int
		f.tx(t, func(tx *store.Tx) error {
			return tx.Raw("SELECT COUNT(*) FROM audit_entries WHERE action = 'check.changed' AND object_id = 'disk_space'").Scan(&audited).Error
		})
		if audited != 1 {
			t.Errorf("audited %d times", audited)
		}
	})
}

// twoAlerts is an estate with an open alert in each unit.
func twoAlerts(t *testing.T, f fleet) (north, south health.Row) {
	t.Helper()
	for _, in := range []string{"North", "South"} {
		pc, _ := f.device(t, "pc-"+in, device.Desktop, in)
		f.reports(t, pc, disk(5))
		f.pass(31 * time.Minute)
		f.says(t, pc, report.OK)
		f.due(t)
	}
	all := f.alerts(t)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	return all[0], all[1]
}

func TestAlertsOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		north, south := twoAlerts(t, f)
		desk := f.as(identity.HelpDesk, "North")
		page, err := f.Alerts(desk, query(t, ""))
		if err != nil || page.Total != 1 || page.Items[0].ID != north.ID || page.Items[0].Unit != "North" {
			t.Fatalf("%+v, %v", page, err)
		}
		_, err = f.Get(desk, south.ID)
		wants(t, err, fault.Missing)
		_, err = f.History(desk, south.ID)
		wants(t, err, fault.Missing)
		wants(t, f.Acknowledge(desk, "", north.ID, south.ID), fault.Missing)
		wants(t, f.Snooze(desk, f.now.Add(day), "", south.ID), fault.Missing)
		if seen := must(f.Get(f.ctx, north.ID)); !seen.AcknowledgedAt.IsZero() {
			t.Error("half of a deed was done")
		}
		verdicts := must(f.Verdicts(desk, north.Device, south.Device))
		if len(verdicts) != 1 || verdicts[north.Device].Check != "disk_space" {
			t.Errorf("%+v", verdicts)
		}
		causes := must(f.Causes(desk))
		if len(causes) != 1 || causes[0] != (health.Cause{Check: "disk_space", Severity: health.Crit, Alerts: 1, Devices: 1}) {
			t.Errorf("%+v", causes)
		}
		wants(t, f.Acknowledge(f.as(identity.Manager, "North"), "", north.ID), fault.Denied)
		_, err = f.Alerts(f.as(identity.Committee, "North"), query(t, ""))
		wants(t, err, fault.Denied)
	})
}

func TestAcknowledgedAndSnoozedAlertsStayOpen(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		north, south := twoAlerts(t, f)
		desk := f.as(identity.HelpDesk, "North")
		if err := f.Acknowledge(desk, "Larger drive ordered.", north.ID); err != nil {
			t.Fatal(err)
		}
		if err := f.Snooze(f.ctx, f.now.Add(2*day), "", south.ID); err != nil {
			t.Fatal(err)
		}
		seen := must(f.Get(f.ctx, north.ID))
		if seen.State != health.Open || seen.AcknowledgedAs != "helpdesk" || seen.AcknowledgedAt.IsZero() {
			t.Errorf("%+v", seen)
		}
		count := func(text string) int {
			q, err := list.Parse(must(url.ParseQuery(text)), f.Columns())
			if err != nil {
				t.Fatal(err)
			}
			return must(f.CountAlerts(f.ctx, q))
		}
		for text, want := range map[string]int{"": 2, "state=open": 2, "acknowledged=yes": 1, "snoozed=no": 1, "snoozed=yes": 1, "device=pc-north": 1, "unit=South": 1, "severity=warn": 0, "check=disk_space": 2, "q=pc-s": 1, "state=resolved": 0, "first_seen.to=-1d": 0} {
			if got := count(text); got != want {
				t.Errorf("%q: %d, want %d", text, got, want)
			}
		}
		f.reports(t, north.Device, disk(4)) // seeing it again forgets nothing
		if seen := must(f.Get(f.ctx, north.ID)); seen.AcknowledgedAt.IsZero() || seen.Args["FreeBytes"] != int64(4*gib) {
			t.Errorf("%+v", seen)
		}
		f.pass(3 * day)
		if got := count("snoozed=yes"); got != 0 {
			t.Errorf("%d still sleep after their time", got)
		}
		f.reports(t, north.Device, disk(90))
		wants(t, f.Acknowledge(desk, "", north.ID), fault.Conflict)
		wants(t, f.Snooze(desk, f.now.Add(-day), "", south.ID), fault.Invalid)
		if err := f.Wake(f.ctx, south.ID); err != nil {
			t.Error(err)
		}
		history := must(f.History(f.ctx, north.ID))
		if at := slices.IndexFunc(history, func(h health.Happening) bool { return h.Action == health.Acknowledged }); at < 0 || history[at].Note != "Larger drive ordered." || history[at].Actor != "helpdesk" {
			t.Errorf("%+v", history)
		}
	})
}

func TestEveryOrderOfTheListWorks(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		twoAlerts(t, f)
		for _, field := range f.Columns().Fields() {
			if !field.Sortable {
				continue
			}
			for _, sign := range []string{"", "-"} {
				q := query(t, "limit=1&sort="+sign+field.Key)
				first := must(f.Alerts(f.ctx, q))
				second, err := f.Alerts(f.ctx, q.After(first.Next))
				if err != nil || len(second.Items) != 1 || second.Items[0].ID == first.Items[0].ID {
					t.Errorf("%s%s: %+v, %v", sign, field.Key, second, err)
				}
			}
		}
		rows, err := f.ExportAlerts(f.ctx, query(t, ""))
		if err != nil {
			t.Fatal(err)
		}
		exported := 0
		for _, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			exported++
		}
		if exported != 2 {
			t.Errorf("%d exported", exported)
		}
	})
}

func TestDeviceThatLeavesTakesItsAlertsWithIt(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		north, south := twoAlerts(t, f)
		f.tx(t, func(tx *store.Tx) error {
			if err := tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, north.Device).Error; err != nil {
				return err
			}
			return f.CloseForDevice(f.ctx, tx, north.Device, health.Closed)
		})
		f.pass(30 * day)
		f.due(t)
		if err := f.Unjudged(f.ctx); err != nil {
			t.Fatal(err)
		}
		seen := must(f.Get(f.ctx, north.ID))
		if seen.State != health.Resolved || seen.ResolvedBecause != health.Closed {
			t.Errorf("%+v", seen)
		}
		for _, alert := range f.alerts(t) {
			if alert.Device == north.Device && alert.State == health.Open {
				t.Errorf("a device that left has an alert: %+v", alert)
			}
		}
		// An agent that somebody revokes by hand says no more either.
		f.tx(t, func(tx *store.Tx) error {
			return tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, south.Device).Error
		})
		f.pass(day)
		f.due(t)
		if seen := must(f.Get(f.ctx, south.ID)); seen.State != health.Resolved || seen.ResolvedBecause != health.Closed {
			t.Errorf("%+v", seen)
		}
	})
}

func TestUnjudgedDevicesAreFound(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		pc, _ := f.device(t, "pc-1", device.Desktop, "North")
		f.says(t, pc, report.OK, disk(100))
		if err := f.Unjudged(f.ctx); err != nil {
			t.Fatal(err)
		}
		if verdict := must(f.Verdicts(f.ctx, pc))[pc]; verdict.Level != health.OK {
			t.Errorf("%+v", verdict)
		}
		if err := f.Upkeep(f.ctx); err != nil {
			t.Error(err)
		}
	})
}

// allAlerts is the query for every alert there is.
func allAlerts() list.Query { return list.Query{Sort: list.Sort{Key: "first_seen"}} }

// TestJudgingIsCheap judges two hundred devices for the first time in one
// transaction, and tells what that took; the bound is generous, since the
// machine may be busy.
func TestJudgingIsCheap(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		const batch, most = 200, 2 * time.Second
		var keys []device.Key
		for number := range batch {
			key, _ := f.device(t, fmt.Sprintf("pc-%d", number), device.Laptop, "North")
			f.says(t, key, report.OK, disk(100), updates(true, "openssl", "bash"), &report.Memory{TotalBytes: 16 * gib, PressurePercent: new(3)},
				&report.OS{ID: "debian", Version: "12.9"}, &report.Security{DiskEncryption: "on"})
			keys = append(keys, key)
		}
		for _, turn := range []string{"first", "second"} {
			began := time.Now()
			f.tx(t, func(tx *store.Tx) error { return f.Judge(f.ctx, tx, keys...) })
			took := time.Since(began)
			t.Logf("%s judgement: %s a device", turn, took/batch)
			if took > most {
				t.Errorf("the %s judgement of %d devices took %s", turn, batch, took)
			}
		}
	})
}
