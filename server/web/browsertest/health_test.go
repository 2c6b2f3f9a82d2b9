package browsertest

import (
	"net/url"
	"testing"
	"time"

	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/report"
)

// impatient makes every check speak at once.
func (s *server) impatient() *health.Service {
	s.t.Helper()
	service := health.New(storetest.OpenURL(s.t, s.database), func(*store.Tx, string, string, any) error { return nil }, health.Options{})
	checks, err := service.Checks(operator(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, check := range checks {
		if _, err := service.SetCheck(operator(s.t), check.ID, health.Setting{Enabled: true, Limits: check.Limits}); err != nil {
			s.t.Fatal(err)
		}
	}
	return service
}

// free sets the free space on the first volume, and reports.
func (m *machine) free(gigabytes int64) {
	for _, section := range m.sections {
		if storage, is := section.(*report.Storage); is {
			storage.Volumes[0].FreeBytes = known(gigabytes << 30)
		}
		if security, is := section.(*report.Security); is && gigabytes < 4 {
			security.DiskEncryption = "off"
		}
	}
	m.report()
}

// sick is a server with four laptops, three of which are nearly full and one
// of those not encrypted.
type sick struct {
	*server
	health   *health.Service
	machines []*machine
}

func ailing(t *testing.T) sick {
	t.Helper()
	made := sick{server: start(t, store.SQLite)}
	made.health = made.impatient()
	root, err := made.units.Root(operator(t))
	if err != nil {
		t.Fatal(err)
	}
	made.person("rosalind", "Rosalind Okafor", identity.Administrator, root.ID)
	made.person("samuel", "Samuel Osei", identity.HelpDesk, root.ID)
	key := made.enrolmentKey(root.ID, "Rollout")
	for number, gigabytes := range []int64{2, 12, 90, 15} {
		one := laptop(number + 3)
		one.enrol(made.server, key)
		one.free(gigabytes)
		made.machines = append(made.machines, one)
	}
	for made.count("state=open") < 4 {
		<-time.After(50 * time.Millisecond)
	}
	return made
}

// count tells how many alerts a query has.
func (s sick) count(text string) int {
	s.t.Helper()
	page, err := s.health.Alerts(operator(s.t), query(s.t, text))
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Total
}

// worst is the page of the alert about the fullest disk.
func (s sick) worst() (health.ID, string) {
	s.t.Helper()
	page, err := s.health.Alerts(operator(s.t), query(s.t, "check=disk_space&severity=crit"))
	if err != nil || page.Total != 1 {
		s.t.Fatalf("%d alerts, %v", page.Total, err)
	}
	return page.Items[0].ID, "/alerts/" + page.Items[0].ID.String()
}

func TestHealthPagesAreSoundInBothLanguages(t *testing.T) {
	s := ailing(t)
	_, worst := s.worst()
	for _, language := range []string{"en", "fr"} {
		for _, visit := range []struct {
			login string
			pages [][2]string
		}{
			{"samuel", [][2]string{{"alerts", "/alerts?snoozed=no&state=open"}, {"alerts-none", "/alerts?snoozed=yes"}, {"alert", worst}, {"check-closed", "/checks/disk_space"}}},
			{"samuel", [][2]string{{"device-health", "/devices/" + s.machines[0].id}, {"overview-causes", "/"}, {"devices-health", "/devices"}, {"help-health", "/help/health"}}},
			{"rosalind", [][2]string{{"checks", "/checks"}, {"check", "/checks/disk_space"}, {"check-plain", "/checks/encryption_off"}}},
		} {
			b := newTab(t, s.base)
			b.speaks(language)
			b.size(1440, 900)
			b.signIn(visit.login)
			for _, each := range visit.pages {
				b.size(1440, 900)
				b.open(each[1])
				b.sound(each[0] + "-" + language)
			}
		}
	}
}

func TestSeveralAlertsAreAcknowledgedAndThatIsUndone(t *testing.T) {
	s := ailing(t)
	b := newTab(t, s.base)
	b.size(1440, 900)
	b.signIn("samuel")
	b.open("/alerts?snoozed=no&state=open")
	if ask[bool](b, "document.querySelector('[data-bulk]').checkVisibility()") {
		t.Error("the bulk bar is there before anything is picked")
	}
	b.click("[data-rows] tbody tr:nth-child(1) input")
	b.click("[data-rows] tbody tr:nth-child(2) input")
	b.until("document.querySelector('[data-bulk]').checkVisibility()")
	b.looks("alerts-picked")
	b.size(1440, 900)
	b.follow("[data-bulk] button[value=acknowledge]")
	b.until("document.querySelector('.hf-note.ok')")
	if got := s.count("acknowledged=yes"); got != 2 {
		t.Errorf("%d are acknowledged, want 2", got)
	}
	b.looks("alerts-acknowledged")
	b.size(1440, 900)
	b.follow(".hf-note.ok form button")
	b.until("document.querySelector('.hf-note.ok')")
	if got := s.count("acknowledged=yes"); got != 0 {
		t.Errorf("%d are acknowledged after all was undone", got)
	}
	b.silent("alerts")
}

func TestAlertIsAcknowledgedPutToSleepAndResolvesItself(t *testing.T) {
	s := ailing(t)
	of, path := s.worst()
	b := newTab(t, s.base)
	b.speaks("fr")
	b.size(1440, 900)
	b.signIn("samuel")
	b.open(path)
	b.fill("#note", "Disque plus grand commandé.")
	b.follow("button[value=acknowledge]")
	b.until("document.querySelector('.hf-note.ok')")
	b.follow("button[value=snooze]")
	b.until("document.querySelector('button[value=wake]')")
	b.sound("alert-asleep")
	if s.count("snoozed=yes") != 1 || s.count("acknowledged=yes") != 1 {
		t.Error("it neither sleeps nor is acknowledged")
	}
	s.machines[0].free(120)
	for s.count("state=resolved&check=disk_space") == 0 {
		<-time.After(50 * time.Millisecond)
	}
	b.size(1440, 900)
	b.open(path)
	b.sound("alert-resolved")
	history, err := s.health.History(operator(t), of)
	if err != nil || len(history) != 4 || history[3].Action != health.ClearedAway {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestLimitsAreChangedAndNonsenseIsRefused(t *testing.T) {
	s := ailing(t)
	b := newTab(t, s.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.open("/checks/disk_space")
	b.fill("[name='limits.warn']", "20") // above the value that clears
	b.follow("form[action='/checks/disk_space'] button")
	b.until("document.querySelector('[role=alert]')")
	b.expectNoise() // the browser notes the 422
	b.looks("check-wrong")
	b.size(1440, 900)
	b.fill("[name=warn_clear]", "25,5")
	b.follow("form[action='/checks/disk_space'] button")
	b.until("document.querySelector('.hf-note.ok')")
	check, err := s.health.Check(operator(t), "disk_space")
	if err != nil || *check.Limits.Warn != (health.Limit{Raise: 20, Clear: 25.5}) {
		t.Errorf("%+v, %v", check.Limits.Warn, err)
	}
	b.silent("checks")
}

// sound checks the page that is open: its language, its words, its looks.
func (b *tab) sound(name string) {
	b.t.Helper()
	if untranslated := ask[string](b, `[...document.body.innerText.matchAll(/\b(?:alert|alerts|check|checks|causes|health|value|column|view|notice)\.[a-z_]+(?:\.[a-z_]+)*\b/g)].map(m => m[0]).join(", ")`); untranslated != "" {
		b.t.Errorf("%s shows keys: %s", name, untranslated)
	}
	b.looks(name)
	b.silent(name)
}

func query(t *testing.T, text string) list.Query {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := list.Parse(values, health.AlertColumns(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return q
}
