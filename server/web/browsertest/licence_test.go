package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"holdfast/server/store"
	"holdfast/shared/report"
)

// equip installs licensed software on some devices of the estate.
func (e estate) equip(t *testing.T, count int) {
	t.Helper()
	key := e.enrolmentKey(e.root, "Drawing office")
	for number := range count {
		one := laptop(100 + number)
		if number == 0 {
			one = rackServer(104)
		}
		for _, section := range one.sections {
			if facts, is := section.(*report.Software); is {
				facts.Packages = append(facts.Packages,
					report.Package{Title: "WinZip 28.0", Version: "28.0.1", Publisher: "Corel Corporation", Source: "registry"},
					report.Package{Title: "Microsoft SQL Server 2022 (64-bit)", Version: "16.0.1000.6", Edition: "Standard", Publisher: "Microsoft Corporation", Source: "registry"})
			}
		}
		one.enrol(e.server, key)
		one.report()
	}
}

// productOf finds the page of a product in the list of positions, once its
// position was worked out.
func (b *tab) productOf(name string) string {
	b.t.Helper()
	b.shows("/licences?q="+name, "document.querySelector('tbody th a')")
	return ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
}

func (b *tab) says(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text))
}

func TestPagesOfLicencesAreSoundInBothLanguages(t *testing.T) {
	e := settle(t, store.SQLite)
	e.equip(t, 3)
	first := newTab(t, e.base)
	first.size(1440, 900)
	first.signIn("rosalind")
	product, other := first.productOf("SQL"), first.productOf("WinZip")
	right, paper := first.purchase(product, "20", "PO-2026-0058")
	first.exempt(product)
	first.silent("buying")
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			b := newTab(t, e.base)
			b.speaks(language)
			b.size(1440, 900)
			b.signIn("rosalind")
			b.speaks(language)
			for _, each := range [][2]string{
				{"licences", "/licences"}, {"licences-filtered", "/licences?status=short&add=metric"}, {"licences-at", "/licences/at?at=2026-01-31"},
				{"licence-product", product}, {"licence-other", other}, {"licence-past", product + "?at=2026-01-31"},
				{"licence-installations", product + "/installations"}, {"licence-rights", product + "/rights"}, {"licence-users", product + "/users"},
				{"licence-exemptions", product + "/exemptions"}, {"licence-history", product + "/history"}, {"licence-counting", product + "/counting"},
				{"rights", "/licences/rights"}, {"right", right}, {"right-edit", right + "/edit"}, {"right-new", "/licences/rights/new"},
				{"papers", "/licences/papers"}, {"paper-new", "/licences/papers/new"}, {"paper", paper}, {"paper-edit", paper + "/edit"}, {"help-licences", "/help/licences"},
			} {
				b.size(1440, 900)
				b.open(each[1])
				if got := ask[string](b, "document.documentElement.lang"); got != language {
					t.Errorf("%s is in %q, want %q", each[0], got, language)
				}
				if untranslated := b.keysShown(); untranslated != "" {
					t.Errorf("%s shows keys: %s", each[0], untranslated)
				}
				if untranslated := ask[string](b, `[...document.body.innerText.matchAll(/\b(?:licences?|right|paper|papers|entitlements|licence_installations)\.[a-z_]+(?:\.[a-z_]+)*\b/g)].map(m => m[0]).slice(0, 5).join(", ")`); untranslated != "" {
					t.Errorf("%s shows keys: %s", each[0], untranslated)
				}
				b.looks(each[0] + "-" + language)
				b.silent(each[0])
			}
		})
	}
}

// purchase records rights through the form, and gives the pages of the right
// and of its paper.
func (b *tab) purchase(product, quantity, number string) (right, paper string) {
	b.t.Helper()
	b.open(product)
	b.follow(".hf-head a.btn-primary")
	b.fill("#quantity", quantity)
	b.fill("#pack_size", "2")
	b.fill("#cost", "24725.00")
	b.fill("#paper", number)
	b.follow("form[action='/licences/rights'] button.btn-primary")
	b.until("document.querySelector('tbody th a')")
	right = ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
	paper = ask[string](b, "new URL(document.querySelector('tbody a[href^=\"/licences/papers/\"]').href).pathname")
	file := filepath.Join(b.t.TempDir(), "order.txt")
	if err := os.WriteFile(file, []byte("Twenty packs of two cores."), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.open(paper)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	b.follow("form[enctype] button")
	b.says("order.txt")
	return right, paper
}

// exempt exempts the first device that has the product.
func (b *tab) exempt(product string) {
	b.t.Helper()
	b.open(product + "/installations")
	name := ask[string](b, "document.querySelector('tbody th a').innerText.trim()")
	b.open(product + "/exemptions")
	b.fill("#device", name)
	b.fill("#reason", "passive copy for disaster recovery")
	b.follow("form[action$='/exemptions'] button.btn-primary")
	b.says("X-0001")
}

func TestPositionFollowsPurchasesAndIsUndone(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			e := settle(t, dialect)
			e.equip(t, 3)
			b := newTab(t, e.base)
			b.size(1440, 900)
			b.signIn("rosalind")
			product := b.productOf("WinZip")
			b.shows(product, "document.querySelector('.hf-tag').innerText.includes('3 machines short')")
			b.open("/licences/rights/new")
			b.fill("#product", "No such product")
			b.fill("#quantity", "many")
			b.follow("form[action='/licences/rights'] button.btn-primary")
			b.says("There is no such product")
			b.expectNoise() // the browser notes the 422
			product = b.productOf("WinZip")
			b.open(product)
			b.follow(".hf-head a.btn-primary")
			b.fill("#quantity", "5")
			b.follow("form[action='/licences/rights'] button.btn-primary")
			b.says("R-0001")
			b.shows(product, "document.querySelector('.hf-tag').innerText.includes('2 machines left')")
			b.open("/licences/rights")
			b.follow("tbody th a")
			b.follow("form[action$='/undo'] button")
			b.says("Taken back")
			b.shows(product, "document.querySelector('.hf-tag').innerText.includes('3 machines short')")
			b.open(product + "/history")
			b.says("a decision on rights or counting")
			b.silent("the story")
		})
	}
}
