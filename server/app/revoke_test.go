package app

import (
	"net/http"
	"testing"

	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/protocol"
)

func TestRevokedAgentIsNotHeardAnyMore(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			a := filled(t, dialect)
			running(t, a)
			ready(t, a)
			one := a.devicesOf(t, inventorytest.Unit(1))[0]
			agent := identity.NewSecret(identity.AgentPrefix)
			a.insert(t, "UPDATE device_contacts SET credential_hash = ? WHERE device_id = (SELECT id FROM devices WHERE uid = ?)", agent.Hash(), one.ID)
			checkin := func() int {
				return a.ask(t, http.MethodPost, protocol.CheckinPath, `{"digest":"0123456789abcdef"}`, bearer(agent)).Code
			}
			if status := checkin(); status != http.StatusOK {
				t.Fatalf("before: %d", status)
			}
			target := "/api/v1/devices/" + one.ID + "/credential"
			if w := a.ask(t, http.MethodDelete, target, "", bearer(a.token(t, identity.HelpDesk, inventorytest.Unit(2)))); w.Code != http.StatusNotFound {
				t.Errorf("a help desk of another unit: %d", w.Code)
			}
			for range 2 { // again changes nothing
				if w := a.ask(t, http.MethodDelete, target, "", bearer(a.token(t, identity.HelpDesk, inventorytest.Unit(1)))); w.Code != http.StatusNoContent {
					t.Fatalf("the help desk of the unit: %d %s", w.Code, w.Body)
				}
			}
			if status := checkin(); status != http.StatusUnauthorized {
				t.Errorf("after: %d", status)
			}
			var entries int
			err := a.db.Read(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'agent.revoked' AND object_id = ?", one.ID).Scan(&entries).Error
			if err != nil || entries != 1 {
				t.Errorf("recorded %d times, %v", entries, err)
			}
		})
	}
}

func TestWholeOrganisationIsReachedFromItsRoot(t *testing.T) {
	a := filled(t, store.SQLite)
	show := bearer(a.token(t, identity.Administrator, inventorytest.Unit(0)))
	for _, in := range []int{1, 20} {
		one := a.devicesOf(t, inventorytest.Unit(in))[0]
		if w := a.ask(t, http.MethodDelete, "/api/v1/devices/"+one.ID+"/credential", "", show); w.Code != http.StatusNoContent {
			t.Errorf("unit %d: %d %s", in, w.Code, w.Body)
		}
	}
}
