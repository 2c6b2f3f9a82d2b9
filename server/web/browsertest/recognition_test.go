package browsertest

import (
	"strconv"
	"strings"
	"testing"

	"holdfast/server/store"
	"holdfast/shared/report"
)

// queued waits until a title waits in the queue of unrecognised ones, and gives
// the address of the form of a rule for it.
func (b *tab) queued(title string) string {
	b.t.Helper()
	b.shows("/recognition?q="+title, "document.querySelector('tbody th a')")
	return ask[string](b, "(u => u.pathname + u.search)(new URL(document.querySelector('tbody th a').href))")
}

// decide makes a rule for a title of the queue by its form, and gives the path
// of its product.
func (b *tab) decide(title string) (product string) {
	b.t.Helper()
	b.open(b.queued(title))
	b.follow("button[name=preview]")
	b.until("document.querySelector('#preview tbody th')")
	b.follow("form[action='/recognition/rules'] button.btn-primary")
	b.until("location.pathname === '/recognition'")
	b.shows("/products?q="+title, "document.querySelector('tbody th a')")
	return ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
}

func TestPagesOfRecognitionAreSoundInBothLanguages(t *testing.T) {
	e := settle(t, store.SQLite)
	first := newTab(t, e.base)
	first.size(1440, 900)
	first.signIn("rosalind")
	form := first.queued("docubridge")
	first.shows("/products?devices.from=1&q=firefox", "document.querySelector('tbody th a')")
	firefox := ask[string](first, "new URL(document.querySelector('tbody th a').href).pathname")
	first.open(firefox)
	bundled := ask[string](first, "new URL(document.querySelector('a[href^=\"/recognition/rules/\"]').href).pathname")
	own := first.decide("docubridge")
	first.open("/recognition/rules?origin=local")
	local := ask[string](first, "new URL(document.querySelector('tbody th a').href).pathname")
	for _, section := range e.device.sections {
		if facts, is := section.(*report.Software); is {
			facts.Packages = append(facts.Packages, report.Package{Title: "tidewell-permits", Version: "4.2", Arch: "amd64", Publisher: "Tidewell", Source: "deb"},
				report.Package{Title: "harbourview-ledger-2.1.7", Version: "2.1.7", Arch: "amd64", Publisher: "Harbourview", Source: "deb"})
		}
	}
	e.device.report()
	first.queued("tidewell")
	first.open("/software?q=firefox")
	title := ask[string](first, "new URL(document.querySelector('tbody th a').href).pathname")
	first.silent("deciding")
	preview := strings.Replace(form, "?", "?preview=yes&match=contains&name=fire&class=ignored&", 1)
	preview = preview[:strings.LastIndex(preview, "title=")]
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			b := newTab(t, e.base)
			b.speaks(language)
			b.size(1440, 900)
			b.signIn("rosalind")
			b.speaks(language)
			for _, each := range [][2]string{
				{"products", "/products?devices.from=1"}, {"products-all", "/products?sort=product&licence=licensed"}, {"product", firefox}, {"product-local", own}, {"product-edit", own + "/edit"},
				{"recognition", "/recognition"}, {"recognition-none", "/recognition?q=nothing-like-it"}, {"rules", "/recognition/rules?origin=bundled"}, {"rules-local", "/recognition/rules?origin=local"},
				{"rule", bundled}, {"rule-local", local}, {"rule-new", form}, {"rule-edit", local + "/edit"}, {"rule-preview", preview}, {"recognition-file", "/recognition/file"},
				{"software-products", "/software?class=product"}, {"software-title", title}, {"help-recognition", "/help/recognition"},
			} {
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
		})
	}
}

func TestTitleOfTheQueueBecomesAProduct(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			e := settle(t, dialect)
			b := newTab(t, e.base)
			b.size(1440, 900)
			b.signIn("rosalind")
			says := func(text string) {
				t.Helper()
				b.until("document.querySelector('main').innerText.includes(" + strconv.Quote(text) + ")")
			}

			// A rule for it, seen before it is saved, and taken back.
			b.open(b.queued("docubridge"))
			b.fill("#name", "docu(bridge")
			b.fill("#match", "regexp")
			b.follow("button[name=preview]")
			b.until("document.querySelector('#wrong-name')")
			b.expectNoise() // the browser notes the 422
			b.fill("#name", "docubridge")
			b.fill("#match", "exact")
			b.follow("button[name=preview]")
			says("1 title · 1 installation · 1 would change")
			b.follow("form[action='/recognition/rules'] button.btn-primary")
			says("is in force")
			b.shows("/products?q=docubridge&devices.from=1", "document.querySelector('tbody th a')")
			b.open("/recognition?q=docubridge")
			says("Nothing")
			b.shows("/recognition/rules?origin=local", "document.querySelector('tbody th a')")
			rule := ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
			b.open(rule + "/edit")
			b.fill("#version_from", "3")
			b.follow("button[name=preview]")
			b.until("document.querySelector('#preview tbody th')")
			b.follow("form[action='" + rule + "'] button.btn-primary")
			says("is changed")
			b.open(rule)
			b.follow("form[action$='/retire'] button")
			says("no longer in force")
			b.follow(".hf-note form button") // undo: in force again
			says("as it was before")

			b.open(rule)
			b.follow("form[action$='/retire'] button")
			says("no longer in force")

			// The page of a title leads to the form of a rule for it too.
			b.open("/software?q=docubridge")
			b.follow("tbody th a")
			b.follow("a[href^='/recognition/rules/new?title=']")
			b.until("document.querySelector('#name').value.includes('docubridge')")

			// What is of no interest leaves the queue with one click.
			b.queued("docubridge")
			b.click("tbody input[name=id]")
			b.follow(".hf-bulk button.btn:not(.btn-plain)")
			says("is ignored from now on")
			b.shows("/software?class=ignored", "document.querySelector('tbody th')")
			b.shows("/recognition?q=docubridge", "!document.querySelector('tbody th')")
			b.silent("recognition")
		})
	}
}
