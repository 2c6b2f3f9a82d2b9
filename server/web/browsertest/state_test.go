package browsertest

import (
	"fmt"
	"testing"

	"holdfast/server/store"
)

// unchecked lets a form be sent as it stands, so that the server answers.
func (b *tab) unchecked(action string) {
	b.t.Helper()
	ask[bool](b, fmt.Sprintf("(document.querySelector(%q).noValidate = true)", "form[action='"+action+"']"))
}

// TestStatesOfTicketsAreSoundInBothLanguages walks what a ticket, its forms and
// its requester's page look like on the way, and what the other pages of people
// look like when something was done or went wrong.
func TestStatesOfTicketsAreSoundInBothLanguages(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			o := open(t, store.SQLite)
			amara, samuel, rosalind := newTab(t, o.base), newTab(t, o.base), newTab(t, o.base)
			for _, b := range []*tab{amara, samuel, rosalind} {
				b.speaks(language)
				b.size(1440, 900)
			}
			look := func(b *tab, name string) {
				t.Helper()
				if untranslated := b.ticketKeys(); untranslated != "" {
					t.Errorf("%s shows keys: %s", name, untranslated)
				}
				if lost := ask[string](b, `[...document.querySelectorAll("[data-error-summary] a")].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id)).join(", ")`); lost != "" {
					t.Errorf("%s: its summary leads to no field: %s", name, lost)
				}
				b.looks(name + "-" + language)
				b.expectNoise() // a form that is refused is noted by the browser
				b.size(1440, 900)
			}
			amara.enter("amara.diallo")
			amara.unchecked("/portal/report")
			amara.follow("form[action='/portal/report'] .btn-primary")
			look(amara, "portal-wrong")
			amara.fill("#text", "Outlook stops answering for a minute. It happens with every message.")
			amara.follow("form[action='/portal/report'] .btn-primary")
			request := amara.address()
			for _, page := range []string{"/account", "/help/portal", "/nowhere"} {
				amara.open(page)
				if !ask[bool](amara, "Boolean(document.querySelector('.hf-portal')) && !document.querySelector('.hf-nav')") {
					t.Errorf("%s leads a requester out of the portal", page)
				}
				look(amara, "requester-"+page[1:4])
			}

			samuel.signIn("samuel")
			samuel.open("/tickets/new")
			samuel.fill("#requester", "nobody known")
			samuel.unchecked("/tickets/new")
			samuel.follow("form[action='/tickets/new'] .btn-primary")
			look(samuel, "ticket-new-wrong")
			samuel.open("/tickets?source=portal")
			ticket := ask[string](samuel, "new URL(document.querySelector('tbody th a').href).pathname")
			samuel.open(ticket)
			for n := range ask[int](samuel, "document.querySelectorAll('details.hf-do').length") {
				ask[bool](samuel, fmt.Sprintf("(document.querySelectorAll('details.hf-do').forEach((e, i) => e.open = i === %d), true)", n))
				look(samuel, fmt.Sprintf("ticket-form-%d", n))
			}
			samuel.open(ticket)
			samuel.press("p")
			samuel.fill("#pend-text", "A part that is ordered.")
			samuel.fill("#pend-at", "2001-01-01T08:00")
			samuel.follow("form:has(#pend-text) .btn-primary")
			if !ask[bool](samuel, "document.querySelector('#pend-text').checkVisibility() && document.querySelector('#pend-text').value === 'A part that is ordered.'") {
				t.Error("what was typed into the form that pauses is lost")
			}
			look(samuel, "ticket-pend-wrong")
			samuel.open(ticket)
			samuel.press("m")
			samuel.fill("#into", "INC-99999")
			samuel.follow("form[action$='/merge'] button")
			if !ask[bool](samuel, "document.querySelector('#into').checkVisibility() && document.querySelector('#into').value === 'INC-99999'") {
				t.Error("what was typed into the form of a merge is lost")
			}
			look(samuel, "ticket-merge-wrong")
			samuel.open(ticket)
			samuel.follow("form[action$='/take'] button")
			if !ask[bool](samuel, "Boolean(document.querySelector('[data-fleeting] form'))") {
				t.Error("taking a ticket cannot be undone")
			}
			samuel.follow("[data-fleeting] form button")
			samuel.until("document.querySelector(\"form[action$='/take']\")")
			samuel.fill("#body", "Which add-ins do you have?")
			samuel.follow(".hf-reply button[value=pending]")
			look(samuel, "ticket-pending")
			amara.open(request)
			look(amara, "request-asked")
			samuel.press("s")
			samuel.until("document.activeElement.id === 'solve-body'")
			samuel.fill("#solve-body", "Switched DocuBridge off.")
			samuel.follow("form:has(#solve-body) .btn-primary")
			samuel.follow("[data-fleeting] form button")
			samuel.until("document.querySelector('#solve-body')") // it goes on
			samuel.press("s")
			samuel.fill("#solve-body", "Switched DocuBridge off.")
			samuel.follow("form:has(#solve-body) .btn-primary")
			look(samuel, "ticket-solved")
			amara.open(request)
			look(amara, "request-solved")
			amara.follow("form[action$='/confirm'] button")
			look(amara, "request-closed")

			// An alert and its ticket lead to each other; the ticket of another
			// alert on the device is named in the reader's language.
			samuel.lets("/tickets?source=alert", "ca-lt-04401")
			byRule := ask[string](samuel, "new URL(document.querySelector('tbody th a').href).pathname")
			samuel.open(byRule)
			title := "Disk encryption: ca-lt-04401"
			if language == "fr" {
				title = "Chiffrement des disques\u00a0: ca-lt-04401"
			}
			samuel.says(title)
			samuel.follow(".hf-ctx a[href^='/alerts/']")
			if !ask[bool](samuel, fmt.Sprintf(`Boolean(document.querySelector("main a[href='%s']"))`, byRule)) {
				t.Error("an alert does not lead to its ticket")
			}

			rosalind.signIn("rosalind")
			rosalind.open("/access/tokens")
			rosalind.fill("[name=name]", "Reports")
			rosalind.follow("form[action='/access/tokens'] .btn-primary")
			look(rosalind, "token-made")
			rosalind.open("/access/tokens")
			rosalind.follow("a[href$='/revoke']")
			look(rosalind, "token-revoke")
			rosalind.open("/access/users")
			rosalind.follow("tbody th a")
			rosalind.follow("form[action$='/link'] button")
			look(rosalind, "user-link")
			rosalind.open("/account")
			rosalind.fill("[name=time_zone]", "Nowhere/Here")
			rosalind.follow("form[action='/account'] .btn-primary")
			look(rosalind, "account-wrong")
			rosalind.open("/desk")
			ask[bool](rosalind, "(document.querySelectorAll('details.hf-edit').forEach(e => e.open = true), true)")
			look(rosalind, "desk-open")
			rosalind.fill("#search", "ca-lt")
			ask[bool](rosalind, "document.querySelector('#search').dispatchEvent(new Event('input', {bubbles: true}))")
			rosalind.until("document.querySelector('#search-results [role=option]')")
			look(rosalind, "search-open")
		})
	}
}
