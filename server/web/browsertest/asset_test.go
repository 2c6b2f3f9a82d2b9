package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"holdfast/server/store"
)

// upload sends a file from the page of imports and waits for its preview.
func (b *tab) upload(kind, name string, lines ...string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.open("/import")
	b.fill("#kind", kind)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	b.follow("form[action='/import'] button")
	b.until("location.pathname.startsWith('/import/')")
}

// bring uploads a file and confirms it.
func (b *tab) bring(kind, name string, lines ...string) {
	b.t.Helper()
	b.upload(kind, name, lines...)
	b.follow("form[action$='/confirm'] button")
	b.until("document.querySelector('.hf-note, [data-notice]')")
}

// shows waits until a page says something, loading it again meanwhile.
func (b *tab) shows(path, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		b.open(path)
		if ask[bool](b, "Boolean("+expression+")") {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never shows %s", path, expression)
		}
	}
}

// furnish brings in what a branch office owns, as its staff would.
func (e estate) furnish(b *tab) (asset string) {
	b.t.Helper()
	b.bring("people", "people.csv", "Name,Email,Login,Unit,Language,Active",
		"Amara Diallo,amara.diallo@coastal.example,amara.diallo,Licensing Office,fr,yes",
		"Priya Raman,priya.raman@coastal.example,priya.raman,Licensing Office,en,yes",
		"Jonas Whitlock,jonas.whitlock@coastal.example,jonas.whitlock,Field Surveys,en,yes")
	b.bring("places", "places.csv", "Place;Unit", "Harbour house/2nd floor/214;Licensing Office", "Harbour house/Store;Licensing Office", "Field station;Field Surveys")
	b.bring("assets", "assets.csv",
		"Tag,Kind,Status,Maker,Model,Serial number,Custodian,Place,Unit,Purchased on,Cost,Currency,Warranty,Order number,Note",
		`HF-0001,desktop,in use,HP,EliteBook 840 G8,7QX0002,priya.raman,Harbour house/2nd floor/214,Licensing Office,2024-03-14,"1,499.00",CAD,2027-01-31,PO-1877,Lid scratched when it came.`,
		"HF-0002,laptop,in stock,Dell,Latitude 5440,7QX0003,,Harbour house/Store,Licensing Office,2023-05-02,1320.00,CAD,2026-05-01,PO-1640,",
		"HF-0003,laptop,surplus,Lenovo,ThinkPad T14,,jonas.whitlock,,Field Surveys,,,,,,",
		"HF-0004,laptop,in use,Dell,Latitude,7QX0006,,,Field Surveys,,,,,,",
		"HF-0005,laptop,in use,Lenovo,ThinkPad,7QX0006,,,Field Surveys,,,,,,",
		"HF-0006,printer,in use,Canon,imageRUNNER,PRN-0001,,Harbour house/2nd floor/214,Licensing Office,2022-01-10,2100,CAD,2025-01-09,,")
	b.bring("people", "leavers.csv", "Login,Active", "jonas.whitlock,no")
	b.shows("/assets?q=HF-0001", "document.querySelector('tbody th a')")
	asset = ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
	b.shows(asset, "document.querySelector('a[href=\"/devices/"+e.device.id+"\"]')") // the rule has linked it
	return asset
}

func TestPagesOfAssetsAreSoundInBothLanguages(t *testing.T) {
	e := settle(t, store.SQLite)
	first := newTab(t, e.base)
	first.size(1440, 900)
	first.signIn("rosalind")
	asset := e.furnish(first)
	first.open("/people?q=priya")
	person := ask[string](first, "new URL(document.querySelector('tbody th a').href).pathname")
	first.open("/places")
	place := ask[string](first, "new URL(document.querySelectorAll('.hf-units a')[2].href).pathname")
	first.open("/assets?kind=monitor")
	monitor := ask[string](first, "new URL(document.querySelector('tbody th a').href).pathname")
	first.silent("furnishing")
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			b := newTab(t, e.base)
			b.speaks(language)
			b.size(1440, 900)
			b.signIn("rosalind")
			b.speaks(language)
			for _, each := range [][2]string{
				{"assets", "/assets"}, {"assets-filtered", "/assets?status=in_use&add=cost"}, {"assets-queue", "/assets/queue"},
				{"asset", asset}, {"asset-edit", asset + "/edit"}, {"asset-new", "/assets/new"}, {"asset-monitor", monitor},
				{"people", "/people"}, {"people-leavers", "/people?assets.from=1&active=no"}, {"person-new", "/people/new"}, {"person", person}, {"person-edit", person + "/edit"}, {"places", "/places"}, {"place", place},
				{"import", "/import"}, {"device-asset", "/devices/" + e.device.id}, {"help-assets", "/help/assets"}, {"help-import", "/help/import"},
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
			b.size(1440, 900)
			b.upload("assets", "more.csv", "tag,kind,colour,place,cost,currency", "HF-0001,,red,,0,CAD", "HF-0009,toaster,,Nowhere,,", "HF-0010,laptop,blue,,,", "HF-0006,,,,,")
			b.looks("import-preview-" + language)
			if untranslated := b.keysShown(); untranslated != "" {
				t.Errorf("the preview shows keys: %s", untranslated)
			}
			b.follow("form[action$='/drop'] button")
			b.until("location.pathname === '/import'")
			b.silent("preview")
		})
	}
}

func TestAssetLivesItsLife(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			e := settle(t, dialect)
			b := newTab(t, e.base)
			b.size(1440, 900)
			b.signIn("rosalind")
			asset := e.furnish(b)

			says := func(text string) {
				t.Helper()
				b.until(fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text))
			}
			says("2 values differ") // it is a desktop on paper, and its firmware has another tag
			b.click("summary.btn")
			b.follow("button[name=status][value=in_repair]")
			says("In repair")
			b.follow(".hf-note form button, [data-notice] form button") // undo
			says("In use")

			b.open(asset + "/edit")
			b.fill("#custodian_id", "nobody at all")
			b.follow("main form button.btn-primary")
			b.until("document.querySelector('#wrong-custodian_id')")
			b.expectNoise() // the browser notes the 422
			b.fill("#custodian_id", "amara.diallo")
			b.fill("#kind", "laptop")
			b.follow("main form button.btn-primary")
			says("held by Amara Diallo")

			b.open("/search?q=hf-0001") // only one thing is called so
			b.until("location.pathname === '" + asset + "'")
			b.open("/search?q=diallo")
			says("Amara Diallo")

			// Two assets have the number of one device: it waits for a person.
			b.shows("/assets/queue?q=7QX0006", "document.querySelectorAll('.hf-waits form').length >= 2")
			b.follow("form[action$='/link'] button")
			b.until("location.pathname === '/assets/queue'")
			b.shows("/assets/queue?q=7QX0006", "!document.querySelector('.hf-waits')")

			// Any other becomes an asset with one click.
			b.open("/assets/queue?sort=name")
			before := ask[string](b, "document.querySelector('tbody th').innerText.trim()")
			b.follow("form[action='/assets/own'] button")
			says(before + " is now the asset")
			b.open("/assets?q=" + before)

			// Who looks at a device opens a ticket about it, and finds it there again.
			b.open("/devices/" + e.device.id)
			b.follow(".hf-head a[href^='/tickets/new?device=']")
			b.until("document.querySelector('#device').value === '" + e.device.name + "'")
			b.fill("#title", "The fan is loud")
			b.follow("form[action='/tickets/new'] button.btn-primary")
			b.until("/^[/]tickets[/][0-9a-f-]{36}$/.test(location.pathname)")
			b.open("/devices/" + e.device.id)
			b.until("document.querySelector('#tickets') && document.querySelector('main').innerText.includes('The fan is loud')")
			b.sound("device-ticket")
		})
	}
}
