package inventory_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
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

func TestSoftwareIsFoundByWhatItIsRecognisedAs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := identity.WithActor(t.Context(), identity.System("root"))
		fatal := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		rules := recognition.New(db, func(*store.Tx, string, []outbox.Event) error { return nil }, func() {})
		fatal(rules.Sync(ctx))
		releases := software.NewInterner(db, 100)
		releases.OnMade(rules.Recognise)
		keys, err := releases.Keys(ctx, []report.Package{
			{Title: "Google Chrome", Version: "131", Publisher: "Google LLC", Source: "registry"},
			{Title: "google-chrome-stable", Version: "131-1", Publisher: "Chrome Linux Team", Source: "deb"},
			{Title: "libc6", Version: "2.36", Source: "deb"}, {Title: "Acme Draw", Version: "1", Source: "msi"},
		})
		fatal(err)
		root, err := unit.New(db).EnsureRoot(ctx, "Organisation")
		fatal(err)
		uid := uuid.NewString()
		fatal(db.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.InsertRows("devices", "", store.Col("id", []int32{1}), store.Col("uid", []string{uid}).As("uuid"), store.Col("unit_id", []string{root.ID.String()}).As("uuid"),
				store.Col("name", []string{"pc1"}), store.Col("kind", []string{"laptop"}), store.Col("first_seen_at", []time.Time{tx.Now})); err != nil {
				return err
			}
			if err := tx.InsertRows("device_contacts", "", store.Col("device_id", []int32{1}), store.Col("credential_hash", [][]byte{{1}}),
				store.Col("enrolled_at", []time.Time{tx.Now}), store.Col("seen_at", []time.Time{tx.Now})); err != nil {
				return err
			}
			return tx.InsertRows("installations", "", store.Col("device_id", slices.Repeat([]int32{1}, 4)), store.Col("release_id", keys), store.Col("since", slices.Repeat([]time.Time{tx.Now}, 4)))
		}))
		counter := software.NewCounter(db, nil)
		counter.Then(rules.Count)
		_, err = counter.Recount(ctx)
		fatal(err)

		reader := inventory.New(db)
		var chrome recognition.ProductID
		of, err := id.Parse[software.Title](firstTitle(t, db, "Google Chrome"))
		fatal(err)
		one, _, err := reader.Title(ctx, of)
		fatal(err)
		if chrome = one.ProductID; one.Product != "Google Chrome" || one.Class != "product" {
			t.Errorf("the title is %+v", one)
		}
		for address, want := range map[string][]string{
			"class=product": {"Google Chrome", "google-chrome-stable"}, "class=part": {"libc6"}, "class=unrecognised": {"Acme Draw"}, "class=ignored": nil,
			"recognised=no": {"Acme Draw"}, "product=chrome": {"Google Chrome", "google-chrome-stable"}, "product=" + chrome.String(): {"Google Chrome", "google-chrome-stable"},
			"class.not=part,product": {"Acme Draw"},
		} {
			values, err := url.ParseQuery(address + "&sort=title")
			fatal(err)
			q, err := list.Parse(values, inventory.TitleColumns(ctx))
			fatal(err)
			found, err := reader.Titles(ctx, q)
			fatal(err)
			var names []string
			for _, title := range found.Items {
				names = append(names, title.Name)
			}
			if diff := cmp.Diff(want, names); diff != "" {
				t.Errorf("%s:\n%s", address, diff)
			}
		}
		q, err := list.Parse(url.Values{"class": {"product"}, "product": {"chrome"}}, inventory.InstallationColumns())
		fatal(err)
		here, err := id.Parse[device.Mark](uid)
		fatal(err)
		installed, err := reader.Software(ctx, here, q)
		fatal(err)
		if installed.Total != 2 || installed.Items[0].ProductID != chrome {
			t.Errorf("on the device are %+v", installed.Items)
		}
		holders, err := reader.ProductHolders(ctx, chrome, list.Query{})
		fatal(err)
		if holders.Total != 1 || holders.Items[0].Name != "pc1" || len(holders.Items[0].Version) != len("131, 131-1") {
			t.Errorf("holders are %+v", holders.Items)
		}
		if _, err := reader.ProductHolders(ctx, id.New[recognition.Product](), list.Query{}); !fault.Is(err, fault.Missing) {
			t.Errorf("holders of no product: %v", err)
		}
	})
}

func firstTitle(t *testing.T, db *store.DB, name string) (uid string) {
	t.Helper()
	if err := db.Read(t.Context()).Raw("SELECT CAST(uid AS text) FROM titles WHERE name = ?", name).Scan(&uid).Error; err != nil {
		t.Fatal(err)
	}
	return uid
}
