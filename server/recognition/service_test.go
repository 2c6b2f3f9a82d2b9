package recognition_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/outbox"
	"holdfast/server/recognition"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// body is an organisation with two units and a device in each.
type body struct {
	*recognition.Service
	db           *store.DB
	ctx          context.Context // may do everything
	north, south unit.Unit
	releases     *software.Interner
	counter      *software.Counter
	told         *[]string // products that the outbox was told of
	changed      *int
}

func each(t *testing.T, test func(t *testing.T, b body)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := body{db: db, ctx: identity.WithActor(t.Context(), identity.System("root")), told: &[]string{}, changed: new(int)}
		b.Service = b.server()
		b.releases, b.counter = software.NewInterner(db, 100), software.NewCounter(db, nil)
		b.releases.OnMade(b.Recognise)
		b.counter.Then(b.Count)
		units := unit.New(db)
		root := must(units.EnsureRoot(b.ctx, "Organisation"))
		b.north, b.south = must(units.Create(b.ctx, root.ID, "North")), must(units.Create(b.ctx, root.ID, "South"))
		err := db.Tx(b.ctx, func(tx *store.Tx) error {
			return tx.InsertRows("devices", "", store.Col("id", []int32{1, 2}), store.Col("uid", []string{uuid.NewString(), uuid.NewString()}).As("uuid"),
				store.Col("unit_id", []string{b.north.ID.String(), b.south.ID.String()}).As("uuid"), store.Col("name", []string{"n1", "s1"}),
				store.Col("kind", []string{"laptop", "laptop"}), store.Col("first_seen_at", []time.Time{tx.Now, tx.Now}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Sync(b.ctx); err != nil {
			t.Fatal(err)
		}
		test(t, b)
	})
}

// server is one of several servers on the same database.
func (b body) server() *recognition.Service {
	return recognition.New(b.db, func(_ *store.Tx, topic string, events []outbox.Event) error {
		for _, event := range events {
			*b.told = append(*b.told, topic+" "+event.Subject)
		}
		return nil
	}, func() { *b.changed++ })
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func wants(t *testing.T, err error, kind fault.Kind) *fault.Fault {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
	return fault.Of(err)
}

// install puts software on a device, and counts.
func (b body) install(t *testing.T, device int32, packages ...report.Package) {
	t.Helper()
	keys := must(b.releases.Keys(b.ctx, packages))
	err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
		return tx.InsertRows("installations", "", store.Col("device_id", slices.Repeat([]int32{device}, len(keys))), store.Col("release_id", keys),
			store.Col("since", slices.Repeat([]time.Time{tx.Now}, len(keys))))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.counter.Recount(b.ctx); err != nil {
		t.Fatal(err)
	}
}

// held tells what the releases of a title are held to be: class, product and
// name of the rule for each version.
func (b body) held(t *testing.T, title string) (found []string) {
	t.Helper()
	var rows []struct{ Version, Class, Key, Rule string }
	err := b.db.Read(b.ctx).Raw(`SELECT r.version, coalesce(r.class, '-') AS class, coalesce(p.key, '') AS key, coalesce(u.name, '') AS rule
		FROM releases r JOIN titles t ON t.id = r.title_id LEFT JOIN products p ON p.id = r.product_id LEFT JOIN recognition_rules u ON u.id = r.rule_id
		WHERE t.name = ? ORDER BY r.version`, title).Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		found = append(found, strings.TrimSpace(strings.Join([]string{row.Version, row.Class, row.Key, row.Rule}, " ")))
	}
	return found
}

func pkg(title, version, publisher, source string) report.Package {
	return report.Package{Title: title, Version: version, Publisher: publisher, Source: source}
}

func (b body) chrome() report.Package { return pkg("Google Chrome", "131", "Google LLC", "registry") }

// acme is a title that no bundled rule knows.
func acme(version string) report.Package {
	return pkg("Acme Draw", version, "Acme Inc.", "msi")
}

// wish is a rule that makes it a product.
func wish() recognition.Wish {
	return recognition.Wish{
		Spec:       recognition.Spec{Match: recognition.Exact, Name: "acme draw", Publisher: "Acme", Class: recognition.IsProduct, Product: "acme-draw"},
		NewProduct: &recognition.ProductWish{Name: "Acme Draw", Publisher: "Acme", Category: "graphics", Class: recognition.Licensed},
	}
}

func TestReleasesAreRecognisedWhereTheyAreMade(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, b.chrome(), pkg("libc6", "2.36-9", "GNU Libc Maintainers", "deb"), acme("1"))
		for title, want := range map[string]string{
			"Google Chrome": "131 product google-chrome Google Chrome", "libc6": "2.36-9 part  lib[^ ]+", "Acme Draw": "1 -",
		} {
			if diff := cmp.Diff([]string{want}, b.held(t, title)); diff != "" {
				t.Errorf("%s:\n%s", title, diff)
			}
		}
		var version string
		if err := b.db.Read(b.ctx).Raw("SELECT DISTINCT rules_version FROM releases WHERE class IS NOT NULL").Scan(&version).Error; err != nil {
			t.Fatal(err)
		}
		if want := recognition.TheBundle().Version + "+1"; version != want {
			t.Errorf("recognised by %q, not %q", version, want)
		}
		if len(*b.told) != 0 {
			t.Errorf("told %v of what a report brings", *b.told)
		}
	})
}

func TestRuleChangesWhatReleasesAreAndUndoTakesItBack(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, acme("1"), acme("2"), b.chrome())
		rule := must(b.Make(b.ctx, wish()))[0]
		known := []string{"1 product acme-draw acme draw", "2 product acme-draw acme draw"}
		if diff := cmp.Diff(known, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("after the rule:\n%s", diff)
		}
		if len(*b.told) != 1 || !strings.HasPrefix((*b.told)[0], "software.recognised ") || *b.changed != 1 {
			t.Errorf("told %v, changed %d", *b.told, *b.changed)
		}
		unknown := []string{"1 -", "2 -"}
		must(b.Undo(b.ctx, rule.ID))
		if diff := cmp.Diff(unknown, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("after undo:\n%s", diff)
		}
		must(b.Undo(b.ctx, rule.ID)) // in force again

		narrower := wish()
		narrower.VersionFrom = "2"
		must(b.Change(b.ctx, rule.ID, narrower))
		if diff := cmp.Diff([]string{"1 -", known[1]}, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("after the change:\n%s", diff)
		}
		must(b.Undo(b.ctx, rule.ID))
		if diff := cmp.Diff(known, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("after its undo:\n%s", diff)
		}
		must(b.Retire(b.ctx, rule.ID))
		if diff := cmp.Diff(unknown, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("after retirement:\n%s", diff)
		}
		if got := b.held(t, "Google Chrome"); got[0] != "131 product google-chrome Google Chrome" {
			t.Errorf("another title became %v", got)
		}
		var actions []string
		err := b.db.Read(b.ctx).Raw("SELECT action FROM audit_entries WHERE object_kind IN ('recognition_rule', 'product') ORDER BY at, id").Scan(&actions).Error
		want := []string{
			"product.created", "recognition_rule.created", "recognition_rule.undone", "recognition_rule.undone", "recognition_rule.changed",
			"recognition_rule.undone", "recognition_rule.retired",
		}
		if err != nil || !slices.Equal(actions, want) {
			t.Errorf("the trail has %v, %v", actions, err)
		}
	})
}

func TestLocalRuleBeatsTheBundle(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, b.chrome())
		own := wish()
		own.Match, own.Name, own.Publisher = recognition.Contains, "chrome", ""
		must(b.Make(b.ctx, own))
		if got := b.held(t, "Google Chrome"); got[0] != "131 product acme-draw chrome" {
			t.Errorf("it is %v", got)
		}
		if len(*b.told) != 2 {
			t.Errorf("told %v: both products are touched", *b.told)
		}
	})
}

func TestAnotherServerKnowsNewRules(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, b.chrome()) // its matcher is ready
		must(b.server().Make(b.ctx, wish()))
		b.install(t, 1, acme("3"))
		if got := b.held(t, "Acme Draw"); got[0] != "3 product acme-draw acme draw" {
			t.Errorf("it is %v", got)
		}
	})
}

func TestRulesAreChecked(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		names := func(err error) (names []string) {
			for _, field := range wants(t, err, fault.Invalid).Fields {
				names = append(names, field.Name)
			}
			return names
		}
		_, err := b.Make(b.ctx, recognition.Wish{Spec: recognition.Spec{Match: "like", Class: "toy", Sources: "deb,floppy", VersionFrom: "2", VersionUntil: "1", Priority: 1000}})
		if diff := cmp.Diff([]string{"class", "match", "name", "priority", "sources", "version_until"}, names(err)); diff != "" {
			t.Errorf("wrong are:\n%s", diff)
		}
		_, err = b.Make(b.ctx, recognition.Wish{Spec: recognition.Spec{Match: recognition.Regexp, Name: "acme (", Class: recognition.IsPart}})
		if diff := cmp.Diff([]string{"name"}, names(err)); diff != "" {
			t.Errorf("wrong are:\n%s", diff)
		}
		without := wish()
		without.NewProduct = nil
		_, err = b.Make(b.ctx, without)
		if diff := cmp.Diff([]string{"product"}, names(err)); diff != "" {
			t.Errorf("wrong are:\n%s", diff)
		}
		bad := wish()
		bad.Product, bad.NewProduct = "Acme Draw!", &recognition.ProductWish{}
		_, err = b.Make(b.ctx, bad)
		if diff := cmp.Diff([]string{"product_name", "product_category", "product_class", "product"}, names(err)); diff != "" {
			t.Errorf("wrong are:\n%s", diff)
		}

		rule := must(b.Make(b.ctx, wish()))[0]
		_, err = b.Make(b.ctx, wish())
		wants(t, err, fault.Conflict)
		bundled := recognition.TheBundle().Rules[0].ID
		_, err = b.Change(b.ctx, bundled, wish())
		wants(t, err, fault.Conflict)
		_, err = b.Retire(b.ctx, bundled)
		wants(t, err, fault.Conflict)
		_, err = b.Undo(b.ctx, id.New[recognition.Rule]())
		wants(t, err, fault.Missing)
		if got := must(b.Rule(b.ctx, rule.ID)); got.ProductName != "Acme Draw" || got.Origin != recognition.Local {
			t.Errorf("it is kept as %+v", got)
		}
	})
}

func TestPreviewSaysWhatTheRuleThenDoes(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, acme("1"), acme("2"), b.chrome(), pkg("Acme Draw Help Pack", "1", "Acme Inc.", "msi"))
		b.install(t, 2, acme("2"))
		must(b.Make(b.ctx, recognition.Wish{Spec: recognition.Spec{Match: recognition.Exact, Name: "acme draw", VersionUntil: "2", Class: recognition.IsIgnored}}))
		before := b.held(t, "Acme Draw")

		wide := wish()
		wide.Match, wide.Name = recognition.Prefix, "Acme"
		preview := must(b.Preview(b.ctx, wide, recognition.RuleID{}))
		got := []int{preview.Releases, preview.Titles, preview.Installs, preview.Changed, len(preview.Overruled)}
		if diff := cmp.Diff([]int{2, 2, 3, 2, 1}, got); diff != "" {
			t.Errorf("releases, titles, installs, changed, overruled:\n%s", diff)
		}
		most := preview.Caught[0]
		if most.Name != "Acme Draw" || most.Version != "2" || most.Devices != 2 || most.Was.Rule != nil || most.Is.Product != "acme-draw" {
			t.Errorf("most installed is %+v", most)
		}
		if was := preview.Caught[1].Was; was.Class != recognition.IsPart {
			t.Errorf("the help pack was %+v", was)
		}
		if diff := cmp.Diff(before, b.held(t, "Acme Draw")); diff != "" {
			t.Errorf("the preview changed something:\n%s", diff)
		}

		rule := must(b.Make(b.ctx, wide))[0]
		caught := must(b.Releases(b.ctx, must(b.Rule(b.ctx, rule.ID)).ProductID, list.Query{}))
		if caught.Total != preview.Releases {
			t.Errorf("it caught %d, and not %d", caught.Total, preview.Releases)
		}
		instead := must(b.Preview(b.ctx, wide, rule.ID))
		if instead.Releases != 2 || instead.Changed != 0 {
			t.Errorf("instead of itself it would catch %d and change %d", instead.Releases, instead.Changed)
		}
	})
}

func TestQueueHasWhatNobodyKnowsMostInstalledFirst(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, acme("1"), b.chrome(), pkg("Zephyr Maps 4.1.2", "4.1.2", "Zephyr", "registry"))
		b.install(t, 2, pkg("Zephyr Maps 4.1.2", "4.1.2", "Zephyr", "registry"))
		page := must(b.Queue(b.ctx, list.Query{}))
		var names []string
		for _, waiting := range page.Items {
			names = append(names, waiting.Name)
		}
		if diff := cmp.Diff([]string{"Zephyr Maps 4.1.2", "Acme Draw"}, names); diff != "" {
			t.Errorf("the queue:\n%s", diff)
		}
		draft := must(b.Draft(b.ctx, page.Items[0].ID))
		want := recognition.Spec{Match: recognition.Prefix, Name: "Zephyr Maps", Publisher: "Zephyr", Sources: "registry", Class: recognition.IsProduct, Product: "zephyr-maps"}
		if diff := cmp.Diff(want, draft.Spec); diff != "" || draft.NewProduct.Name != "Zephyr Maps" {
			t.Errorf("the draft:\n%s", diff)
		}
		must(b.Ignore(b.ctx, page.Items[0].ID))
		shares := must(b.Shares(b.ctx))
		if diff := cmp.Diff(recognition.Shares{Installations: 4, Known: 1, Sorted: 2, Titles: 1}, shares); diff != "" {
			t.Errorf("shares:\n%s", diff)
		}
		if left := must(b.Queue(b.ctx, list.Query{})); left.Total != 1 || left.Items[0].Name != "Acme Draw" {
			t.Errorf("left are %+v", left.Items)
		}
		if count := must(b.CountQueue(b.ctx)); count != 1 {
			t.Errorf("%d are counted", count)
		}
	})
}

func TestProductsAreCountedWhereTheReaderSees(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, b.chrome(), pkg("google-chrome-stable", "131-1", "Chrome Linux Team", "deb")) // one device
		b.install(t, 2, b.chrome())
		devices := func(ctx context.Context) (int64, recognition.ProductID) {
			t.Helper()
			q := must(list.Parse(url.Values{"key": {"google-chrome"}}, recognition.ProductColumns(ctx)))
			page := must(b.Products(ctx, q))
			if page.Total != 1 {
				t.Fatalf("%d products", page.Total)
			}
			return page.Items[0].Held, page.Items[0].ID
		}
		all, chrome := devices(b.ctx)
		north := identity.WithActor(b.ctx, identity.Actor{Kind: identity.UserKind, ID: "u", Grants: []identity.Grant{
			{Role: identity.OfficeSystems, UnitID: b.north.ID, Reach: identity.Scope{Units: []identity.UnitID{b.north.ID}}},
		}})
		some, _ := devices(north)
		if all != 2 || some != 1 {
			t.Errorf("%d devices, %d of them in North", all, some)
		}
		releases := must(b.Releases(north, chrome, list.Query{}))
		if releases.Total != 2 || releases.Items[0].Devices != 1 || releases.Items[0].RuleName == "" {
			t.Errorf("releases %+v", releases.Items)
		}
		_, err := b.Queue(north, list.Query{})
		wants(t, err, fault.Denied) // rules hold for the whole body
		_, err = b.Make(north, wish())
		wants(t, err, fault.Denied)
		if counted := must(b.CountedAt(b.ctx)); counted.IsZero() {
			t.Error("it is not known when products were counted")
		}
		if err := b.db.Tx(b.ctx, func(tx *store.Tx) error { return tx.Exec("DELETE FROM installations WHERE device_id = 2").Error }); err != nil {
			t.Fatal(err)
		}
		must(b.counter.Recount(b.ctx))
		if left, _ := devices(b.ctx); left != 1 {
			t.Errorf("%d devices are left", left)
		}
	})
}

func TestLocalRulesGoFromServerToServer(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first := wish()
		first.Note, first.Priority, first.VersionFrom = "Draws: lines", 3, "1.10"
		rule := must(b.Make(b.ctx, first))[0]
		must(b.Make(b.ctx, recognition.Wish{Spec: recognition.Spec{Match: recognition.Prefix, Name: "acme \"help\" #1", Class: recognition.IsPart}}))
		file := must(b.Export(b.ctx))
		if done := must(b.Import(b.ctx, file)); done != (recognition.Imported{Same: 3}) {
			t.Errorf("what is there already changed %+v", done)
		}
		must(b.Retire(b.ctx, rule.ID))
		if done := must(b.Import(b.ctx, file)); done != (recognition.Imported{Rules: 1, Same: 2}) {
			t.Errorf("it changed %+v:\n%s", done, file)
		}
		if again := must(b.Export(b.ctx)); string(again) != string(file) {
			t.Errorf("exported was\n%s\nand is\n%s", file, again)
		}
		b.install(t, 1, acme("1.10"))
		if got := b.held(t, "Acme Draw"); got[0] != "1.10 product acme-draw acme draw" {
			t.Errorf("it is %v", got)
		}

		_, err := b.Import(b.ctx, []byte("rules:\n- {match: exact, name: a, class: product, product: nothing-such}\n- {match: regexp, name: '(', class: part}\n- {match: exact, name: b, class: part}\n"))
		var names []string
		for _, field := range wants(t, err, fault.Invalid).Fields {
			names = append(names, field.Name)
		}
		if diff := cmp.Diff([]string{"rules[0].product", "rules[1].name"}, names); diff != "" {
			t.Errorf("wrong are:\n%s", diff)
		}
		if again := must(b.Export(b.ctx)); string(again) != string(file) {
			t.Error("a part of a wrong file went in")
		}
	})
}

func TestBundleIsBroughtInOnce(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		if err := b.Sync(b.ctx); err != nil {
			t.Fatal(err)
		}
		var revision, products, rules int64
		err := b.db.Read(b.ctx).Raw("SELECT revision, (SELECT count(*) FROM products), (SELECT count(*) FROM recognition_rules) FROM recognition_state").
			Row().Scan(&revision, &products, &rules)
		bundle := recognition.TheBundle()
		if err != nil || revision != 1 || products != int64(len(bundle.Products)) || rules != int64(len(bundle.Rules)) {
			t.Errorf("revision %d, %d products, %d rules, %v", revision, products, rules, err)
		}
	})
}

func TestNextBundleReplacesTheLast(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.install(t, 1, b.chrome(), acme("1"))
		own := must(b.Make(b.ctx, wish()))[0]
		product := must(b.Rule(b.ctx, own.ID)).ProductID
		next := recognition.NextBundle("9", []recognition.Product{{Key: "acme-draw", Name: "Acme Draw (bundled)", Publisher: "Acme", Category: "graphics", Class: recognition.Licensed, Origin: recognition.Bundled}},
			rules(recognition.Spec{Match: recognition.Exact, Name: "acme draw", Product: "acme-draw"}))
		if err := recognition.SyncWith(b.ctx, b.Service, next); err != nil {
			t.Fatal(err)
		}
		if got := b.held(t, "Google Chrome"); got[0] != "131 -" {
			t.Errorf("what the bundle no longer knows is %v", got)
		}
		if got := b.held(t, "Acme Draw"); got[0] != "1 product acme-draw acme draw" {
			t.Errorf("what it knows now is %v", got)
		}
		got := must(b.Product(b.ctx, product)) // keeps its identifier
		if got.Name != "Acme Draw (bundled)" || got.Origin != recognition.Bundled {
			t.Errorf("the local product is %+v", got.Product)
		}
		if err := b.Sync(b.ctx); err != nil { // and back
			t.Fatal(err)
		}
		if got := b.held(t, "Google Chrome"); got[0] != "131 product google-chrome Google Chrome" {
			t.Errorf("it is %v", got)
		}
	})
}
