package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"holdfast/server/asset"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/shared/id"
)

// office is an organisation to import into.
type office struct {
	*importer.Service
	db     *store.DB
	ctx    context.Context
	units  *unit.Service
	people *person.Service
	places *place.Service
	assets *asset.Service
	root   unit.Unit
}

func each(t *testing.T, test func(t *testing.T, o office)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		assets := asset.New(db, func(*store.Tx, string, string, any) error { return nil })
		o := office{
			Service: importer.New(db, assets, entitlement.New(db, func(*store.Tx, string, string, any) error { return nil })), db: db, ctx: identity.WithActor(t.Context(), identity.System("root")),
			units: unit.New(db), people: person.New(db), places: place.New(db), assets: assets,
		}
		var err error
		if o.root, err = o.units.EnsureRoot(o.ctx, "Organisation"); err != nil {
			t.Fatal(err)
		}
		test(t, o)
	})
}

func (o office) run(t *testing.T, kind importer.Kind, mode importer.Mode, lines ...string) importer.Report {
	t.Helper()
	report, err := o.Run(o.ctx, kind, "test.csv", []byte(strings.Join(lines, "\r\n")), mode)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (o office) bring(t *testing.T, kind importer.Kind, lines ...string) importer.Report {
	t.Helper()
	report := o.run(t, kind, importer.Apply, lines...)
	if report.Counts[importer.Failed] > 0 {
		t.Fatalf("rows failed: %+v", report.Rows)
	}
	return report
}

func (o office) asset(t *testing.T, tag string) asset.Row {
	t.Helper()
	var found asset.Row
	err := o.db.Tx(o.ctx, func(tx *store.Tx) (err error) {
		found, err = asset.Tagged(tx, tag)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func counts(report importer.Report) string {
	return fmt.Sprint(report.Counts[importer.Created], report.Counts[importer.Changed], report.Counts[importer.Unchanged], report.Counts[importer.Failed])
}

const assetHeader = "Asset tag,Kind,Status,Maker,Model,Serial number,Assigned to,Location,Unit,Purchase date,Cost,Currency,Warranty ends,Order number,Notes"

// furnish brings in an organisation with one laptop.
func (o office) furnish(t *testing.T) {
	t.Helper()
	o.bring(t, importer.Units, "Unit", "Finance", "Finance/Payroll", "Direction générale")
	o.bring(t, importer.People, "Name,Email,Login,Unit", "R. Okafor,r.okafor@example.org,rokafor,Finance/Payroll")
	o.bring(t, importer.Places, "Place,Unit", "Main building/2nd floor/214,Finance")
	o.bring(t, importer.Assets, assetHeader,
		`HF-1,laptop,in_use,Dell,Latitude 5440,5CG1,rokafor,Main building/2nd floor/214,Payroll,2026-03-14,"1,499.00",CAD,2029-03-13,PO-7,"said ""hello"""`)
}

func TestFilesBringInAnOrganisation(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		got := o.asset(t, "hf-1")
		if got.Kind != asset.Laptop || got.Status != asset.InUse || got.Custodian != "R. Okafor" || got.Place != "Main building/2nd floor/214" ||
			got.Unit != "Payroll" || *got.CostCents != 149900 || got.Currency != "CAD" || got.Note != `said "hello"` ||
			got.WarrantyEnds.Format("2006-01-02") != "2029-03-13" {
			t.Errorf("it is %+v", got)
		}
		places, err := o.places.All(o.ctx)
		if err != nil || len(places) != 3 || places[2].Path != "Main building/2nd floor/214" || places[2].Unit != "Finance" {
			t.Errorf("the places are %+v, %v", places, err)
		}
	})
}

// Snipe-IT clears what is stored where a cell is blank, and takes 0 for blank.
func TestBlankLeavesAloneAndZeroIsAValue(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		before := o.asset(t, "HF-1")
		report := o.bring(t, importer.Assets, assetHeader, `HF-1,,,,,,,,,,,,,,`)
		if counts(report) != "0 0 1 0" {
			t.Errorf("a row of blanks: %s, %+v", counts(report), report.Rows)
		}
		if diff := cmp.Diff(before.Wish(), o.asset(t, "HF-1").Wish(), cmp.AllowUnexported(person.ID{}, place.ID{}, identity.UnitID{})); diff != "" {
			t.Errorf("blanks changed it: %s", diff)
		}
		report = o.bring(t, importer.Assets, assetHeader, `HF-1,,,,,,,,,,0,,,0,`)
		after := o.asset(t, "HF-1")
		if after.CostCents == nil || *after.CostCents != 0 || after.OrderNumber != "0" || after.Model != "Latitude 5440" {
			t.Errorf("zero made it %+v", after)
		}
		want := []importer.Change{{Column: "cost", Before: "1499.00", After: "0.00"}, {Column: "order_number", Before: "PO-7", After: "0"}}
		if diff := cmp.Diff(want, report.Rows[0].Changes); diff != "" {
			t.Error(diff)
		}
		// Only a word empties, and a column that is absent is left alone as well.
		o.bring(t, importer.Assets, "tag,order number,custodian", "HF-1,(none),(aucun)")
		if after = o.asset(t, "HF-1"); after.OrderNumber != "" || !after.CustodianID.IsZero() || after.Serial != "5CG1" {
			t.Errorf("it is %+v", after)
		}
	})
}

func TestSameFileTwiceChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		for kind, lines := range map[importer.Kind][]string{
			importer.Units:  {"Unit,Users private", "Finance,", "Finance/Audit,yes", "Legal,no"},
			importer.People: {"Name;Login;Email;Actif;Langue", "Jean Tremblay;JTremblay;Jean.Tremblay@example.org;oui;français", "Only Name;;;;"},
			importer.Places: {"Lieu", "Main building/3rd floor", "Siège / Étage 2"},
			importer.Assets: {assetHeader, "HF-1,,in stock,,,,,,,,,,,,", "HF-2,Monitor,,,,,,,,,,,,,", ",laptop,in use,,,SERIAL-ONLY,,,,,,,,,"},
		} {
			tried := o.run(t, kind, importer.Preview, lines...)
			first := o.bring(t, kind, lines...)
			if diff := cmp.Diff(tried, first); diff != "" {
				t.Errorf("%s: -preview +import\n%s", kind, diff)
			}
			again := o.bring(t, kind, lines...)
			if first.Counts[importer.Unchanged] == len(lines)-1 || again.Counts[importer.Unchanged] != len(lines)-1 {
				t.Errorf("%s: first %s, then %s: %+v", kind, counts(first), counts(again), again.Rows)
			}
		}
	})
}

func TestPreviewSaysExactlyWhatTheImportDoes(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		lines := []string{assetHeader, "HF-1,,in_repair,,Latitude 5450,,,,,,,,,,", "HF-9,Monitor,,Dell,,S9,,,,,,,,,", "HF-10,toaster,,,,,,,,,,,,,"}
		tried := o.run(t, importer.Assets, importer.Preview, lines...)
		if page, err := o.assets.List(o.ctx, list.Query{}); err != nil || page.Total != 1 || page.Items[0].Status != asset.InUse {
			t.Errorf("the preview did something: %+v, %v", page.Items, err)
		}
		done := o.run(t, importer.Assets, importer.Apply, lines...)
		if diff := cmp.Diff(tried, done); diff != "" {
			t.Errorf("-preview +import\n%s", diff)
		}
		if counts(done) != "1 1 0 1" {
			t.Errorf("the import did %s", counts(done))
		}
	})
}

func TestWrongRowsAreNamedAndTheOthersGoIn(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		o.bring(t, importer.Assets, assetHeader, "HF-3,laptop,surplus,,,,,,,,,,,,")
		report := o.run(t, importer.Assets, importer.Apply, assetHeader+",Colour",
			"OK-1,laptop,,,,,,,,,,,,,red",
			"BAD-1,toaster,burnt,,,,nobody,Nowhere,Nothing,03/04/2026,free,,,,",
			"OK-2,laptop,,,,,,,,14/03/2026,0,EUR,,,",
			"HF-3,,disposed,,,,,,,,,,,,",
			",laptop,,,,,,,,,,,,,",
			"ok-1,laptop,,,,,,,,,,,,,",
			"COST,laptop,,,,,,,,,12,,,,",
			"",
			"OK-3,laptop,,,,To Be Filled By O.E.M.,,,,,,,,,")
		if got := counts(report); got != "2 0 0 6" {
			t.Errorf("it did %s", got)
		}
		if !slices.Equal(report.Unknown, []string{"Colour"}) {
			t.Errorf("unknown are %v", report.Unknown)
		}
		got := map[int][]string{}
		for _, row := range report.Rows {
			for _, problem := range row.Problems {
				got[row.Line] = append(got[row.Line], problem.Column+" "+problem.Key)
			}
			slices.Sort(got[row.Line])
		}
		want := map[int][]string{
			3: {
				"cost fault.field.money", "custodian fault.import.custodian_missing", "kind fault.import.kind", "place fault.import.place_missing",
				"purchased_on fault.import.date", "status fault.import.status", "unit fault.import.unit_missing",
			},
			5:  {" fault.asset.only_by_case"},
			6:  {"tag fault.import.tag_or_serial"},
			7:  {"tag fault.import.twice"},
			8:  {"currency fault.import.currency"},
			10: {"serial fault.asset.placeholder"},
		}
		for line, problems := range got {
			if len(problems) == 0 {
				delete(got, line)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for _, tag := range []string{"OK-1", "OK-2"} {
			if o.asset(t, tag).ID.IsZero() {
				t.Errorf("%s did not go in", tag)
			}
		}
	})
}

func TestFileAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		for content, key := range map[string]string{
			"":                   "fault.import.empty",
			"name,name\n":        "fault.import.column_twice",
			"colour,size\nred,L": "fault.import.column_missing",
			"\x00\x01\x02":       "fault.import.encoding",
			"name\n" + strings.Repeat("x\n", importer.MaxRows+1): "fault.import.too_many_rows",
		} {
			_, err := o.Run(o.ctx, importer.People, "x", []byte(content), importer.Preview)
			found := fault.Of(err)
			if found == nil || found.Kind != fault.Invalid || found.Fields[0].Key != key {
				t.Errorf("%.20q gives %v instead of %s", content, err, key)
			}
		}
		_, err := o.Run(o.ctx, importer.People, "x", make([]byte, importer.MaxBytes+1), importer.Preview)
		if !fault.Is(err, fault.TooLarge) {
			t.Errorf("too large gives %v", err)
		}
	})
}

func TestFrenchSpreadsheetsAreRead(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		text := "Étiquette;Catégorie;Statut;Modèle;Coût;Devise;Date d'achat\r\nÉ-1;Écran;En service;Modèle à 27\";1 234,50;CAD;14/03/2026\r\n"
		latin, err := charmap.Windows1252.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		report := o.bring(t, importer.Assets, latin)
		if len(report.Unknown) > 0 {
			t.Errorf("unknown are %v", report.Unknown)
		}
		got := o.asset(t, "É-1")
		if got.Kind != asset.Monitor || got.Status != asset.InUse || got.Model != `Modèle à 27"` || *got.CostCents != 123450 {
			t.Errorf("it is %+v", got)
		}
	})
}

func TestNobodyImportsWhatTheyMayNot(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.furnish(t)
		finance, err := o.units.ByName(o.ctx, "Finance")
		if err != nil {
			t.Fatal(err)
		}
		as := func(role identity.Role) context.Context {
			return identity.WithActor(o.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Grants: []identity.Grant{
				{Role: role, UnitID: finance.ID, Reach: identity.Scope{Units: []identity.UnitID{finance.ID}}},
			}})
		}
		for _, role := range identity.Roles() {
			for _, kind := range importer.Kinds() {
				_, err := o.Run(as(role), kind, "x", []byte("name,unit,place,tag,product\n"), importer.Preview)
				if may := role.May(identity.RecordsImport) && role.May(kind.Needs()); may != (err == nil) {
					t.Errorf("%s imports %s: %v", role, kind, err)
				}
			}
		}
		// In reach a row goes in, and one without a unit goes to the actor's.
		report, err := o.Run(as(identity.OfficeSystems), importer.Assets, "x", []byte("tag,unit\nF-1,\nF-2,Organisation\nHF-1,Finance\n"), importer.Apply)
		if err != nil || counts(report) != "1 0 0 2" {
			t.Fatalf("%s: %+v, %v", counts(report), report.Rows, err)
		}
		if got := o.asset(t, "F-1"); got.Unit != "Finance" {
			t.Errorf("it went to %s", got.Unit)
		}
		if got := o.asset(t, "HF-1"); got.Unit != "Payroll" {
			t.Errorf("an asset of another unit was moved to %s", got.Unit)
		}
	})
}

func TestUploadedFileWaitsForItsOwner(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		user := func() context.Context {
			return identity.WithActor(o.ctx, identity.Actor{Kind: identity.UserKind, ID: id.New[identity.User]().String(), Grants: []identity.Grant{
				{Role: identity.Administrator, UnitID: o.root.ID, Reach: identity.Scope{All: true}},
			}})
		}
		mine, other := user(), user()
		file, err := o.Stage(mine, importer.Places, "places.csv", []byte("place\nAnnex\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.Staged(other, file); !fault.Is(err, fault.Missing) {
			t.Errorf("somebody else gets %v", err)
		}
		if kept, report, err := o.Staged(mine, file); err != nil || kept.Name != "places.csv" || counts(report) != "1 0 0 0" {
			t.Errorf("it would do %s, %v", counts(report), err)
		}
		if _, report, err := o.Confirm(mine, file); err != nil || counts(report) != "1 0 0 0" {
			t.Errorf("it did %s, %v", counts(report), err)
		}
		if _, _, err := o.Confirm(mine, file); !fault.Is(err, fault.Missing) {
			t.Errorf("the second time gives %v", err)
		}
	})
}
