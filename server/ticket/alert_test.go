package ticket_test

import (
	"fmt"
	"testing"
	"time"

	"holdfast/server/desk"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/ticket"
	"holdfast/shared/id"
)

// tickets lists all tickets by number.
func (o office) tickets(t *testing.T) []ticket.Row {
	t.Helper()
	page, err := o.List(o.ctx, list.Query{Sort: list.Sort{Key: "number"}, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestAlertsOfOneCauseShareATicket(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		laptop, server := o.device(t, "LT-1", "laptop", "", o.north), o.device(t, "SRV-1", "server", "", o.south)
		o.alert(t, "disk_space", laptop, "C:", o.north, health.Warn)
		o.alert(t, "disk_trend", laptop, "C:", o.north, health.Warn) // the same, seen from another side
		o.alert(t, "disk_space", server, "/srv", o.south, health.Warn)
		o.alert(t, "restart_pending", laptop, "", o.north, health.Crit) // is no work for anybody
		o.alert(t, "memory_pressure", laptop, "", o.north, health.Warn) // not yet
		o.alert(t, "warranty_ending", laptop, "", o.north, health.Warn)
		o.alert(t, "warranty_ending", o.device(t, "LT-2", "laptop", "", o.north), "", o.north, health.Warn) // the same model
		made := o.tickets(t)
		if len(made) != 3 {
			t.Fatalf("there are %d tickets", len(made))
		}
		if got := must(o.Get(o.ctx, made[0].ID)); len(got.Alerts) != 2 || got.DeviceName != "LT-1" || got.Source != ticket.FromAlert ||
			got.Title != "en ticket.alert.one map[Check:en check.disk_space.title map[] Name:LT-1]" {
			t.Errorf("the first is %+v", got.Row)
		}
		if made[1].Team != identity.Servers || made[1].Impact != desk.Group || made[1].UnitID != o.south.ID {
			t.Errorf("the second is %+v", made[1].Ticket)
		}
		if got := must(o.Get(o.ctx, made[2].ID)); len(got.Alerts) != 2 || got.Device != 0 {
			t.Errorf("the third is %+v", got.Row)
		}
	})
}

func TestHearingTwiceMakesNoSecondTicket(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		alert := o.alert(t, "drive_failing", o.device(t, "LT-1", "laptop", "", o.north), "sda", o.north, health.Warn)
		o.follow(t, alert, alert)
		o.follow(t, alert)
		if err := o.FollowAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if made := o.tickets(t); len(made) != 1 {
			t.Errorf("there are %d tickets", len(made))
		}
	})
}

func TestTicketIsSolvedOnceAllAlertsAreOverForTheGraceTime(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		laptop := o.device(t, "LT-1", "laptop", "", o.north)
		first, second := o.alert(t, "disk_space", laptop, "C:", o.north, health.Warn), o.alert(t, "disk_space", laptop, "D:", o.north, health.Warn)
		state := func() ticket.State { return o.tickets(t)[0].State }
		o.resolve(t, first)
		o.passes(t, time.Hour)
		if state() != ticket.Fresh {
			t.Fatalf("it is %s while one alert stands", state())
		}
		o.resolve(t, second)
		o.passes(t, 29*time.Minute)
		if state() != ticket.Fresh {
			t.Fatalf("it is %s within the grace time", state())
		}
		o.reopen(t, second) // it came back, and the grace time begins anew
		o.passes(t, time.Hour)
		o.resolve(t, second)
		o.passes(t, 29*time.Minute)
		if state() != ticket.Fresh {
			t.Fatalf("it is %s within the grace time", state())
		}
		o.passes(t, time.Minute)
		if state() != ticket.Solved {
			t.Fatalf("it is %s after the grace time", state())
		}
		o.passes(t, time.Hour)
		o.reopen(t, first)
		if got := o.tickets(t); len(got) != 1 || got[0].State != ticket.Fresh || got[0].Reopened != 1 || got[0].Resolve.Hand != ticket.Running {
			t.Fatalf("it came back as %+v", got)
		}
		o.resolve(t, first)
		o.passes(t, 30*time.Minute)
		o.passes(t, 7*24*time.Hour) // closed for good
		o.reopen(t, first)
		if got := o.tickets(t); len(got) != 2 || got[0].State != ticket.Closed || got[1].State != ticket.Fresh {
			t.Errorf("there are %+v", got)
		}
	})
}

func TestTicketIsSolvedAtOnceWithoutAGraceTime(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.exec(t, "INSERT INTO ticket_settings (name, value, updated_at, updated_by) VALUES ('grace_minutes', 0, ?, 'root') ON CONFLICT (name) DO UPDATE SET value = 0", *o.now)
		alert := o.alert(t, "disk_space", o.device(t, "LT-1", "laptop", "", o.north), "C:", o.north, health.Warn)
		o.resolve(t, alert)
		if got := o.tickets(t)[0]; got.State != ticket.Solved {
			t.Errorf("it is %s", got.State)
		}
	})
}

func TestTicketOfAProductShowsTheOneDeviceThatHasIt(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		product := id.New[health.Mark]().String()
		o.exec(t, `INSERT INTO products (id, key, name, class, origin, created_at, updated_at) VALUES (?, 'cad', 'CAD', 'licensed', 'local', ?, ?)`, product, *o.now, *o.now)
		o.exec(t, "INSERT INTO titles (id, uid, name, publisher, source, first_seen_at) VALUES (1, ?, 'cad', '', 'deb', ?)", id.New[health.Mark](), *o.now)
		o.exec(t, "INSERT INTO releases (id, title_id, version, edition, arch, first_seen_at, class, product_id) VALUES (1, 1, '1', '', '', ?, 'product', ?)", *o.now, product)
		first := o.device(t, "LT-1", "laptop", "", o.north)
		o.exec(t, "INSERT INTO installations (device_id, release_id, since) VALUES (?, 1, ?)", first, *o.now)
		short := o.alert(t, "licence_short", 0, product, o.root, health.Warn)
		if got := o.tickets(t)[0]; got.Device != first {
			t.Errorf("it is about device %d, want %d", got.Device, first)
		}
		o.exec(t, "UPDATE alerts SET state = 'resolved', resolved_at = ? WHERE id = ?", *o.now, short)
		o.follow(t, short)
		o.passes(t, 40*24*time.Hour)
		o.passes(t, 40*24*time.Hour) // closed
		o.exec(t, "INSERT INTO installations (device_id, release_id, since) VALUES (?, 1, ?)", o.device(t, "LT-2", "laptop", "", o.north), *o.now)
		o.alert(t, "licence_short", 0, product, o.root, health.Warn)
		if got := o.tickets(t)[1]; got.Device != 0 {
			t.Errorf("it is about device %d, though two have the product", got.Device)
		}
	})
}

func TestAlertThatWorsensRaisesThePriority(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		alert := o.alert(t, "disk_space", o.device(t, "LT-1", "laptop", "", o.north), "C:", o.north, health.Warn)
		if got := o.tickets(t)[0]; got.Priority != desk.P4 {
			t.Fatalf("it is %s", got.Priority)
		}
		o.exec(t, "UPDATE alerts SET severity = 'crit' WHERE id = ?", alert)
		o.follow(t, alert)
		if got := o.tickets(t)[0]; got.Priority != desk.P3 || got.Urgency != desk.High {
			t.Errorf("it is %s", got.Priority)
		}
	})
}

func TestStormIsOneTicketAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		var alerts []string
		for i := range 14 {
			in := o.north
			if i%2 == 0 {
				in = o.south
			}
			alerts = append(alerts, o.quietly(t, "server_silent", o.device(t, fmt.Sprintf("SRV-%d", i), "server", "", in), "", in, health.Warn))
		}
		o.follow(t, alerts...)
		made := o.tickets(t)
		if len(made) != 1 || !made[0].Storm || made[0].UnitID != o.root.ID || made[0].TitleArgs["Count"] != float64(14) {
			t.Fatalf("there are %+v", made)
		}
		*o.now = o.now.Add(50 * time.Minute)
		o.alert(t, "server_silent", o.device(t, "SRV-14", "server", "", o.north), "", o.north, health.Warn)
		if made := o.tickets(t); len(made) != 1 || made[0].TitleArgs["Count"] != float64(15) {
			t.Fatalf("there are %+v", made)
		}
		*o.now = o.now.Add(2 * time.Hour) // another story
		o.alert(t, "server_silent", o.device(t, "SRV-15", "server", "", o.north), "", o.north, health.Warn)
		if made := o.tickets(t); len(made) != 2 || made[1].Storm {
			t.Fatalf("there are %+v", made)
		}
		o.resolve(t, alerts...)
		o.passes(t, time.Hour)
		if got := o.tickets(t)[0]; got.State != ticket.Fresh {
			t.Errorf("it is %s while one alert stands", got.State)
		}
	})
}

func TestStormSwallowsTicketsThatNobodyHasTouched(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		var alerts []string
		for i := range 10 {
			*o.now = o.now.Add(time.Minute)
			alerts = append(alerts, o.alert(t, "encryption_off", o.device(t, fmt.Sprintf("LT-%d", i), "laptop", "", o.north), "", o.north, health.Warn))
		}
		made := o.tickets(t)
		if len(made) != 10 {
			t.Fatalf("there are %d tickets", len(made))
		}
		must(o.Take(o.okafor, made[3].ID))
		alerts = append(alerts, o.alert(t, "encryption_off", o.device(t, "LT-10", "laptop", "", o.north), "", o.north, health.Warn))
		var open []ticket.Row
		for _, row := range o.tickets(t) {
			if row.State.Open() {
				open = append(open, row)
			}
		}
		if len(open) != 2 || open[0].ID != made[3].ID || !open[1].Storm || open[1].UnitID != o.north.ID {
			t.Fatalf("open are %+v", open)
		}
		if storm := must(o.Get(o.ctx, open[1].ID)); len(storm.Alerts) != 10 {
			t.Errorf("the storm has %d alerts", len(storm.Alerts))
		}
		o.resolve(t, alerts...)
		o.passes(t, 30*time.Minute)
		for _, row := range o.tickets(t) {
			if row.State.Open() {
				t.Errorf("%s is %s", row.Ticket.Name(), row.State)
			}
		}
	})
}

func TestRulesOfAlertsAreData(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		laptop := o.device(t, "LT-1", "laptop", "", o.north)
		o.alert(t, "restart_pending", laptop, "", o.north, health.Warn)
		rules := must(desk.Load(o.db.Read(t.Context())))
		o.exec(t, `INSERT INTO ticket_alert_rules (check_id, since_level, cause, impact, urgency, category_id, updated_at, updated_by)
			VALUES ('restart_pending', 'warn', 'unit', 'group', 'low', ?, ?, 'root')`, must(rules.Keyed("security")).ID, *o.now)
		if err := o.FollowAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		made := o.tickets(t)
		if len(made) != 1 || made[0].CategoryEN != "Security" || made[0].Device != 0 {
			t.Errorf("there are %+v", made)
		}
	})
}

func TestCategoryThatIsNoLongerOfferedStopsNoRule(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.exec(t, "UPDATE ticket_categories SET active = ?", false)
		o.alert(t, "encryption_off", o.device(t, "LT-1", "laptop", "", o.north), "", o.north, health.Warn)
		if made := o.tickets(t); len(made) != 1 || made[0].CategoryEN != "Security" {
			t.Errorf("there are %+v", made)
		}
	})
}

func TestTicketKeepsHowTheDeviceWas(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		laptop := o.device(t, "LT-1", "laptop", "", o.north)
		o.exec(t, "INSERT INTO device_health (device_id, rank, level, check_id, subject, judged_at, silent) VALUES (?, 1, 'warn', 'disk_space', 'C:', ?, false)", laptop, *o.now)
		o.exec(t, `INSERT INTO findings (device_id, check_id, subject, level, held, args, since, seen_at)
			VALUES (?, 'disk_space', 'C:', 'warn', 'warn', '{"Free":3}', ?, ?), (?, 'memory_pressure', '', 'ok', 'ok', NULL, ?, ?)`,
			laptop, *o.now, *o.now, laptop, *o.now, *o.now)
		made := must(o.Create(o.okafor, ticket.Wish{Title: "Slow", Device: laptop, Source: ticket.FromDesk}))
		o.exec(t, "DELETE FROM findings")
		o.exec(t, "UPDATE device_health SET level = 'ok', check_id = NULL")
		got := must(o.Get(o.okafor, made.ID))
		if got.Opening == nil || got.Opening.Level != "warn" || len(got.Opening.Findings) != 1 || got.Opening.Findings[0].Check != "disk_space" || got.Health.Level != "ok" {
			t.Errorf("then %+v, now %+v", got.Opening, got.Health)
		}
	})
}
