package browsertest

import (
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
			b.fill("#reason", "Broken, nobody can use it.")
			b.follow("form[action='/disposal/chosen'] .btn-primary")
			b.until("document.querySelector('.hf-steps')")
			page := ask[string](b, "location.pathname")
			look("disposal-draft")

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
				return other
			}
			deed("edit/offer")
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
				look("disposal-unchecked")
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
		})
	}
}
