package importer_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"holdfast/server/asset"
	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/importer"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
)

// What the pages export must come in again as it is, in either language.
func TestExportComesInAgainUnchanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := identity.WithActor(t.Context(), identity.System("root"))
		root, err := unit.New(db).EnsureRoot(ctx, "Organisation")
		if err != nil {
			t.Fatal(err)
		}
		assets := asset.New(db, func(*store.Tx, string, string, any) error { return nil })
		holder, err := person.New(db).Create(ctx, person.Wish{Name: "Zoé Tremblay", UnitID: root.ID, Active: true})
		if err != nil {
			t.Fatal(err)
		}
		spot, err := place.New(db).Create(ctx, place.Wish{Name: "Siège", UnitID: root.ID})
		if err != nil {
			t.Fatal(err)
		}
		cents := int64(123450)
		for _, kind := range asset.Kinds() {
			for _, status := range asset.Starts() {
				_, err := assets.Create(ctx, asset.Wish{
					Kind: kind, UnitID: root.ID, Model: "=SUM(A1)", Serial: string(kind) + "-" + string(status), CustodianID: holder.ID, PlaceID: spot.ID,
					CostCents: &cents, Currency: "CAD", PurchasedOn: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), OrderNumber: "-7",
				}, status)
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		imports := importer.New(db, assets, entitlement.New(db, func(*store.Tx, string, string, any) error { return nil }))
		definition := asset.AllColumns()
		q := list.Query{}
		for _, field := range definition.Fields() {
			q.Columns = append(q.Columns, field.Key)
		}
		for _, language := range i18n.Languages() {
			rows, err := assets.Export(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			var file bytes.Buffer
			err = list.CSV(&file, definition, q, rows, list.Texts{
				Label: func(key string) string { return i18n.Translate(string(language), key, nil) },
				Value: func(field list.Field, value string) string {
					return i18n.Translate(string(language), "value."+field.Key+"."+value, nil)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			report, err := imports.Run(ctx, importer.Assets, "export.csv", file.Bytes(), importer.Preview)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Rows) == 0 || report.Counts[importer.Unchanged] != len(report.Rows) {
				for _, row := range report.Rows {
					if row.Outcome != importer.Unchanged {
						t.Errorf("%s, line %d %s: %+v %+v", language, row.Line, row.Outcome, row.Changes, row.Problems)
					}
				}
			}
			// What cannot be decided by a file: the device, the host, when it changed.
			if len(report.Unknown) != 3 {
				t.Errorf("%s: unknown are %s", language, strings.Join(report.Unknown, ", "))
			}
		}
	})
}
