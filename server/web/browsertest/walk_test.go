package browsertest

import (
	"strings"
	"testing"

	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/report"
)

// estate is a server with devices, people, keys and views.
type estate struct {
	*server
	device   *machine
	root     identity.UnitID
	helpDesk identity.UserID
}

// settle fills a server with what a branch office has.
func settle(t *testing.T, dialect store.Dialect) estate {
	t.Helper()
	made := estate{server: start(t, dialect)}
	root, err := made.units.Root(operator(t))
	if err != nil {
		t.Fatal(err)
	}
	made.root = root.ID
	licensing, err := made.units.Create(operator(t), root.ID, "Licensing Office")
	if err != nil {
		t.Fatal(err)
	}
	field, err := made.units.Create(operator(t), root.ID, "Field Surveys")
	if err != nil {
		t.Fatal(err)
	}
	made.person("rosalind", "Rosalind Okafor", identity.Administrator, root.ID)
	made.helpDesk = made.person("samuel", "Samuel Osei", identity.HelpDesk, licensing.ID)
	keys := []identity.Secret{made.enrolmentKey(licensing.ID, "Licensing rollout"), made.enrolmentKey(field.ID, "Field laptops")}
	for number := range 31 {
		one := laptop(number)
		if number%9 == 4 {
			one = rackServer(number)
		}
		one.enrol(made.server, keys[number%2])
		if number == 17 {
			one.outcomes["security"] = report.Denied
		}
		one.report()
		if number == 2 {
			made.device = one
		}
	}
	// One device changes, so that there is a history; one value of it is bad.
	for _, section := range made.device.sections {
		switch facts := section.(type) {
		case *report.Monitor:
			facts.Monitors = append(facts.Monitors, report.Screen{Connector: "DP-4", Maker: "Dell", Model: "P2423D", Serial: "CN-0K3W1-9999", Year: 2025})
		case *report.USB:
			facts.Devices = facts.Devices[:1]
		case *report.Software:
			facts.Packages = append(facts.Packages[1:], report.Package{Title: "docubridge", Version: "3.2", Arch: "amd64", Publisher: "DocuBridge", Source: "deb"})
		case *report.Memory:
			facts.Slots = -1
		}
	}
	made.device.report()
	return made
}

// pagesOf lists the path of every page, with the name of its picture.
func (e estate) pages() [][2]string {
	device := "/devices/" + e.device.id
	return [][2]string{
		{"overview", "/"},
		{"devices", "/devices"},
		{"devices-filtered", "/devices?kind=laptop&last_seen.from=-7d&add=model"},
		{"devices-none", "/devices?model=nothing-like-it"},
		{"device", device},
		{"device-hardware", device + "/hardware"},
		{"device-software", device + "/software"},
		{"device-peripherals", device + "/peripherals"},
		{"device-network", device + "/network"},
		{"device-security", device + "/security"},
		{"device-changes", device + "/changes"},
		{"device-facts", device + "/facts"},
		{"device-revoke", device + "/revoke"},
		{"software", "/software"},
		{"enrolment", "/enrolment"},
		{"enrolment-first", "/enrolment/first"},
		{"search", "/search?q=ca-lt"},
		{"search-none", "/search?q=zzzzzz"},
		{"users", "/access/users"},
		{"user-new", "/access/users/new"},
		{"user", "/access/users/" + e.helpDesk.String()},
		{"user-disable", "/access/users/" + e.helpDesk.String() + "/disable"},
		{"units", "/access/units"},
		{"unit", "/access/units/" + e.root.String()},
		{"tokens", "/access/tokens"},
		{"sessions", "/access/sessions"},
		{"audit", "/audit"},
		{"account", "/account"},
		{"help", "/help"},
		{"help-facts", "/help/facts"},
		{"help-roles", "/help/roles"},
		{"help-settings", "/help/settings"},
		{"accessibility", "/accessibility"},
	}
}

// looks checks one page in both widths and both themes.
func (b *tab) looks(name string) {
	b.t.Helper()
	for _, view := range []struct {
		name  string
		width int64
	}{{"w", 1440}, {"n", 360}} {
		b.size(view.width, 900)
		for _, theme := range []string{"light", "dark"} {
			ask[bool](b, "(document.documentElement.dataset.bsTheme = '"+theme+"', true)")
			where := name + "-" + view.name + "-" + theme
			for _, violation := range b.violations() {
				b.t.Errorf("%s: %s", where, violation)
			}
			if theme == "light" || view.name == "w" {
				b.picture(where)
			}
		}
		if wide := b.overflow(); wide != "" {
			b.t.Errorf("%s-%s scrolls sideways: %s", name, view.name, wide)
		}
	}
}

func TestEveryPageIsSoundInBothLanguages(t *testing.T) {
	e := settle(t, store.SQLite)
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			b := newTab(t, e.base)
			b.speaks(language)
			b.colours("light")
			b.size(1440, 900)
			b.open("/sign-in")
			b.looks("sign-in-" + language)
			b.silent("sign-in")
			b.signIn("rosalind")
			b.open("/enrolment")
			revoke := ask[string](b, "document.querySelector('a[href$=\"/revoke\"]').getAttribute('href')")
			for _, each := range append(e.pages(), [2]string{"enrolment-revoke", revoke}) {
				b.size(1440, 900)
				b.open(each[1])
				if got := ask[string](b, "document.documentElement.lang"); got != language {
					t.Errorf("%s is in %q, want %q", each[0], got, language)
				}
				if untranslated := b.keysShown(); untranslated != "" {
					t.Errorf("%s shows keys: %s", each[0], untranslated)
				}
				b.looks(each[0] + "-" + language)
				b.silent(each[0])
			}
			b.forReadme("/devices/"+e.device.id, "readme-"+language)
			b.open("/devices/00000000-0000-7000-8000-000000000000")
			b.expectNoise() // the browser notes the 404
			b.looks("missing-" + language)
		})
	}
}

// keysShown gives what looks like the key of a text that does not exist.
func (b *tab) keysShown() string {
	b.t.Helper()
	return ask[string](b, `[...document.body.innerText.matchAll(/\b(?:account|action|ago|answer|area|asset|assets|import|people|person|place|unowned|audit|change|changes|column|component|confirm|device|devices|enrolment|facts|failure|fault|field|filter|finding|first_agent|form|help|holders|install|installations|label|list|nav|note|notes|outcome|overview|permission|role|search|section|seen|session|shell|sign_in|software|state|thing|token|unit|user|value|verdict|view)\.[a-z_]+(?:\.[a-z_]+)*\b/g)].map(m => m[0]).filter(k => !/^(user|device|session)\.(last|[a-z]+)$/.test(k)).slice(0, 5).join(", ")`)
}

func TestPagesKeepTheirPolicy(t *testing.T) {
	e := settle(t, store.Postgres)
	b := newTab(t, e.base)
	b.signIn("rosalind")
	for _, each := range e.pages() {
		b.open(each[1])
		inline := ask[string](b, `[...document.querySelectorAll("[style], script:not([src]), style, [onclick]")].map(e => e.outerHTML.slice(0, 80)).join(" | ")`)
		if inline != "" {
			t.Errorf("%s has inline style or script: %s", each[0], inline)
		}
		b.silent(each[0])
	}
	if strings.Contains(e.printed.String(), "hfs_") {
		t.Error("the server prints a session")
	}
}
