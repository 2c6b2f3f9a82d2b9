package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"holdfast/server/account"
	"holdfast/server/api"
	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

func disposals(db *store.DB, assets *asset.Service) *disposal.Service {
	alerts, agents := health.New(db, func(*store.Tx, string, string, any) error { return nil }, health.Options{}), device.NewAgents(db)
	return disposal.New(db, disposal.Peers{
		EndCustody: assets.EndCustody, SetStatus: assets.SetStatus, RevokeAgent: agents.RevokeIn,
		CloseAlerts: func(ctx context.Context, tx *store.Tx, of device.Key) error {
			return alerts.CloseForDevice(ctx, tx, of, health.Closed)
		},
	})
}

// personal makes an API token of a user of their own, since signatures are
// those of people.
func (s site) personal(t *testing.T, login string, role identity.Role) string {
	t.Helper()
	ctx := identity.WithActor(t.Context(), identity.System("test"))
	user, err := s.accounts.CreateUser(ctx, account.Newcomer{Login: login, Name: strings.ToUpper(login)}, []account.GrantWish{{Role: role, UnitID: inventorytest.Unit(0)}})
	if err != nil {
		t.Fatal(err)
	}
	actor := identity.Actor{Kind: identity.UserKind, ID: user.ID.String(), Name: login, Grants: []identity.Grant{
		{Role: role, UnitID: inventorytest.Unit(0), Reach: identity.Scope{All: true}}, {Role: identity.Administrator, UnitID: inventorytest.Unit(0), Reach: identity.Scope{All: true}},
	}}
	_, secret, err := s.accounts.CreateToken(identity.WithActor(t.Context(), actor), account.TokenWish{
		Name: login, Grants: []account.GrantWish{{Role: role, UnitID: inventorytest.Unit(0)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(secret)
}

// crew are the people of a disposal, by what they do.
type crew struct{ ada, ben, mia, max string }

func (s site) crew(t *testing.T) crew {
	t.Helper()
	return crew{
		s.personal(t, "ada", identity.Administrator), s.personal(t, "ben", identity.Administrator),
		s.personal(t, "mia", identity.Administrator), s.personal(t, "max", identity.Administrator),
	}
}

// owned records the device with that number in the inventory as an asset.
func (s site) owned(t *testing.T, token string, number int) (tag, of string, key int) {
	t.Helper()
	waiting := get[api.Page[api.UnownedDevice]](t, s, token, "/assets/queue?limit=100")
	got := s.call(t, token, http.MethodPost, "/devices/"+waiting.Items[number].DeviceID+"/asset", `{}`)
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	made := read[api.Asset](t, got)
	if err := s.db.Read(t.Context()).Raw("SELECT device_id FROM assets WHERE id = ?", made.ID).Scan(&key).Error; err != nil {
		t.Fatal(err)
	}
	return made.Tag, made.ID, key
}

// sees is a device that reports a drive.
func (s site) sees(t *testing.T, key int, serial string) {
	t.Helper()
	err := s.db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Exec(`INSERT INTO components (device_id, kind, ident, model, serial, first_seen_at, last_seen_at) VALUES (?, 'drive', LOWER(?), 'PM981 NVMe', ?, ?, ?)
			ON CONFLICT DO NOTHING`, key, serial, serial, tx.Now, tx.Now).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s site) begin(t *testing.T, token, title string) api.DisposalCase {
	t.Helper()
	got := s.call(t, token, http.MethodPost, "/cases", `{"title": "`+title+`", "unit_id": "`+inventorytest.Unit(0).String()+`"}`)
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return read[api.DisposalCase](t, got)
}

// step sends a request that must succeed.
func (s site) step(t *testing.T, token, method, path, body string) api.DisposalCase {
	t.Helper()
	got := s.call(t, token, method, path, body)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s %s: %d %s", method, path, body, got.status, got.body)
	}
	return read[api.DisposalCase](t, got)
}

const purged = `{"outcome": "purge", "technique": "block_erase", "tool": "nvme-cli", "tool_version": "2.4", "performed_on": "2026-03-14", "medium": "ssd"}`

// wipe records and checks what blocks a case.
func (s site) wipe(t *testing.T, c crew, path string) {
	t.Helper()
	for _, problem := range get[api.DisposalCase](t, s, c.ada, path).Blocked {
		if problem.DriveID == "" {
			s.step(t, c.ben, http.MethodPost, path+"/lines/"+problem.LineID+"/no-data", `{"text": "looked inside"}`)
			continue
		}
		s.step(t, c.ben, http.MethodPost, path+"/drives/"+problem.DriveID+"/record", purged)
		s.step(t, c.max, http.MethodPost, path+"/drives/"+problem.DriveID+"/validation", `{"verification": "full"}`)
	}
}

// lead brings a case to a state by the straight way.
func (s site) lead(t *testing.T, c crew, one api.DisposalCase, to disposal.State) {
	t.Helper()
	path := "/cases/" + one.ID
	steps := []struct {
		state disposal.State
		do    func()
	}{
		{disposal.Draft, func() {}},
		{disposal.Offered, func() { s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "offered"}`) }},
		{disposal.Approved, func() { s.step(t, c.mia, http.MethodPost, path+"/approve", `{}`) }},
		{disposal.Cleared, func() {
			s.wipe(t, c, path)
			s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "data_cleared"}`)
		}},
		{disposal.Released, func() { s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "released"}`) }},
		{disposal.Collected, func() {
			s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "collected", "text": "Shred Ltd"}`)
		}},
		{disposal.Closed, func() { s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "closed"}`) }},
	}
	if to == disposal.Cancelled {
		s.step(t, c.ada, http.MethodPut, path+"/state", `{"state": "cancelled", "text": "not now"}`)
		return
	}
	for _, step := range steps {
		step.do()
		if step.state == to {
			return
		}
	}
}

func TestEveryForbiddenTransitionOfACaseIsRefusedAtTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		c := s.crew(t)
		number := 0
		for _, from := range disposal.States() {
			for _, to := range disposal.States() {
				_, of, key := s.owned(t, c.ada, 0)
				s.sees(t, key, fmt.Sprintf("SERIAL-%03d", number))
				one := s.begin(t, c.ada, fmt.Sprintf("Case %d", number))
				number++
				s.step(t, c.ada, http.MethodPost, "/cases/"+one.ID+"/lines", `{"assets": ["`+of+`"], "route": "recycling", "reason": "broken"}`)
				s.lead(t, c, one, from)
				if from == disposal.Approved { // so that nothing but the table refuses
					s.wipe(t, c, "/cases/"+one.ID)
				}
				before := get[api.DisposalCase](t, s, c.ada, "/cases/"+one.ID)
				got := s.call(t, c.max, http.MethodPut, "/cases/"+one.ID+"/state", `{"state": "`+string(to)+`", "text": "because"}`)
				want := http.StatusConflict
				if disposal.State(before.State).May(to) {
					want = http.StatusOK
				}
				if got.status != want {
					t.Errorf("%s to %s: %d %s", before.State, to, got.status, got.body)
				}
				if want == http.StatusConflict {
					if after := get[api.DisposalCase](t, s, c.ada, "/cases/"+one.ID); after.State != before.State {
						t.Errorf("%s to %s was refused and made it %s", before.State, to, after.State)
					}
				}
			}
		}
	})
}

// TestNoOrderOfCallsClosesACaseWithAnUnrecordedDrive walks about the API of a
// case at random: whatever is asked in whatever order, what is released has a
// record, checked by another person, of every drive that was ever reported.
func TestNoOrderOfCallsClosesACaseWithAnUnrecordedDrive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		c := s.crew(t)
		ended := map[string]int{}
		for seed := range uint64(6) {
			ended[newWalk(t, s, c, seed).take()]++
		}
		if ended["released"]+ended["collected"]+ended["closed"] == 0 {
			t.Errorf("no walk led to a release: %v", ended)
		}
	})
}

// walk is one random walk over the API of a case with two assets.
type walk struct {
	site
	t      *testing.T
	dice   *rand.Rand
	people []string
	path   string
	assets []string
	keys   []int
	seen   []string // serial numbers that devices of the case reported
	seed   uint64
}

func newWalk(t *testing.T, s site, c crew, seed uint64) *walk {
	w := &walk{
		site: s, t: t, seed: seed, dice: rand.New(rand.NewPCG(seed, 7)), //nolint:gosec // a walk that can be repeated
		people: []string{c.ada, c.ben, c.mia, c.max},
	}
	for i := range 2 {
		_, of, key := s.owned(t, c.ada, 0)
		w.assets, w.keys = append(w.assets, of), append(w.keys, key)
		w.report(i)
	}
	w.path = "/cases/" + s.begin(t, c.ada, fmt.Sprintf("Walk %d", seed)).ID
	return w
}

func (w *walk) report(which int) {
	serial := fmt.Sprintf("WALK-%d-%d", w.seed, len(w.seen))
	w.sees(w.t, w.keys[which], serial)
	w.seen = append(w.seen, serial)
}

func (w *walk) take() string {
	for range 250 {
		one := get[api.DisposalCase](w.t, w.site, w.people[0], w.path)
		if one.State == "closed" || one.State == "cancelled" {
			return one.State
		}
		w.move(one)
		w.check()
	}
	return get[api.DisposalCase](w.t, w.site, w.people[0], w.path).State
}

// move does anything at all, as anybody; half of the time what leads on.
func (w *walk) move(one api.DisposalCase) {
	who := w.people[w.dice.IntN(len(w.people))]
	line, drive := "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000"
	if len(one.Lines) > 0 {
		picked := one.Lines[w.dice.IntN(len(one.Lines))]
		line = picked.ID
		if len(picked.Drives) > 0 {
			drive = picked.Drives[w.dice.IntN(len(picked.Drives))].ID
		}
	}
	if len(one.Blocked) > 0 && w.dice.IntN(3) > 0 {
		line = one.Blocked[0].LineID
		if one.Blocked[0].DriveID != "" {
			drive = one.Blocked[0].DriveID
		}
	}
	which := w.dice.IntN(len(w.assets))
	state := disposal.Steps()[w.dice.IntN(len(disposal.Steps()))]
	if len(one.Next) > 0 && w.dice.IntN(3) > 0 {
		state = disposal.State(one.Next[0])
		if at := slices.Index(disposal.Steps(), disposal.State(one.State)); at >= 0 && at+1 < len(disposal.Steps()) {
			state = disposal.Steps()[at+1]
		}
	}
	switch w.dice.IntN(22) {
	case 0, 1:
		w.call(w.t, who, http.MethodPost, w.path+"/lines", `{"assets": ["`+w.assets[which]+`"], "route": "recycling", "reason": "broken"}`)
	case 2, 3, 4, 5, 6, 7:
		w.call(w.t, who, http.MethodPut, w.path+"/state", `{"state": "`+string(state)+`", "text": "because"}`)
	case 8, 9, 10:
		w.call(w.t, who, http.MethodPost, w.path+"/drives/"+drive+"/record", purged)
	case 11, 12, 13:
		w.call(w.t, who, http.MethodPost, w.path+"/drives/"+drive+"/validation", `{"verification": "sample"}`)
	case 14:
		w.call(w.t, who, http.MethodPost, w.path+"/lines/"+line+"/no-data", `{"text": "it looks empty"}`)
	case 15:
		w.call(w.t, who, http.MethodPost, w.path+"/approve", `{}`)
	case 16:
		if w.dice.IntN(4) == 0 {
			w.call(w.t, who, http.MethodDelete, w.path+"/lines/"+line, "")
		}
	case 17:
		if w.dice.IntN(4) == 0 {
			w.call(w.t, who, http.MethodPost, w.path+"/drives/"+drive+"/withdrawal", `{"text": "wrong drive"}`)
		}
	case 18:
		w.call(w.t, who, http.MethodDelete, "/assets/"+w.assets[which]+"/device", "")
	case 19:
		uid := ""
		if err := w.db.Read(w.t.Context()).Raw("SELECT uid FROM devices WHERE id = ?", w.keys[which]).Scan(&uid).Error; err != nil {
			w.t.Fatal(err)
		}
		w.call(w.t, who, http.MethodPut, "/assets/"+w.assets[which]+"/device", `{"device_id": "`+uid+`"}`)
	case 20:
		if len(w.seen) < 6 {
			w.report(which)
		}
	case 21:
		w.call(w.t, who, http.MethodPost, w.path+"/drives/"+drive+"/loss", `{"ticket": "INC-1", "note": "no such incident"}`)
	}
}

// check looks past the API: a device of an asset that is disposed of has, for
// each drive that it ever reported before, a record that another person checked.
func (w *walk) check() {
	w.t.Helper()
	var loose []string
	err := w.db.Read(w.t.Context()).Raw(`SELECT c.serial FROM components c WHERE c.kind = 'drive' AND c.device_id IN ?
		AND c.device_id IN (SELECT n.device_id FROM disposal_devices n JOIN disposal_lines l ON l.id = n.line_id
			JOIN assets a ON a.id = l.asset_id JOIN disposal_cases k ON k.id = l.case_id
			WHERE a.status = 'disposed' AND k.state IN ('released', 'collected', 'closed') AND l.removed_at IS NULL
			AND (c.first_seen_at <= k.released_at OR k.state = 'closed' AND c.first_seen_at <= k.closed_at))
		AND NOT EXISTS (SELECT 1 FROM assets x WHERE x.device_id = c.device_id AND x.status <> 'disposed')
		AND NOT EXISTS (SELECT 1 FROM disposal_drives d JOIN drive_records r ON r.drive_id = d.id AND r.withdrawn_at IS NULL
			WHERE d.serial = c.serial AND r.validated_at IS NOT NULL AND r.validated_by_id <> r.recorded_by_id)`, w.keys).Scan(&loose).Error
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(loose)
	if len(loose) > 0 {
		one, _ := json.Marshal(get[api.DisposalCase](w.t, w.site, w.people[0], w.path))
		w.t.Fatalf("walk %d: drives %v left without a record\n%s", w.seed, loose, one)
	}
}

func TestCaseHasItsCertificateOnceItsDataIsCleared(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db)
		c := s.crew(t)
		_, of, key := s.owned(t, c.ada, 0)
		s.sees(t, key, "SERIAL-001")
		one := s.begin(t, c.ada, "Case")
		path := "/cases/" + one.ID
		s.step(t, c.ada, http.MethodPost, path+"/lines", `{"assets": ["`+of+`"], "route": "recycling", "reason": "broken"}`)
		if got := s.call(t, c.ada, http.MethodGet, path+"/certificate", ""); got.status != http.StatusConflict {
			t.Errorf("of a draft: %d %s", got.status, got.body)
		}
		s.lead(t, c, one, disposal.Released)
		got := s.call(t, c.ada, http.MethodGet, path+"/certificate", "")
		if got.status != http.StatusOK || !strings.HasPrefix(string(got.body), "%PDF-") || got.header.Get("Content-Type") != "application/pdf" {
			t.Fatalf("%d %s %.80s", got.status, got.header.Get("Content-Type"), got.body)
		}
		events := get[api.Page[api.DisposalEvent]](t, s, c.ada, path+"/history")
		if hash := fmt.Sprintf("%x", sha256.Sum256(got.body)); events.Items[0].Action != "disposal.certified" || events.Items[0].Fields["sha256"] != hash {
			t.Errorf("the trail keeps %+v of %s", events.Items[0], hash)
		}
	})
}
