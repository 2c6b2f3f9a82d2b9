package api_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"holdfast/server/api"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/notify"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/ticket"
)

// tickets is the service of tickets, whose notices go nowhere.
func tickets(db *store.DB) *ticket.Service {
	translate := func(language, key string, _ fault.Args) string { return language + " " + key }
	return ticket.New(db, func(*store.Tx, string, string, any) error { return nil },
		notify.New(db, notify.Options{Translate: translate}),
		ticket.Options{Translate: translate, Public: func() string { return "https://holdfast.example.org" }})
}

// openTicket opens a ticket through the API.
func (s site) openTicket(t *testing.T, token, wish string) api.Ticket {
	t.Helper()
	got := s.call(t, token, http.MethodPost, "/tickets", wish)
	if got.status != http.StatusCreated {
		t.Fatalf("POST /tickets %s: %d %s", wish, got.status, got.body)
	}
	return read[api.Ticket](t, got)
}

func TestEveryForbiddenTransitionOfTicketsIsRefusedAtTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.HelpDesk, 0)
		made := s.openTicket(t, token, `{"title": "Outlook freezes", "unit_id": "`+inventorytest.Unit(1).String()+`"}`)
		for _, from := range ticket.States() {
			for _, to := range ticket.States() {
				err := db.Tx(t.Context(), func(tx *store.Tx) error {
					return tx.Exec("UPDATE tickets SET state = ? WHERE id = ?", from, made.ID).Error
				})
				if err != nil {
					t.Fatal(err)
				}
				got := s.call(t, token, http.MethodPost, "/tickets/"+made.ID+"/state", `{"state": "`+string(to)+`", "text": "because", "at": "2099-01-01T08:00:00Z"}`)
				want := http.StatusConflict
				if slices.Contains(from.Next(), to) && to != ticket.Assigned { // a program owns nothing
					want = http.StatusOK
				}
				if got.status != want {
					t.Errorf("%s to %s: %d %s", from, to, got.status, got.body)
				}
			}
		}
	})
}

func TestTicketIsWorkedThroughTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token, unit := s.token(t, identity.HelpDesk, 0), inventorytest.Unit(1).String()
		device := get[api.Page[api.Device]](t, s, token, "/devices?limit=1").Items[0]
		made := s.openTicket(t, token, `{"kind": "request", "title": "A second screen", "device_id": "`+device.ID+`", "impact": "group", "urgency": "high"}`)
		if made.Number != "REQ-1" || made.Device != device.Name || made.Priority != "p2" || made.State != "new" || made.UnitID != device.UnitID || made.Resolve.DueAt == nil || made.Source != "api" {
			t.Errorf("it is %+v", made)
		}
		text := base64.StdEncoding.EncodeToString([]byte("measured"))
		got := s.call(t, token, http.MethodPost, "/tickets/"+made.ID+"/messages", `{"body": "Which one?", "files": [{"name": "a.txt", "content": "`+text+`"}], "then": "pending"}`)
		if got.status != http.StatusOK || read[api.Ticket](t, got).State != "pending" {
			t.Fatalf("%d %s", got.status, got.body)
		}
		detail := get[api.TicketDetail](t, s, token, "/tickets/"+made.ID)
		var files []api.AttachmentFile
		for _, entry := range detail.Thread {
			files = append(files, entry.Files...)
		}
		if len(files) != 1 || len(detail.Next) == 0 || detail.Escalates == "" {
			t.Fatalf("it is %+v", detail)
		}
		got = s.call(t, token, http.MethodGet, "/ticket-attachments/"+files[0].ID, "")
		if got.status != http.StatusOK || string(got.body) != "measured" {
			t.Errorf("%d %q", got.status, got.body)
		}
		got = s.call(t, token, http.MethodPatch, "/tickets/"+made.ID, `{"title": "Two screens", "urgency": "low", "device_id": ""}`)
		if changed := read[api.Ticket](t, got); changed.Title != "Two screens" || changed.Priority != "p4" || changed.Device != "" {
			t.Errorf("%d %s", got.status, got.body)
		}
		got = s.call(t, token, http.MethodPost, "/tickets/"+made.ID+"/assign", `{"team": "servers"}`)
		if changed := read[api.Ticket](t, got); changed.Team != "servers" {
			t.Errorf("%d %s", got.status, got.body)
		}
		other := s.openTicket(t, token, `{"title": "The same", "unit_id": "`+unit+`"}`)
		got = s.call(t, token, http.MethodPost, "/tickets/"+other.ID+"/merge", `{"into": "`+made.ID+`"}`)
		if got.status != http.StatusOK || read[api.Ticket](t, got).ID != made.ID {
			t.Errorf("%d %s", got.status, got.body)
		}
		if page := get[api.Page[api.Ticket]](t, s, token, "/tickets?open=yes&sort=-number"); page.Total != 1 || page.Items[0].Number != "REQ-1" {
			t.Errorf("listed are %+v", page)
		}
		got = s.call(t, token, http.MethodPost, "/tickets/"+other.ID+"/unmerge", "")
		if got.status != http.StatusOK || read[api.Ticket](t, got).State != "new" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got = s.call(t, token, http.MethodPost, "/tickets", `{"title": "", "unit_id": "`+unit+`"}`); got.status != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), "title") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got = s.call(t, token, http.MethodPost, "/tickets/"+other.ID+"/take", ""); got.status != http.StatusConflict {
			t.Errorf("a program takes a ticket: %d %s", got.status, got.body)
		}
	})
}

func TestContextIsFoundByAnything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		token := s.token(t, identity.HelpDesk, 0)
		device := get[api.Page[api.Device]](t, s, token, "/devices?limit=1&serial.known=yes").Items[0]
		for _, text := range []string{device.Name, device.Serial, device.ID} {
			found := get[api.Context](t, s, token, "/context?q="+text)
			if found.Device == nil || found.Device.Device.ID != device.ID || found.Device.Estate != 120 {
				t.Errorf("%q finds %+v", text, found)
			}
		}
		if got := s.call(t, token, http.MethodGet, "/context?q=nothing-like-it", ""); got.status != http.StatusNotFound {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := s.call(t, token, http.MethodGet, "/context?q=x", ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

func TestRulesOfTheDeskAreSeenByAllAndChangedByAdministrators(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		desk, root := s.token(t, identity.HelpDesk, 0), s.token(t, identity.Administrator, 0)
		rules := get[api.DeskRules](t, s, desk, "/desk")
		if len(rules.Priorities) != 12 || len(rules.Levels) != 8 || len(rules.Categories) == 0 || len(rules.Calendars) != 1 || len(rules.Alerts) == 0 {
			t.Fatalf("they are %+v", rules)
		}
		calendar := `{"name": "Day and night", "time_zone": "Europe/Paris", "hours": [{"weekday": 1, "opens": 0, "closes": 1440}], "holidays": [{"day": "2026-12-25", "name": "Noël"}]}`
		for path, body := range map[string]string{
			"/desk/priorities/one/high":                  `{"priority": "p1"}`,
			"/desk/levels/incident/p1":                   `{"own_minutes": 5, "resolve_minutes": 60}`,
			"/desk/settings/grace_minutes":               `{"value": 1}`,
			"/desk/alerts/disk_space":                    `{"since": "crit", "cause": "unit", "impact": "site", "urgency": "high", "category": "server"}`,
			"/desk/calendars/" + rules.Calendars[0].ID:   calendar,
			"/desk/categories/" + rules.Categories[0].ID: `{"name_en": "PC", "name_fr": "Ordinateur", "position": 1, "portal": true, "active": true, "route": ["servers"]}`,
		} {
			if got := s.call(t, desk, http.MethodPut, path, body); got.status != http.StatusForbidden {
				t.Errorf("the help desk sets %s: %d %s", path, got.status, got.body)
			}
			if got := s.call(t, root, http.MethodPut, path, body); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		now := get[api.DeskRules](t, s, desk, "/desk")
		if now.Categories[0].NameEN != "PC" || now.Calendars[0].TimeZone != "Europe/Paris" || len(now.Calendars[0].Holidays) != 1 || now.Calendars[0].Holidays[0].Day != "2026-12-25" {
			t.Errorf("they are %+v", now)
		}
	})
}
