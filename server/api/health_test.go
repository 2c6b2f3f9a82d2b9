package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"holdfast/server/api"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// fullDisk gives a site with one alert: the disk of a device in unit 1 is full.
func fullDisk(t *testing.T, db *store.DB) (s site, deviceID string) {
	t.Helper()
	s = newSite(t, db)
	ctx := identity.WithActor(t.Context(), identity.System("test"))
	service := health.New(db, func(*store.Tx, string, string, any) error { return nil }, health.Options{})
	if got := s.call(t, s.token(t, identity.Administrator, 0), http.MethodPut, "/checks/disk_space", `{"enabled": true, "hold_minutes": 0,
		"limits": {"warn": {"raise": 8, "clear": 12}, "crit": {"raise": 2, "clear": 4}}}`); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	err := db.Tx(ctx, func(tx *store.Tx) error {
		var key int32
		row := tx.Raw("SELECT id, uid FROM devices WHERE unit_id = ? ORDER BY id LIMIT 1", inventorytest.Unit(1)).Row()
		if err := row.Scan(&key, &deviceID); err != nil {
			return err
		}
		if err := tx.Exec("UPDATE device_contacts SET seen_at = ? WHERE device_id = ?", tx.Now, key).Error; err != nil {
			return err
		}
		err := tx.Exec(`INSERT INTO device_sections (device_id, name, hash, outcome, reported_at, facts) VALUES (?, 'storage', 'x', 'ok', ?, ?)
			ON CONFLICT (device_id, name) DO UPDATE SET outcome = excluded.outcome, facts = excluded.facts`, key, tx.Now,
			`{"volumes": [{"mount": "/", "device": "sda1", "size_bytes": 200000000000, "free_bytes": 10000000000}]}`).Error
		if err != nil {
			return err
		}
		return service.Judge(ctx, tx, key)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, deviceID
}

func TestAlertsAreListedAndHandled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, deviceID := fullDisk(t, db)
		desk := s.token(t, identity.HelpDesk, 1)
		page := get[api.Page[api.Alert]](t, s, desk, "/alerts?state=open&check=disk_space")
		if page.Total != 1 || page.Items[0].DeviceID != deviceID || page.Items[0].Severity != "warn" || page.Items[0].Sentence != "en check.disk_space.bad" {
			t.Fatalf("%+v", page)
		}
		one := "/alerts/" + page.Items[0].ID
		if got := s.call(t, desk, http.MethodPost, one+"/acknowledge", `{"note": "On my way."}`); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		detail := get[api.AlertDetail](t, s, desk, one)
		if detail.AcknowledgedBy == "" || len(detail.History) != 2 || detail.History[1].Note != "On my way." || detail.Advice != "en check.disk_space.advice" {
			t.Fatalf("%+v", detail)
		}
		tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
		if got := s.call(t, desk, http.MethodPost, "/alerts/snooze", `{"alerts": ["`+page.Items[0].ID+`"], "until": "`+tomorrow+`"}`); got.status != http.StatusNoContent {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if page := get[api.Page[api.Alert]](t, s, desk, "/alerts?snoozed=no"); page.Total != 0 {
			t.Errorf("%+v", page)
		}
		if causes := get[api.Page[api.AlertCause]](t, s, desk, "/alert-causes"); causes.Total != 0 {
			t.Errorf("%+v", causes)
		}
		if got := s.call(t, desk, http.MethodPost, one+"/wake", ""); got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
		if causes := get[api.Page[api.AlertCause]](t, s, desk, "/alert-causes"); causes.Total != 1 || causes.Items[0].Acknowledged != 1 {
			t.Errorf("%+v", causes)
		}
		state := get[api.DeviceHealth](t, s, desk, "/devices/"+deviceID+"/health")
		if state.Level != "warn" || state.Check != "disk_space" || len(state.Alerts) != 1 || len(state.Volumes) != 1 || state.Volumes[0].Days[0].Free != 10_000_000_000 {
			t.Errorf("%+v", state)
		}
	})
}

func TestAlertsOfOtherUnitsAndOtherRolesAreRefused(t *testing.T) {
	s, deviceID := fullDisk(t, storetest.Open(t, store.SQLite))
	id := get[api.Page[api.Alert]](t, s, s.token(t, identity.Administrator, 0), "/alerts").Items[0].ID
	desk, other, manager := s.token(t, identity.HelpDesk, 1), s.token(t, identity.HelpDesk, 2), s.token(t, identity.Manager, 1)
	for _, c := range []struct {
		token, method, path, body string
		status                    int
	}{
		{other, http.MethodGet, "/alerts/" + id, "", http.StatusNotFound},
		{other, http.MethodPost, "/alerts/" + id + "/acknowledge", "{}", http.StatusNotFound},
		{other, http.MethodGet, "/devices/" + deviceID + "/health", "", http.StatusNotFound},
		{manager, http.MethodPost, "/alerts/" + id + "/acknowledge", "{}", http.StatusForbidden},
		{desk, http.MethodPost, "/alerts/acknowledge", `{"alerts": ["x"]}`, http.StatusUnprocessableEntity},
		{desk, http.MethodPost, "/alerts/acknowledge", `{"alerts": []}`, http.StatusUnprocessableEntity},
		{desk, http.MethodPost, "/alerts/" + id + "/snooze", `{"until": "2020-01-01T00:00:00Z"}`, http.StatusUnprocessableEntity},
		{desk, http.MethodPut, "/checks/disk_space", `{"enabled": false, "limits": {}, "hold_minutes": 0}`, http.StatusForbidden},
		{desk, http.MethodGet, "/checks/no_such", "", http.StatusNotFound},
		{desk, http.MethodGet, "/alerts?state=strange", "", http.StatusUnprocessableEntity},
		{desk, http.MethodGet, "/alerts/not-an-id", "", http.StatusUnprocessableEntity},
	} {
		if got := s.call(t, c.token, c.method, c.path, c.body); got.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, got.status, got.body, c.status)
		}
	}
	checks := get[api.Page[api.Check]](t, s, desk, "/checks")
	if checks.Total != len(health.Checks()) || !strings.HasPrefix(checks.Items[0].Title, "en check.") {
		t.Errorf("%+v", checks)
	}
}
