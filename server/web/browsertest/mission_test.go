package browsertest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/server/identity"
	"holdfast/server/store"
)

// mission is one run of the story that the product is made for.
type mission struct {
	*stack
	*tab
	t        *testing.T
	language string
	device   string // path of the page of this machine
	product  string // path of the licence page of the product
}

const missionProduct = "Mission Suite"

// TestMission is the mission: something that is really installed on this
// machine is recognised, too little of it is bought, the shortage becomes an
// alert and a ticket with the machine in view, and all three resolve by
// themselves once enough is bought; then the machine leaves, by a case that
// stops at the drive without a record.
func TestMission(t *testing.T) {
	folder := programs(t)
	for language, dialect := range map[string]store.Dialect{"en": store.SQLite, "fr": store.Postgres} {
		t.Run(language, func(t *testing.T) {
			s := makeRun(t, folder, dialect)
			m := &mission{stack: s, tab: newTab(t, s.base), t: t, language: language}
			m.size(1440, 900)
			m.begins()
			m.recognises()
			m.buysTooLittle()
			ticket := m.seesTheShortage()
			m.buysEnough(ticket)
			m.silent("mission, licences")
			m.disposes()
			m.silent("mission")
		})
	}
}

// waits opens a page again and again until an expression holds on it.
func (m *mission) waits(path, expression string) {
	m.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		m.open(path)
		if ask[bool](m.tab, "Boolean("+expression+")") {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%s never shows %s, but %s", path, expression, ask[string](m.tab, "document.querySelector('main').innerText"))
		}
		select {
		case <-m.ctx.Done():
			m.t.Fatalf("the browser went while waiting for %s", path)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

const firstRow = "document.querySelector('[data-rows] tbody th a')"

// row waits for the first row of a list and gives the address that it leads to.
func (m *mission) row(list string) string {
	m.t.Helper()
	m.waits(list, firstRow)
	return ask[string](m.tab, "(u => u.pathname + u.search)(new URL("+firstRow+".href))")
}

// begins makes the first administrator, and waits for this machine.
func (m *mission) begins() {
	m.speaks(m.language)
	m.open(m.firstLink())
	m.fill("#name", "Rosalind Okafor")
	m.fill("#login", "rosalind")
	m.fill("#password", password)
	m.follow("main form button")
	m.until("location.pathname === '/enrolment/first' || location.pathname.startsWith('/devices/')")
	m.device = m.row("/devices")
	if spoken := ask[string](m.tab, "document.documentElement.lang"); spoken != m.language {
		m.t.Errorf("the pages speak %q", spoken)
	}
	// Whoever asks for no grace time waits for none.
	m.open("/desk")
	m.fill("#grace_minutes", "0")
	m.follow("form:has(#grace_minutes) button.btn-primary, form:has(#grace_minutes) button")
	m.until("document.querySelector('.hf-note.ok')")
}

// recognises makes a rule for the first title of the queue. Where the bundle
// knows all that is installed here, it makes one for a title that it sorts out
// of sight, which must then outrank the bundle's.
func (m *mission) recognises() {
	m.waits("/recognition", "document.querySelector('.hf-figs dd').innerText.match(/[1-9]/)") // it has been counted
	title := ask[string](m.tab, "(a => a ? a.getAttribute('href') : '')("+firstRow+")")
	if title == "" {
		known := m.row("/software?class=part")
		title = "/recognition/rules/new?title=" + known[strings.LastIndex(known, "/")+1:]
	}
	m.open(title)
	m.until("document.querySelector('#product_name')")
	name := ask[string](m.tab, "document.querySelector('#name').value")
	ask[bool](m.tab, "document.querySelectorAll('main details').forEach(d => d.open = true), true")
	m.fill("#priority", "1")
	m.fill("#class", "product")
	m.fill("#product", "mission-suite")
	m.fill("#product_name", missionProduct)
	m.fill("#product_class", "licensed")
	m.follow("button[name=preview]")
	m.until("document.querySelector('form[action=\"/recognition/rules\"][method=post]')")
	if caught := ask[string](m.tab, "document.querySelector('#caught').closest('section').innerText"); !strings.Contains(caught, name) || !strings.Contains(caught, "mission-suite") {
		m.t.Errorf("the preview of a rule for %s shows %s", name, caught)
	}
	m.sound("mission-preview-" + m.language)
	m.size(1440, 900)
	m.follow("form[action='/recognition/rules'][method=post] button")
	m.until("document.querySelector('.hf-note.ok')")
}

// figures are what is owned, needed and available on the page that is open.
func (m *mission) figures() (owned, needed, available int) {
	m.t.Helper()
	texts := ask[[]string](m.tab, "[...document.querySelectorAll('.hf-figs dd')].map(d => d.firstChild.textContent.trim().replace('\\u2212', '-').replace('+', ''))")
	if len(texts) < 3 {
		m.t.Fatalf("the page shows the figures %v", texts)
	}
	var numbers [3]int
	for i := range numbers {
		number, err := strconv.Atoi(texts[i])
		if err != nil {
			m.t.Fatalf("the page shows the figures %v", texts)
		}
		numbers[i] = number
	}
	return numbers[0], numbers[1], numbers[2]
}

// stands waits until the product has so much available.
func (m *mission) stands(available int) {
	m.t.Helper()
	m.waits(m.product, fmt.Sprintf("document.querySelectorAll('.hf-figs dd')[2].firstChild.textContent.trim().replace('\\u2212', '-').replace('+', '') === '%d'", available))
}

// buys records a purchase on the page of the product.
func (m *mission) buys(quantity int, paper string) {
	m.t.Helper()
	m.open("/licences/papers/new")
	m.fill("#number", paper)
	m.follow("main form .btn-primary")
	m.until("location.pathname !== '/licences/papers/new' && location.pathname !== '/licences/papers'")
	m.open(m.product)
	m.follow("a[href^='/licences/rights/new']")
	m.until("document.querySelector('#quantity')")
	m.fill("#quantity", strconv.Itoa(quantity))
	m.fill("#paper", paper)
	m.follow("form[action='/licences/rights'] .btn-primary")
	m.until("document.querySelector('.hf-note.ok')")
}

// buysTooLittle has the product counted by cores, and buys one too few.
func (m *mission) buysTooLittle() {
	m.product = m.row("/licences?q=" + url.QueryEscape(missionProduct))
	if at := strings.Index(m.product, "?"); at >= 0 {
		m.product = m.product[:at]
	}
	m.stands(-1) // one device, and nothing bought
	m.open(m.product + "/counting")
	ask[bool](m.tab, "document.querySelectorAll('main details').forEach(d => d.open = true), true")
	m.fill("#by", "metric:per_core")
	m.fill("#floor_per_server", "8")
	m.fill("#floor_per_virtual_machine", "8")
	m.follow("form[action$='/counting'] .btn-primary")
	m.until("document.querySelector('.hf-note.ok')")
	m.waits(m.product, "parseInt(document.querySelectorAll('.hf-figs dd')[1].firstChild.textContent) >= 8")
	_, needed, _ := m.figures()
	m.buys(needed-1, "PO-2026-1")
	m.stands(-1)
	if owned, again, _ := m.figures(); owned != needed-1 || again != needed {
		m.t.Errorf("%d of %d are owned after %d were bought", owned, again, needed-1)
	}
	// Why: down to this machine, and to the paper.
	for _, line := range []string{`.tree a[href="` + m.device + `"]`, `.tree a[href^="/licences/rights/"]`} {
		if !ask[bool](m.tab, "Boolean(document.querySelector('"+line+"'))") {
			m.t.Errorf("the explanation has no %s: %s", line, ask[string](m.tab, "document.querySelector('main').innerText"))
		}
	}
	m.sound("mission-short-" + m.language)
	m.size(1440, 900)
}

// seesTheShortage goes from the alert to the ticket, which has this machine in
// view.
func (m *mission) seesTheShortage() (ticket string) {
	alert := m.row("/alerts?check=licence_short&state=open")
	m.open(alert)
	m.until("document.querySelector('main').innerText.includes('" + missionProduct + "')")
	m.sound("mission-alert-" + m.language)
	m.size(1440, 900)
	ticket = m.row("/tickets?state=new&q=" + url.QueryEscape(missionProduct))
	m.open(ticket)
	m.until("document.querySelector('h1').textContent.includes('" + missionProduct + "')")
	m.until(`document.querySelector('aside h2#device a[href="` + m.device + `"]')`)
	m.sound("mission-ticket-" + m.language)
	m.size(1440, 900)
	return ticket
}

// buysEnough waits until position, alert and ticket have resolved by
// themselves, and a page with the ticket that was open meanwhile says so.
func (m *mission) buysEnough(ticket string) {
	watcher := newTab(m.t, m.base)
	watcher.size(1440, 900)
	watcher.signIn("rosalind")
	watcher.open(ticket)
	watcher.until("document.querySelector('[data-live]')")
	m.buys(1, "PO-2026-2")
	m.stands(0)
	m.row("/alerts?check=licence_short&state=resolved")
	m.row("/tickets?state=solved&q=" + url.QueryEscape(missionProduct))
	watcher.until("document.querySelector('[data-live]').checkVisibility() && document.querySelector('[data-live]').innerText.trim()")
	m.open(ticket)
	m.sound("mission-solved-" + m.language)
	m.size(1440, 900)
}

// disposes lets this machine go, as its people would.
func (m *mission) disposes() {
	root, err := m.units.Root(operator(m.t))
	if err != nil {
		m.t.Fatal(err)
	}
	m.person("mbeki", "David Mbeki", identity.Manager, root.ID)
	m.person("tremblay", "Louise Tremblay", identity.Manager, root.ID)
	m.person("reyes", "Ana Reyes", identity.Servers, root.ID)
	m.tab = newTab(m.t, m.base) // on another day, in another tab
	m.size(1440, 900)
	m.signIn("rosalind")
	// Nobody buys a virtual machine, so that what this one runs on is
	// recorded by hand, and linked to it.
	m.open("/assets/new")
	m.fill("#tag", "HF-9001")
	m.fill("#kind", "server")
	m.fill("#status", "in_use")
	m.follow("main form .btn-primary")
	m.until("document.querySelector('form[action$=\"/link\"]')")
	owned := ask[string](m.tab, "location.pathname")
	m.fill("#device", strings.TrimPrefix(m.device, "/devices/"))
	m.follow("form[action$='/link'] button")
	m.until("document.querySelector('.hf-note.ok') && document.querySelector('a[href=\"" + m.device + "\"]')")
	m.open(owned)
	m.click("details:has(button[value=surplus]) summary")
	m.follow("button[value=surplus]")
	m.until("document.querySelector('.hf-note.ok')")

	m.open(owned)
	m.follow("a[href^='/disposal/choose']")
	m.until("document.querySelector('form[action=\"/disposal/chosen\"]')")
	m.fill("#title", "The machine of the mission")
	m.fill("#route", "destruction")
	m.fill("#reason", "Its drive held what must not leave.")
	m.follow("form[action='/disposal/chosen'] .btn-primary")
	m.until("document.querySelector('.hf-steps')")
	c := &outgoing{mission: m, page: ask[string](m.tab, "location.pathname")}

	c.does(m.tab, "edit/offer")
	c.refuses("edit/clear") // nobody has approved
	c.does(c.as("mbeki"), "approve/approve")
	c.refuses("edit/clear") // destruction takes two
	c.does(c.as("tremblay"), "approve/approve")
	c.refuses("edit/clear") // the drive
	c.refuses("edit/release")
	m.open(c.page)
	if !ask[bool](m.tab, "Boolean(document.querySelector('#gate'))") {
		m.t.Error("nothing says that the case is blocked")
	}
	m.sound("mission-blocked-" + m.language)
	m.size(1440, 900)
	c.records()
	c.does(m.tab, "edit/clear")
	c.does(m.tab, "edit/release")
	m.open(c.page + "/edit/collect")
	m.fill("#collector", "Harbour Shredding")
	m.follow("main form .btn-primary")
	m.until("document.querySelector('.hf-steps')")
	c.does(m.tab, "edit/close")
	m.open(c.page)
	m.sound("mission-closed-" + m.language)
	m.size(1440, 900)
	if paper := ask[string](m.tab, `fetch(document.querySelector("a[href$='/certificate']").href).then(r => r.text().then(t => r.status + r.headers.get("content-type") + t.slice(0, 5)))`); paper != "200application/pdf%PDF-" {
		m.t.Errorf("the certificate comes as %q", paper)
	}

	// What was let go and comes back is an incident.
	if said := m.comesBack(m.t.Context()); !strings.Contains(said, "401") && !strings.Contains(said, "enrol") {
		m.t.Errorf("the agent that was let go says %s", said)
	}
	m.row("/tickets?source=disposal")
}

// outgoing is the case of the mission.
type outgoing struct {
	*mission
	page string
}

func (c *outgoing) as(login string) *tab {
	c.t.Helper()
	other := newTab(c.t, c.base)
	other.size(1440, 900)
	other.signIn(login)
	return other
}

// does a deed by its form.
func (c *outgoing) does(by *tab, deed string) {
	c.t.Helper()
	by.open(c.page + "/" + deed)
	by.until("document.querySelector('main form .btn-primary')")
	by.follow("main form .btn-primary")
	by.until("document.querySelector('.hf-steps')")
}

// refuses sees that a deed is refused, whatever form it comes by.
func (c *outgoing) refuses(deed string) {
	c.t.Helper()
	status := ask[int](c.tab, "fetch('"+c.page+"/"+deed+"', {method: 'POST', redirect: 'manual'}).then(r => r.status)")
	if status != 409 && status != 422 {
		c.t.Errorf("%s is answered by %d", deed, status)
	}
	c.expectNoise() // the browser notes the status
}

// records removes the data of every drive: one person records it, another
// checks.
func (c *outgoing) records() {
	c.t.Helper()
	for range 20 {
		c.open(c.page)
		if !ask[bool](c.tab, "Boolean(document.querySelector('#gate'))") {
			return
		}
		c.follow("#gate .btn-primary")
		c.until("document.querySelector('main form .btn-primary')")
		if ask[bool](c.tab, "Boolean(document.querySelector('#medium'))") {
			c.fill("#medium", "ssd")
		}
		c.fill("#technique", "block_erase")
		c.fill("#tool", "nvme-cli")
		c.follow("main form .btn-primary")
		c.until("document.querySelector('.hf-steps')")
		c.refuses("edit/clear") // nobody has checked it
		other := c.as("reyes")
		other.open(c.page)
		other.follow("#gate .btn-primary")
		other.until("document.querySelector('#verification')")
		other.follow("main form .btn-primary")
		other.until("document.querySelector('.hf-steps')")
	}
	c.t.Error("the case still stops after all drives")
}
