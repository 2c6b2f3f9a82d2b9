package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// machine is a device as the API and the database know it.
type machine struct{ ID, Name, Serial, Address, MAC, LastUser string }

func (a *App) devicesOf(t *testing.T, unit identity.UnitID) []machine {
	t.Helper()
	var found []machine
	err := a.db.Read(t.Context()).Raw(`SELECT CAST(uid AS text) AS id, name, serial, address, mac, last_user FROM devices
		WHERE unit_id = ? ORDER BY name`, unit).Scan(&found).Error
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (a *App) get(t *testing.T, target string, show credential) (status int, body string) {
	t.Helper()
	w := a.ask(t, http.MethodGet, target, "", show)
	return w.Code, w.Body.String()
}

// names gives the names in a list of the API.
func names(t *testing.T, body string) []string {
	t.Helper()
	var list struct {
		Items []struct{ Name string }
		Total int
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if list.Total != len(list.Items) {
		t.Errorf("total %d of %d items", list.Total, len(list.Items))
	}
	names := []string{}
	for _, item := range list.Items {
		names = append(names, item.Name)
	}
	return names
}

func TestHelpDeskOfOneUnitDoesNotSeeDevicesOfAnother(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			a := filled(t, dialect)
			if _, err := a.counter.Recount(t.Context()); err != nil {
				t.Fatal(err)
			}
			show := bearer(a.token(t, identity.HelpDesk, inventorytest.Unit(1)))
			mine, others := a.devicesOf(t, inventorytest.Unit(1)), a.devicesOf(t, inventorytest.Unit(2))
			if len(mine) != 2 || len(others) != 2 {
				t.Fatalf("%d and %d devices", len(mine), len(others))
			}
			want := []string{mine[0].Name, mine[1].Name}

			t.Run("by list", func(t *testing.T) {
				if _, body := a.get(t, "/api/v1/devices?sort=name", show); cmp.Diff(want, names(t, body)) != "" {
					t.Error(cmp.Diff(want, names(t, body)))
				}
			})
			t.Run("by id", func(t *testing.T) {
				for _, below := range []string{"", "/sections", "/components", "/changes", "/software"} {
					if status, body := a.get(t, "/api/v1/devices/"+mine[0].ID+below, show); status != http.StatusOK {
						t.Errorf("%s of their own: %d %s", below, status, body)
					}
					if status, _ := a.get(t, "/api/v1/devices/"+others[0].ID+below, show); status != http.StatusNotFound {
						t.Errorf("%s of another: %d", below, status)
					}
				}
			})
			t.Run("by filter and search", func(t *testing.T) {
				other := others[0]
				for _, query := range []string{
					"q=" + url.QueryEscape(other.Name), "q=" + url.QueryEscape(other.Serial), "q=" + url.QueryEscape(other.MAC),
					"name=" + url.QueryEscape(other.Name), "serial.is=" + url.QueryEscape(other.Serial),
				} {
					if _, body := a.get(t, "/api/v1/devices?"+query, show); len(names(t, body)) != 0 {
						t.Errorf("%s finds %s", query, body)
					}
				}
				for _, text := range []string{other.Name, other.Serial, other.MAC, other.Address, other.LastUser} {
					if _, body := a.get(t, "/api/v1/search?q="+url.QueryEscape(text), show); strings.Contains(body, other.ID) {
						t.Errorf("%s finds %s", text, body)
					}
				}
				if _, body := a.get(t, "/api/v1/search?q="+url.QueryEscape(mine[0].Name), show); !strings.Contains(body, mine[0].ID) {
					t.Errorf("their own is not found: %s", body)
				}
			})
			t.Run("by software", func(t *testing.T) {
				_, body := a.get(t, "/api/v1/software?limit=200", show)
				var titles struct {
					Items []struct {
						ID      string
						Devices int
					}
				}
				if err := json.Unmarshal([]byte(body), &titles); err != nil || len(titles.Items) == 0 {
					t.Fatalf("%s: %v", body, err)
				}
				for _, title := range titles.Items {
					if title.Devices > len(mine) {
						t.Errorf("title %s is on %d devices", title.ID, title.Devices)
					}
					_, body := a.get(t, "/api/v1/software/"+title.ID+"/devices", show)
					if found := names(t, body); len(found) != title.Devices {
						t.Errorf("title %s is on %v, counted %d", title.ID, found, title.Devices)
					}
					for _, other := range others {
						if strings.Contains(body, other.ID) {
							t.Errorf("title %s shows %s", title.ID, other.Name)
						}
					}
				}
			})
			t.Run("by export and page", func(t *testing.T) {
				person := cookie(a.session(t, a.user(t, identity.HelpDesk, inventorytest.Unit(1))))
				for _, target := range []string{"/devices/export?format=csv", "/devices", "/search?q=PC-", "/"} {
					status, body := a.get(t, target, person)
					if status != http.StatusOK {
						t.Errorf("%s: %d", target, status)
					}
					for _, one := range a.devicesOf(t, inventorytest.Unit(2)) {
						if strings.Contains(body, one.Name) || strings.Contains(body, one.ID) {
							t.Errorf("%s shows %s", target, one.Name)
						}
					}
				}
				if _, body := a.get(t, "/devices/export?format=csv", person); strings.Count(strings.TrimSpace(body), "\n") != len(mine) {
					t.Errorf("the export is\n%s", body)
				}
				if status, _ := a.get(t, "/devices/"+others[0].ID, person); status != http.StatusNotFound {
					t.Errorf("the page of another: %d", status)
				}
			})
			t.Run("by figures", func(t *testing.T) {
				_, body := a.get(t, "/api/v1/overview", show)
				var figures struct{ Devices int }
				if err := json.Unmarshal([]byte(body), &figures); err != nil || figures.Devices != len(mine) {
					t.Errorf("%s: %v", body, err)
				}
			})
		})
	}
}

func TestRoleInAUnitReachesAllBelowIt(t *testing.T) {
	a := filled(t, store.SQLite)
	_, body := a.get(t, "/api/v1/devices?limit=100", bearer(a.token(t, identity.Servers, inventorytest.Unit(0))))
	if found := names(t, body); len(found) != 40 {
		t.Errorf("the root reaches %d devices", len(found))
	}
}

func TestWhoUsesADeviceIsForThoseWhoMayKnow(t *testing.T) {
	a := filled(t, store.SQLite)
	one := a.devicesOf(t, inventorytest.Unit(1))[0]
	for _, role := range identity.Roles() {
		if !role.May(identity.DevicesRead) {
			continue
		}
		show := bearer(a.token(t, role, inventorytest.Unit(0)))
		for _, target := range []string{"/api/v1/devices?limit=100", "/api/v1/devices/" + one.ID} {
			status, body := a.get(t, target, show)
			if shown := strings.Contains(body, fmt.Sprintf("%q", one.LastUser)); status != http.StatusOK || shown != role.May(identity.PeopleRead) {
				t.Errorf("%s as %s: status %d, user shown: %t", target, role, status, shown)
			}
		}
		if role.May(identity.PeopleRead) {
			continue
		}
		if _, body := a.get(t, "/api/v1/devices?q="+one.LastUser, show); strings.Contains(body, one.ID) {
			t.Errorf("%s finds a device by its user", role)
		}
		if _, body := a.get(t, "/api/v1/search?q="+one.LastUser, show); strings.Contains(body, one.ID) {
			t.Errorf("%s finds a device by its user", role)
		}
	}
}
