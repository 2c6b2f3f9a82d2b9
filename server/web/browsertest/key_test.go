package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"holdfast/server/store"
)

func TestSingleKeysCanBeSwitchedOff(t *testing.T) {
	o := open(t, store.SQLite)
	b := newTab(t, o.base)
	b.size(1440, 900)
	b.signIn("samuel")
	b.lets("/tickets?source=alert", "ca-lt-04401")
	ticket := ask[string](b, "new URL(document.querySelector('tbody th a').href).pathname")
	hints := "[...document.querySelectorAll('kbd[data-single], [data-hint]')].filter(e => e.checkVisibility()).length"

	b.open(ticket)
	if ask[int](b, hints) == 0 {
		t.Error("no key is shown while keys are on")
	}
	b.press("/")
	b.until("document.activeElement.id === 'search'")
	b.keys(kb.Escape)

	b.open("/account")
	b.click("[name=keys]")
	b.follow("form[action='/account/keys'] button")
	b.open(ticket)
	if shown := ask[int](b, hints); shown != 0 {
		t.Errorf("%d keys are shown that do nothing", shown)
	}
	for _, key := range strings.Split("/ ? f j x n r s e p a m d c g t", " ") {
		b.press(key)
	}
	if at := ask[string](b, "location.pathname + ' ' + document.activeElement.tagName + ' ' + document.querySelectorAll('details[open]').length"); at != ticket+" BODY 0" {
		t.Errorf("keys that are off did something: %s", at)
	}
	// What takes a modifier is no single key, and stays.
	ask[bool](b, "(document.querySelector('#body').focus(), true)")
	b.fill("#body", "The disk is full of old profiles.")
	ask[bool](b, "(document.querySelector('#body').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true})), true)")
	b.until("document.querySelector('.msg')?.innerText.includes('old profiles')")

	b.open("/account")
	b.click("[name=keys]")
	b.follow("form[action='/account/keys'] button")
	b.open(ticket)
	b.press("n")
	b.until("document.activeElement.id === 'body'")
	b.silent("keys")
}

func TestHelpListsEveryKey(t *testing.T) {
	o := open(t, store.SQLite)
	b := newTab(t, o.base)
	b.size(1440, 900)
	b.signIn("rosalind")
	b.lets("/tickets?source=alert", "ca-lt-04401")
	b.open(ask[string](b, "document.querySelector('tbody th a').href.slice(location.origin.length)"))
	keys := ask[string](b, `[...document.querySelectorAll("[data-shortcut]")].map(e => e.dataset.shortcut).join("")`)
	places := ask[string](b, `[...document.querySelectorAll("nav [data-go]")].map(e => e.dataset.go).join("")`)
	if len(keys) < 8 || len(places) < 6 {
		t.Fatalf("the page has the keys %q and the places %q", keys, places)
	}
	for _, language := range []string{"en", "fr"} {
		b.speaks(language)
		b.open("/help/keyboard")
		listed := strings.ReplaceAll(ask[string](b, `[...document.querySelectorAll(".hf-prose tr")].map(e => e.innerText).join("\n")`), "\u00a0", " ")
		for _, key := range keys {
			if !strings.Contains("\n"+listed, "\n"+strings.ToUpper(string(key))+"\t") {
				t.Errorf("the help (%s) does not list %c", language, key)
			}
		}
		for _, key := range places {
			if !strings.Contains(listed, "G then "+strings.ToUpper(string(key))) && !strings.Contains(listed, "G puis "+strings.ToUpper(string(key))) {
				t.Errorf("the help (%s) does not list G then %c", language, key)
			}
		}
		b.looks("help-keyboard-" + language)
	}
}
