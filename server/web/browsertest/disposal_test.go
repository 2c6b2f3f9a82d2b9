package browsertest

import (
	"strings"
	"testing"

	"holdfast/server/identity"
	"holdfast/server/store"
)

// TestDisposalStopsAtTheUnrecordedDrive takes a laptop out of the door as its
// people would, in both languages: the case stops at the drive without a
// record, and goes on only when another person has verified one.
func TestDisposalStopsAtTheUnrecordedDrive(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			e := settle(t, store.SQLite)
			root, err := e.units.Root(operator(t))
			if err != nil {
				t.Fatal(err)
			}
			e.person("mbeki", "David Mbeki", identity.Manager, root.ID)
			e.person("reyes", "Ana Reyes", identity.Servers, root.ID)
			b := newTab(t, e.base)
			b.size(1440, 900)
			b.signIn("rosalind")
			asset := e.furnish(b)
			b.speaks(language)
			look := func(name string) {
				t.Helper()
				if untranslated := b.keysShown(); untranslated != "" {
					t.Errorf("%s shows keys: %s", name, untranslated)
				}
				b.sound(name + "-" + language)
				b.size(1440, 900)
			}

			b.open("/disposal")
			look("disposal-none")
			b.open("/disposal/new")
			look("disposal-new")
			b.open(asset)
			b.follow("a[href^='/disposal/choose']")
			b.until("document.querySelector('form[action=\"/disposal/chosen\"]')")
			b.fill("#title", "Harbour House refresh, batch 3")
			b.fill("#route", "recycling")
			look("disposal-choose")
			b.follow("form[action='/disposal/chosen'] .btn-primary")
			b.until("document.querySelector('.hf-wrong')") // earlier rungs are skipped without a reason
			b.expectNoise()                                // the browser notes the 422
			look("disposal-choose-wrong")
			if left := ask[int](b, "fetch('/disposal').then(r => r.text()).then(t => (t.match(/DC-\\d+-\\d+/g) || []).length)"); left != 0 {
				t.Errorf("a form with a mistake leaves %d mentions of a case", left)
			}
			b.fill("#reason", "Broken, nobody can use it.")
			b.follow("form[action='/disposal/chosen'] .btn-primary")
			b.until("document.querySelector('.hf-steps')")
			page := ask[string](b, "location.pathname")
			look("disposal-draft")
			b.open(asset)
			b.follow(".hf-head a[href='" + page + "']") // the asset leads to its case
			b.until("document.querySelector('.hf-steps')")

			deed := func(address string) {
				t.Helper()
				b.open(page + "/" + address)
				b.until("document.querySelector('main form .btn-primary')")
				b.follow("main form .btn-primary")
				b.until("document.querySelector('.hf-steps')")
			}
			as := func(login string) *tab {
				t.Helper()
				other := newTab(t, e.base)
				other.size(1440, 900)
				other.signIn(login)
				other.speaks(language)
				return other
			}
			// form looks at a form that is not sent, in a tab of its own.
			forms := as("rosalind")
			form := func(deed string) {
				t.Helper()
				forms.size(1440, 900)
				forms.open(page + "/" + deed)
				forms.until("document.querySelector('main form .btn-primary')")
				forms.sound("disposal-" + deed[strings.LastIndex(deed, "/")+1:strings.Index(deed+"?", "?")] + "-" + language)
			}
			line := func(deed string) string {
				t.Helper()
				return ask[string](b, "document.querySelector('tbody a[href*=\"/"+deed+"?\"]').getAttribute('href').replace('"+page+"/', '')")
			}
			for _, each := range []string{"edit/change", "edit/add", line("edit/route"), line("edit/remove"), line("record/drive")} {
				form(each)
			}
			deed("edit/offer")
			b.until("document.querySelector('#barred') && document.querySelectorAll('.hf-head .acts [aria-disabled]').length === 2") // who proposed it does not approve it
			look("disposal-offered")
			for _, each := range []string{"edit/revise", "edit/cancel", "approve/decline"} {
				form(each)
			}
			manager := as("mbeki")
			manager.open(page + "/approve/approve")
			manager.sound("disposal-approve-" + language)
			manager.follow("main form .btn-primary")
			manager.until("document.querySelector('.hf-steps')")

			b.open(page)
			if ask[int](b, "document.querySelectorAll('#gate').length") != 1 {
				t.Error("nothing says that the case is blocked")
			}
			look("disposal-blocked")
			b.open(page + "/edit/clear")
			b.follow("main form .btn-primary")
			b.until("document.querySelector('[data-error-summary]')") // there is no way past the drive
			b.expectNoise()
			for ask[int](b, "document.querySelectorAll('#gate').length") > 0 || ask[string](b, "location.pathname") != page {
				b.open(page)
				if ask[int](b, "document.querySelectorAll('#gate').length") == 0 {
					break
				}
				drive := ask[string](b, "document.querySelector('#gate .btn-primary').getAttribute('href')")
				form("record/lose" + drive[strings.Index(drive, "?"):])
				b.open(drive)
				b.until("document.querySelector('main form .btn-primary')")
				if ask[bool](b, "Boolean(document.querySelector('#medium'))") {
					b.fill("#medium", "ssd")
				}
				b.fill("#technique", "block_erase")
				b.fill("#tool", "nvme-cli")
				look("disposal-record")
				b.follow("main form .btn-primary")
				b.until("document.querySelector('.hf-steps')")
				if ask[bool](b, "Boolean(document.querySelector('a[href*=\"/validate\"]'))") || !ask[bool](b, "Boolean(document.querySelector('#gate [aria-disabled]'))") {
					t.Error("who recorded the drive is asked to verify it")
				}
				look("disposal-unchecked")
				form(line("record/withdraw"))
				b.open(strings.Replace(drive, "/record/record", "/record/validate", 1))
				b.until("document.querySelector('.hf-note.warn') && !document.querySelector('main form .btn-primary')")
				look("disposal-validate-own")
				other := as("reyes")
				other.open(page)
				other.follow("#gate .btn-primary")
				other.until("document.querySelector('#verification')")
				other.sound("disposal-validate-" + language)
				other.follow("main form .btn-primary")
				other.until("document.querySelector('.hf-steps')")
				b.open(page)
			}
			deed("edit/clear")
			b.open(page + "/edit/release")
			look("disposal-release")
			deed("edit/release")
			look("disposal-released")
			b.open(page + "/edit/collect")
			b.fill("#collector", "Recyclage du port")
			b.follow("main form .btn-primary")
			b.until("document.querySelector('.hf-steps')")
			deed("edit/close")
			look("disposal-closed")
			b.open("/disposal")
			look("disposal-list")
			e.offersWait(b, look)
		})
	}
}

// offersWait looks at a case whose offer runs, with a thing of which nobody
// knows whether it holds data.
func (e estate) offersWait(b *tab, look func(string)) {
	b.t.Helper()
	b.open("/assets?q=HF-0006")
	b.follow("tbody th a")
	b.follow("a[href^='/disposal/choose']")
	b.until("document.querySelector('form[action=\"/disposal/chosen\"]')")
	b.fill("#title", "The old printer")
	b.fill("#route", "schools")
	b.fill("#reason", "Nobody here wants it.")
	b.follow("form[action='/disposal/chosen'] .btn-primary")
	b.until("document.querySelector('.hf-steps')")
	page := ask[string](b, "location.pathname")
	b.open(page + "/edit/offer")
	b.follow("main form .btn-primary")
	b.until("document.querySelector('.hf-steps')")
	look("disposal-offer-runs")
	for _, deed := range []string{"edit/settle", "edit/pass", "record/empty"} {
		b.open(page)
		b.follow("tbody a[href*='/" + deed + "?']")
		b.until("document.querySelector('main form .btn-primary')")
		look("disposal-" + deed[strings.Index(deed, "/")+1:])
	}
}
