package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"holdfast/server/identity"
	"holdfast/server/store"
)

// office is a server with laptops that have alerts, somebody of each team, and
// a requester who uses one of the laptops.
type office struct {
	*server
	machines []*machine
}

func open(t *testing.T, dialect store.Dialect) office {
	t.Helper()
	made := office{server: start(t, dialect)}
	made.impatient()
	root, err := made.units.Root(operator(t))
	if err != nil {
		t.Fatal(err)
	}
	made.person("rosalind", "Rosalind Okafor", identity.Administrator, root.ID)
	made.person("samuel", "Samuel Osei", identity.HelpDesk, root.ID)
	made.person("hannah", "Hannah Brandt", identity.OfficeSystems, root.ID)
	made.person("amara.diallo", "Amara Diallo", identity.Requester, root.ID)
	key := made.enrolmentKey(root.ID, "Rollout")
	for number, gigabytes := range []int64{60, 2, 90} {
		one := laptop(number)
		one.enrol(made.server, key)
		one.free(gigabytes)
		made.machines = append(made.machines, one)
	}
	return made
}

// lets waits until a page says something, loading it again meanwhile.
func (b *tab) lets(path, text string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ask[bool](b, fmt.Sprintf("document.querySelector('main')?.innerText.includes(%q) ?? false", text)) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never says %q", path, text)
		}
		b.open(path)
	}
}

// enter signs a requester in, who lands in the portal.
func (b *tab) enter(login string) {
	b.t.Helper()
	b.open("/sign-in")
	b.fill("#login", login)
	b.fill("#password", password)
	b.follow("form[action='/sign-in'] button")
	b.until("document.querySelector('.hf-portal')")
}

func TestReportBecomesAnAnswer(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			o := open(t, dialect)
			amara, samuel := newTab(t, o.base), newTab(t, o.base)
			amara.size(360, 800)
			amara.enter("amara.diallo")
			amara.says("ca-lt-04400")
			if !ask[bool](amara, "document.querySelector('.dev-pick input:checked').closest('label').innerText.includes('ca-lt-04400')") {
				t.Error("her device is not chosen already")
			}
			picture := filepath.Join(t.TempDir(), "what I see.txt")
			if err := os.WriteFile(picture, []byte("not responding"), 0o600); err != nil {
				t.Fatal(err)
			}
			amara.fill("#text", "Outlook stops answering for a minute. It happens with every message.")
			amara.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{picture}))
			amara.follow("form[action='/portal/report'] .btn-primary")
			amara.says("Outlook stops answering for a minute")
			request := amara.address()

			samuel.size(1440, 900)
			samuel.signIn("samuel")
			samuel.press("c")
			samuel.until("location.pathname === '/tickets/new'")
			samuel.open("/tickets?open=yes&source=portal")
			samuel.press("j")
			samuel.keys(kb.Enter)
			samuel.until("document.querySelector('.hf-facts') && location.pathname.startsWith('/tickets/')")
			ticket := samuel.address()
			samuel.says("ca-lt-04400") // beside it
			samuel.follow("form[action$='/take'] button")
			samuel.says("Samuel Osei")

			// Somebody else is told of it while they look.
			hannah := newTab(t, o.base)
			hannah.signIn("hannah")
			hannah.open(ticket)
			hannah.until("document.querySelector('[data-live]')")
			samuel.press("n")
			samuel.until("document.activeElement.id === 'body' && document.querySelector('#private').checked")
			samuel.fill("#body", "An add-in, I guess.")
			samuel.follow(".hf-reply .btn-primary")
			samuel.says("An add-in, I guess.")
			hannah.until("!document.querySelector('[data-live]').hidden")

			samuel.press("r")
			samuel.until("document.activeElement.id === 'body' && !document.querySelector('#private').checked")
			samuel.fill("#body", "Which add-ins do you have?")
			samuel.follow(".hf-reply button[value=pending]")
			samuel.says("Pending")
			amara.open(request)
			amara.says("Which add-ins do you have?")
			amara.says("We need an answer from you")
			if ask[bool](amara, "document.body.innerText.includes('An add-in, I guess.')") {
				t.Error("she reads a private note")
			}
			amara.fill("#text", "DocuBridge.")
			amara.follow("form[action$='/answer'] .btn-primary")
			amara.says("Samuel Osei is working on it")

			samuel.open(ticket)
			samuel.press("s")
			samuel.until("document.activeElement.id === 'solve-body'")
			samuel.fill("#solve-body", "Switched DocuBridge off.")
			samuel.follow("form:has(#solve-body) .btn-primary")
			samuel.says("Solved")
			samuel.says("not sent") // there is no mail server
			amara.open(request)
			amara.follow("form[action$='/confirm'] button")
			amara.says("Closed")
			amara.silent("the requester")
			samuel.silent("the desk")

			// Two of one cause become one, and two again.
			samuel.open("/tickets/new")
			samuel.fill("#title", "Mail is slow")
			samuel.fill("#device", "ca-lt-04402")
			samuel.fill("#requester", "amara.diallo")
			samuel.follow("form[action='/tickets/new'] .btn-primary")
			samuel.says("Mail is slow")
			second := samuel.address()
			samuel.open("/tickets/new")
			samuel.fill("#title", "Mail is very slow")
			samuel.fill("#device", "ca-lt")
			samuel.follow("form[action='/tickets/new'] .btn-primary")
			samuel.until("document.querySelector('#wrong-device')") // several have that name
			samuel.expectNoise()
			ask[bool](samuel, "(document.querySelector('#device').value = '', true)")
			samuel.fill("#unit_id", ask[string](samuel, "document.querySelector('#unit_id').options[1].value"))
			samuel.follow("form[action='/tickets/new'] .btn-primary")
			samuel.says("Mail is very slow")
			number := ask[string](samuel, "document.querySelector('.sub span').innerText")
			samuel.open(second)
			samuel.press("m")
			samuel.until("document.activeElement.id === 'into'")
			samuel.fill("#into", number)
			samuel.follow("form[action$='/merge'] button")
			samuel.says("This ticket is part of")
			samuel.follow("[data-fleeting] form button")
			samuel.says("stands by itself again")

			samuel.press("d")
			samuel.until("location.pathname.endsWith('/device')")
			samuel.fill("#q", "ca-lt-04401")
			samuel.follow("form[method=get] .btn-primary")
			samuel.follow("form[action$='/device'] button[name=device]")
			samuel.says("ca-lt-04401")
			samuel.press("e")
			samuel.until("document.activeElement.id === 'escalate-team'")
			samuel.fill("#escalate-body", "Tried everything.")
			samuel.follow("form:has(#escalate-body) .btn-primary")
			samuel.says("Office systems, level 2")
			samuel.silent("the desk")
		})
	}
}

func TestPagesOfTicketsAreSoundInBothLanguages(t *testing.T) {
	o := open(t, store.SQLite)
	amara := newTab(t, o.base)
	amara.size(360, 800)
	amara.enter("amara.diallo")
	amara.fill("#text", "Outlook stops answering for a minute when I open a PDF. It happens with every message.")
	amara.follow("form[action='/portal/report'] .btn-primary")
	request := amara.address()
	desk := newTab(t, o.base)
	desk.size(1440, 900)
	desk.signIn("samuel")
	desk.lets("/tickets?source=alert", "ca-lt-04401")
	byRule := ask[string](desk, "new URL(document.querySelector('tbody th a').href).pathname")
	desk.open("/tickets?source=portal")
	ticket := ask[string](desk, "new URL(document.querySelector('tbody th a').href).pathname")
	desk.open(ticket)
	desk.follow("form[action$='/take'] button")
	for _, note := range []bool{true, false} {
		desk.fill("#body", "Please open File, Options, Add-ins and switch off \"DocuBridge Outlook Connector\", then try one attachment.\n\nIf it opens at once, leave it off.")
		if note {
			desk.fill("#body", "An Outlook connector appeared two days ago and is on only six devices.")
			desk.click("#private")
		}
		desk.follow(".hf-reply .btn-primary")
		desk.until("document.querySelector('.msg')")
	}
	for _, language := range []string{"en", "fr"} {
		for _, visit := range []struct {
			login string
			pages [][2]string
		}{
			{"samuel", [][2]string{
				{"tickets", "/tickets?open=yes"}, {"tickets-mine", "/tickets?owner=me&open=yes"}, {"tickets-none", "/tickets?q=nothing-like-it"},
				{"ticket", ticket}, {"ticket-alert", byRule}, {"ticket-new", "/tickets/new"}, {"ticket-edit", ticket + "/edit"},
				{"ticket-device", ticket + "/device?q=ca-lt"}, {"overview-desk", "/"}, {"desk", "/desk"},
				{"help-tickets", "/help/tickets"}, {"help-portal", "/help/portal"}, {"portal-desk", "/portal"},
			}},
			{"rosalind", [][2]string{{"desk-admin", "/desk"}}},
			{"amara.diallo", [][2]string{{"portal", "/portal"}, {"portal-request", request}, {"portal-requests", "/portal/requests"}}},
		} {
			b := newTab(t, o.base)
			b.speaks(language)
			b.size(1440, 900)
			if visit.login == "amara.diallo" {
				b.enter(visit.login)
			} else {
				b.signIn(visit.login)
			}
			for _, each := range visit.pages {
				b.size(1440, 900)
				b.open(each[1])
				if got := ask[string](b, "document.documentElement.lang"); got != language {
					t.Errorf("%s is in %q, want %q", each[0], got, language)
				}
				if untranslated := b.ticketKeys(); untranslated != "" {
					t.Errorf("%s shows keys: %s", each[0], untranslated)
				}
				if each[0] == "overview-desk" { // what the numbers beside the areas say, their lists have
					shown := ask[string](b, "[...document.querySelectorAll('.hf-nav .n > :first-child')].map(n => n.textContent).join(' ')")
					if shown != "2 3" {
						t.Errorf("alerts and tickets are counted as %q", shown)
					}
				}
				b.looks(each[0] + "-" + language)
				b.silent(each[0])
			}
			if visit.login == "amara.diallo" {
				b.size(360, 800)
				b.open("/portal")
				if small := ask[string](b, `[...document.querySelectorAll("main a, main button, main select, main textarea, main label:has(input), .hf-portal-top a, .hf-portal-top button, .hf-portal-top summary")]
					.filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 90)).join(" | ")`); small != "" {
					t.Errorf("controls of the portal are too small for a thumb: %s", small)
				}
			}
		}
	}
}

// ticketKeys gives what looks like the key of a text that does not exist.
func (b *tab) ticketKeys() string {
	b.t.Helper()
	return ask[string](b, `[...document.body.innerText.matchAll(/\b(?:ticket|tickets|portal|panel|queue|desk|clock|span|live|weekday|value|column|view|notice|check|role|area|fault)\.[a-z_]+(?:\.[a-z_]+)*\b/g)].map(m => m[0]).slice(0, 5).join(", ")`)
}
