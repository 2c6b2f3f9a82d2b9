package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"holdfast/server/identity"
	"holdfast/server/store"
)

func TestFirstRunEndsAtTheFirstDevice(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			s := start(t, dialect)
			b := newTab(t, s.base)
			b.size(1440, 900)
			b.open(s.firstLink())
			b.looks("first-run")
			b.fill("#name", "Rosalind Okafor")
			b.fill("#login", "rosalind")
			b.fill("#password", "short")
			b.follow("main form button")
			b.until("document.querySelector('[role=alert]') && document.activeElement.matches('[data-error-summary]')")
			b.expectNoise() // the browser notes the 422
			if kept := ask[string](b, "document.querySelector('#name').value"); kept != "Rosalind Okafor" {
				t.Errorf("after a wrong password the name is %q", kept)
			}
			b.looks("first-run-wrong")
			b.fill("#password", password)
			b.follow("main form button")
			b.until("location.pathname === '/enrolment/first'")
			b.looks("first-agent")
			b.follow("form[action='/enrolment/first'] button")
			key := ask[string](b, "document.querySelector('#direct').textContent.match(/hfe_[\\w-]+/)[0]")
			b.looks("first-agent-lines")

			one := laptop(17)
			one.enrol(s, identity.Secret(key))
			one.report()
			b.until("location.pathname === '/devices/" + one.id + "'")
			if title := ask[string](b, "document.querySelector('h1').textContent"); title != one.name {
				t.Errorf("the page is about %q", title)
			}
			b.silent("first run")
		})
	}
}

func TestListIsFilteredSortedTurnedKeptAndExported(t *testing.T) {
	e := settle(t, store.Postgres)
	b := newTab(t, e.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.open("/devices?limit=25")

	b.click("[data-focus=page-next]")
	b.until("document.querySelector('.hf-pager').textContent.includes('26 to 31 of 31')")
	b.click("[data-focus=page-previous]")
	b.until("document.querySelector('.hf-pager').textContent.includes('1 to 25 of 31')")

	b.click("#add-filter")
	b.click("[data-focus=add-kind]")
	b.until("document.querySelector('.hf-filter')")
	b.click(".hf-filter input[value=laptop]")
	b.click(".hf-filter .btn-primary")
	b.until("document.querySelector('.chip').textContent.includes('Laptop')")
	b.until("document.querySelector('.hf-chips [role=status]').textContent === '28 devices'")
	if address := b.address(); !strings.Contains(address, "kind=laptop") || strings.Contains(address, "relation") {
		t.Errorf("the filter is in the address as %s", address)
	}

	b.click("[data-focus=sort-name]")
	b.until("document.querySelector('th[aria-sort=ascending] a')?.dataset.focus === 'sort-name'")
	names := ask[[]string](b, "[...document.querySelectorAll('[data-rows] tbody th a')].map(a => a.textContent.trim().split(/\\s+/).pop())")
	if len(names) != 25 || names[0] != "ca-lt-04400" {
		t.Errorf("sorted by name the list is %v", names)
	}
	b.until("document.activeElement.dataset.focus === 'sort-name'")

	b.click(".hf-keep summary")
	b.fill("#view-name", "Laptops by name")
	b.follow(".hf-keep form button")
	b.until("[...document.querySelectorAll('.hf-views a[aria-current]')].some(a => a.textContent.includes('Laptops by name'))")
	b.looks("devices-view")

	// What is exported is what is shown, over all pages.
	csv := ask[string](b, "fetch([...document.querySelectorAll('a[download]')][0].href).then(r => r.text())")
	rows := strings.Split(strings.TrimSpace(csv), "\r\n")
	if len(rows) != 29 || !strings.HasPrefix(rows[1], "ca-lt-04400,") || !strings.Contains(rows[0], "Name,Last seen,Health,User,Unit") {
		t.Errorf("the export has %d rows: %.300s", len(rows), csv)
	}
	kind := ask[string](b, "fetch([...document.querySelectorAll('a[download]')][1].href).then(r => r.headers.get('content-type') + r.status)")
	if kind != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet200" {
		t.Errorf("the workbook comes as %s", kind)
	}

	b.follow(".hf-views-row > form button")
	b.until("document.querySelector('.hf-note.ok')")
	b.follow(".hf-note.ok button") // undo
	b.until("[...document.querySelectorAll('.hf-views a')].some(a => a.textContent.includes('Laptops by name'))")
	b.silent("list")
}

func TestSearchIsReachedByOneKey(t *testing.T) {
	e := settle(t, store.SQLite)
	b := newTab(t, e.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.press("/")
	b.until("document.activeElement.id === 'search'")
	b.keys("04417")
	b.until("document.querySelector('#search-results [role=option]') && !document.querySelector('#search-results').hidden")
	b.looks("search-open")
	b.keys(kb.ArrowDown)
	b.until("document.querySelector('#search').getAttribute('aria-activedescendant')")
	b.keys(kb.Enter)
	b.until("location.pathname.startsWith('/devices/') && document.querySelector('h1').textContent === 'ca-lt-04417'")

	b.press("/")
	b.until("document.activeElement.id === 'search'")
	b.keys("zzzzzz")
	b.until("document.querySelector('#search-results .note')")
	b.keys(kb.Escape)
	b.until("document.querySelector('#search-results').hidden")
	b.silent("search")
}

func TestKeysGoThroughRowsAndCanBeSwitchedOff(t *testing.T) {
	e := settle(t, store.SQLite)
	b := newTab(t, e.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.keys("gd")
	b.until("location.pathname === '/devices' && document.querySelector('[data-rows]')")
	b.keys("jjk")
	b.until("document.activeElement === document.querySelector('[data-rows] tbody tr th a')")
	b.keys("f")
	b.until("document.querySelector('details[data-key=f]').open")
	b.keys(kb.Escape)
	b.until("!document.querySelector('details[data-key=f]').open")
	b.keys("j")
	b.keys(kb.Enter)
	b.until("location.pathname.startsWith('/devices/0')")
	b.keys("?")
	b.until("location.pathname === '/help/keyboard'")

	b.open("/account")
	b.click("input[name=keys]")
	b.follow("form[action='/account/keys'] button")
	b.keys("gd")
	if address := b.address(); address != "/account" {
		t.Errorf("with single keys off, G D goes to %s", address)
	}
	b.silent("keys")
}

func TestSessionIsEndedFromAnotherBrowser(t *testing.T) {
	e := settle(t, store.Postgres)
	here, there := newTab(t, e.base), newTab(t, e.base)
	here.signIn("rosalind")
	there.signIn("rosalind")
	here.open("/account")
	here.follow("form[action='/account/sessions/others'] button")
	here.until("document.querySelector('.hf-note.ok')")
	there.open("/devices")
	there.until("location.pathname === '/sign-in' && location.search.includes('next=%2Fdevices')")
	here.open("/devices")
	here.until("location.pathname === '/devices'")
}

func TestEnrolmentKeyIsShownOnceAndRevokedWithAReason(t *testing.T) {
	e := settle(t, store.SQLite)
	b := newTab(t, e.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.open("/enrolment")
	b.fill("#name", "East office")
	b.fill("#max_uses", "5")
	b.follow("form[action='/enrolment'] button")
	b.until("document.querySelector('#key')?.textContent.startsWith('hfe_')")
	b.looks("enrolment-made")
	b.open("/enrolment")
	if again := ask[bool](b, "document.body.innerText.includes('hfe_')"); again {
		t.Error("the key is shown a second time")
	}
	b.follow("a[aria-label='Revoke East office']")
	b.looks("enrolment-revoke")
	b.fill("#reason", "lost laptop")
	b.follow("main form button")
	b.until("document.querySelector('.hf-note.ok')")
	b.open("/audit")
	if told := ask[bool](b, "document.body.innerText.includes('lost laptop')"); !told {
		t.Errorf("the audit log does not tell the reason: %s", ask[string](b, "document.querySelector('main').innerText"))
	}
	b.silent("enrolment key")
}

func TestPagesWorkWithoutScripts(t *testing.T) {
	e := settle(t, store.SQLite)
	b := newTab(t, e.base)
	b.size(360, 800)
	b.signIn("rosalind")
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.open("/devices?add=kind")
	b.do(chromedp.Click(chromedp.CSS(".hf-filter input[value=server]")))
	b.follow(".hf-filter .btn-primary")
	if address := b.address(); !strings.Contains(address, "kind=server") {
		t.Errorf("the filter leads to %s", address)
	}
	b.do(chromedp.Click(chromedp.CSS(".hf-burger")), chromedp.WaitVisible(chromedp.CSS("#nav a[href='/software']")))
	b.follow("#nav a[href='/software']")
	b.do(chromedp.SetValue(chromedp.CSS("#search"), "04417"))
	b.do(chromedp.Focus(chromedp.CSS("#search")))
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	if address := b.address(); !strings.HasPrefix(address, "/devices/") {
		t.Errorf("the search leads to %s", address)
	}
}

func TestLanguageAndThemeStayWithTheAccount(t *testing.T) {
	s := start(t, store.SQLite)
	root, err := s.units.Root(operator(t))
	if err != nil {
		t.Fatal(err)
	}
	s.person("rosalind", "Rosalind Okafor", identity.Administrator, root.ID)
	b := newTab(t, s.base)
	b.size(1440, 900)
	b.colours("light")
	b.signIn("rosalind")
	b.open("/account")
	b.follow(".hf-top-wide form[action='/language'] button")
	b.until("document.documentElement.lang === 'fr'")
	b.click(".hf-top-wide form[action='/theme'] button")
	b.until("document.documentElement.dataset.bsTheme === 'dark'")
	b.until("fetch('/account').then(r => r.text()).then(t => t.includes('data-bs-theme=\"dark\"'))")

	other := newTab(t, s.base)
	other.size(1440, 900)
	other.signIn("rosalind")
	if got := ask[string](other, "document.documentElement.lang + document.documentElement.dataset.bsTheme"); got != "frdark" {
		t.Errorf("another browser shows %s", got)
	}
	b.silent("preferences")
}

func TestMenusStayOnTheScreen(t *testing.T) {
	e := settle(t, store.SQLite)
	b := newTab(t, e.base)
	b.signIn("rosalind")
	for _, width := range []int64{1440, 360} {
		b.size(width, 900)
		for _, path := range []string{"/devices?kind=laptop", "/devices/" + e.device.id, "/devices/" + e.device.id + "/software"} {
			b.open(path)
			outside := ask[string](b, `(() => {
				const wrong = [];
				for (const menu of document.querySelectorAll("details.hf-menu")) {
					if (!menu.checkVisibility()) continue;
					for (const other of document.querySelectorAll("details.hf-menu")) other.open = other === menu;
					const box = menu.querySelector(".hf-pop").getBoundingClientRect();
					if (box.left < 0 || box.right > document.documentElement.clientWidth + 1) wrong.push(menu.querySelector("summary").textContent.trim() + " " + box.left + " to " + box.right);
				}
				return wrong.join(" | ");
			})()`)
			if outside != "" {
				t.Errorf("%s at %d: menus leave the screen: %s", path, width, outside)
			}
			b.picture("menu-" + strings.Trim(strings.ReplaceAll(path[:8], "/", "-"), "-"))
		}
	}
	b.click(".hf-burger")
	b.until("document.querySelector('.hf-app').classList.contains('nav-open') && document.activeElement.closest('.hf-nav')")
	for _, violation := range b.violations() {
		t.Errorf("with the drawer open: %s", violation)
	}
	b.picture("drawer")
	b.keys(kb.Escape)
	b.until("!document.querySelector('.hf-app').classList.contains('nav-open') && document.activeElement.matches('.hf-burger')")
	b.silent("menus")
}
