package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// shared is the one browser of the test process, and axe-core.
var shared struct {
	browser context.Context //nolint:containedctx // chromedp keeps the browser in it
	axe     string
}

func TestMain(m *testing.M) {
	os.Exit(withBrowser(m.Run))
}

func withBrowser(run func() int) int {
	axe, err := os.ReadFile(filepath.Join("..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "axe-core is not installed; run \"make assets\":", err)
		return 1
	}
	shared.axe = string(axe)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"),
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	browser, end := chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		fmt.Fprintln(os.Stderr, "no browser starts; Debian has one in the package chromium:", err)
		return 1
	}
	shared.browser = browser
	return run()
}

// tab is one tab of the browser with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // chromedp keeps the tab in it
	base string

	mutex  sync.Mutex
	spoken []string // what the page wrote to the console
}

// newTab opens a tab that knows nothing of the others.
func newTab(t *testing.T, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(shared.browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	opened := &tab{t: t, ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, opened.hear); err != nil {
		t.Fatal(err)
	}
	opened.do(chromedp.Navigate("about:blank"))
	opened.colours("light")
	return opened
}

// hear keeps errors, warnings and violations of the content security policy.
func (b *tab) hear(event any) {
	var text string
	switch event := event.(type) {
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError || event.Entry.Level == log.EntryLevelWarning {
			text = event.Entry.Text + " " + event.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		text = event.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeWarning {
			text = fmt.Sprintf("console: %v", event.Args)
		}
	}
	if text == "" {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.spoken = append(b.spoken, text)
}

// silent fails the test when the page wrote to the console since the last call.
func (b *tab) silent(where string) {
	b.t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, text := range b.spoken {
		b.t.Errorf("%s: the console says: %s", where, text)
	}
	b.spoken = nil
}

// expectNoise forgets what the console said, where an error is the point.
func (b *tab) expectNoise() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.spoken = nil
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("browser: %s: %v", expression, err)
	}
	return value
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// follow clicks and waits for the page that comes.
func (b *tab) follow(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("follow %s: %v", selector, err)
	}
}

func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), text))
}

func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// press presses a key as a keyboard does: a page that prevents the key keeps
// its character out of the field that it moves to.
func (b *tab) press(key string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		params := input.DispatchKeyEventParams{Type: kind, Key: key}
		if kind == input.DispatchKeyEventTypeKeyDown {
			params.Text = key
		}
		b.do(call(input.DispatchKeyEvent, params))
	}
}

// until waits for an expression to become true.
func (b *tab) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		done, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && Boolean("+expression+")"))
		if err == nil && done {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("waited in vain for %s (%v) on %s", expression, err, b.address())
		}
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("the browser went while waiting for %s", expression)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func (b *tab) address() string {
	address, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimPrefix(address, b.base)
}

func (b *tab) size(width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
}

// prefers makes the browser prefer a theme and ask for a language.
func (b *tab) speaks(language string) {
	b.t.Helper()
	b.cookie("holdfast_language", language)
	b.do(call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}}))
}

func (b *tab) cookie(name, value string) {
	b.t.Helper()
	b.do(call(network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base}))
}

func (b *tab) colours(theme string) {
	b.t.Helper()
	b.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// violations runs axe-core for WCAG 2.0, 2.1 and 2.2, A and AA.
func (b *tab) violations() []string {
	b.t.Helper()
	if !ask[bool](b, "Boolean(window.axe)") {
		ask[bool](b, shared.axe+";true")
	}
	found := ask[string](b, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
		.then(result => JSON.stringify(result.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary).join(" | "))))`)
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatal(err)
	}
	return violations
}

// overflow names what makes the page scroll sideways, or "".
func (b *tab) overflow() string {
	b.t.Helper()
	return ask[string](b, `(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return "";
		const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest(".hf-scroll, .hf-views, .hf-nav"));
		return document.documentElement.scrollWidth + " > " + width + ": " + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(" | ");
	})()`)
}

// picture writes a picture of the page, where somebody asked for pictures.
func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("HOLDFAST_SCREENSHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// forReadme writes the picture of a page as it stands on the screen.
func (b *tab) forReadme(path, name string) {
	b.t.Helper()
	folder := os.Getenv("HOLDFAST_SCREENSHOTS")
	if folder == "" {
		return
	}
	b.size(1280, 860)
	b.open(path)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
