package health_test

import (
	"testing"
	"time"

	"holdfast/server/fault"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/outbox"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// position sets the licence position of a product and says so.
func (f fleet) position(t *testing.T, product, status string, owned, needed int) {
	t.Helper()
	f.tx(t, func(tx *store.Tx) error {
		err := tx.Exec(`INSERT INTO products (id, key, name, class, origin, created_at, updated_at) VALUES (?, ?, 'Visio', 'licensed', 'local', ?, ?) ON CONFLICT (id) DO NOTHING`,
			product, product, tx.Now, tx.Now).Error
		if err != nil {
			return err
		}
		err = tx.Exec(`INSERT INTO positions (product_id, status, metric, owned, needed, idle, available, certain, lines, spared, rights, rule_version, evaluated_on, computed_at, changed_at, took_us, explanation)
			VALUES (?, ?, 'device', ?, ?, 0, ?, true, 1, 0, 1, '1', 1, ?, ?, 1, '{}')
			ON CONFLICT (product_id) DO UPDATE SET status = excluded.status, owned = excluded.owned, needed = excluded.needed, available = excluded.available`,
			product, status, owned, needed, owned-needed, tx.Now, tx.Now).Error
		if err != nil {
			return err
		}
		return f.PositionChanged(f.ctx, tx, []outbox.Message{{Topic: "position.changed", Subject: product}, {Topic: "position.changed", Subject: product}})
	})
}

func TestShortLicenceIsAnAlertUntilEnoughIsBought(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		product := id.New[health.Mark]().String()
		f.position(t, product, "exact", 3, 3)
		if len(f.alerts(t)) != 0 {
			t.Fatal("enough is no alert")
		}
		f.position(t, product, "short", 3, 5)
		f.position(t, product, "short", 3, 6)
		alerts := f.alerts(t)
		if len(alerts) != 1 || alerts[0].About() != "Visio" || alerts[0].Args["Short"] != int64(3) || !alerts[0].DeviceID.IsZero() || alerts[0].Count != 2 {
			t.Fatalf("%+v", alerts)
		}
		if page, err := f.Alerts(f.as(identity.OfficeSystems, "North"), list.Query{}); err != nil || page.Total != 0 {
			t.Errorf("what concerns the whole organisation is seen in a part of it: %+v, %v", page, err)
		}
		f.position(t, product, "unknown", 3, 0)
		if f.alerts(t)[0].State != health.Open {
			t.Error("an unknown position clears")
		}
		f.position(t, product, "unknown", 6, 2) // as many are owned as were needed when that was known
		if alert := f.alerts(t)[0]; alert.State != health.Resolved {
			t.Errorf("bought enough, and it is %+v", alert)
		}
		f.position(t, product, "unknown", 6, 6)
		f.position(t, product, "short", 3, 6)
		f.position(t, product, "ample", 10, 6)
		if alert := f.alerts(t)[0]; alert.State != health.Resolved || alert.ResolvedBecause != health.Cleared {
			t.Errorf("%+v", alert)
		}
		f.position(t, product, "short", 3, 6)
		if alerts := f.alerts(t); len(alerts) != 1 || alerts[0].Reopened != 2 {
			t.Errorf("%+v", alerts)
		}
	})
}

func TestSwitchedOffLicenceCheckIsSilent(t *testing.T) {
	each(t, func(t *testing.T, f fleet) {
		product := id.New[health.Mark]().String()
		f.position(t, product, "short", 3, 5)
		_, err := f.SetCheck(f.ctx, "licence_short", health.Setting{Enabled: false, Hold: time.Hour})
		wants(t, err, fault.Invalid)
		if _, err := f.SetCheck(f.ctx, "licence_short", health.Setting{}); err != nil {
			t.Fatal(err)
		}
		if alert := f.alerts(t)[0]; alert.ResolvedBecause != health.Disabled {
			t.Errorf("%+v", alert)
		}
		f.position(t, product, "short", 3, 9)
		if alerts := f.alerts(t); len(alerts) != 1 || alerts[0].State != health.Resolved {
			t.Errorf("%+v", alerts)
		}
		if _, err := f.SetCheck(f.ctx, "licence_short", health.Setting{Enabled: true}); err != nil {
			t.Fatal(err)
		}
		if alert := f.alerts(t)[0]; alert.State != health.Open {
			t.Errorf("%+v", alert)
		}
	})
}
