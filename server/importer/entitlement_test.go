package importer_test

import (
	"strings"
	"testing"

	"holdfast/server/entitlement"
	"holdfast/server/importer"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

func TestRightsComeInOnceAndChangeAfterwards(t *testing.T) {
	each(t, func(t *testing.T, b office) {
		err := b.db.Tx(b.ctx, func(tx *store.Tx) error {
			for _, key := range []string{"cad", "cam"} {
				err := tx.Exec("INSERT INTO products (id, key, name, class, origin, created_at, updated_at) VALUES (?, ?, ?, 'licensed', 'local', ?, ?)",
					id.New[struct{}]().String(), key, "The "+key, tx.Now, tx.Now).Error
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rights := entitlement.New(b.db, func(*store.Tx, string, string, any) error { return nil })
		bring := func(lines ...string) importer.Report {
			t.Helper()
			report, err := b.Run(b.ctx, importer.Rights, "rights.csv", []byte(strings.Join(lines, "\n")), importer.Apply)
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		file := []string{
			"Product;Quantity;Rights in a pack;First day;Last day;Cost;Currency;Order number",
			"The CAD;10;2;2026-01-01;2026-12-31;1,000.00;CAD;PO-1",
			"cam;5;;;;;;PO-1",
			"The CAM;many;;;;;;",
			"Nonsense;1;;;;;;",
		}
		first := bring(file...)
		if first.Counts[importer.Created] != 2 || first.Counts[importer.Failed] != 2 {
			t.Fatalf("at first %+v", first)
		}
		if again := bring(file...); again.Counts[importer.Unchanged] != 2 || again.Counts[importer.Created] != 0 {
			t.Errorf("again %+v", again)
		}
		if changed := bring("Product,Quantity,Pack,From,PO", "cad,12,2,2026-01-01,po-1"); changed.Counts[importer.Changed] != 1 || changed.Rows[0].Changes[0].After != "12" {
			t.Errorf("changed %+v", changed)
		}
		if named := bring("Référence,Dernier jour", "r-0002,2027-06-30"); named.Counts[importer.Changed] != 1 {
			t.Errorf("by reference %+v", named)
		}
		if missing := bring("Reference,Quantity", "R-0099,1"); missing.Counts[importer.Failed] != 1 {
			t.Errorf("of none %+v", missing)
		}
		page, err := rights.List(b.ctx, list.Query{Sort: list.Sort{Key: "reference"}})
		if err != nil || page.Total != 2 || page.Items[0].Quantity != 12 || *page.Items[0].CostCents != 100_000 || page.Items[0].Paper != "PO-1" ||
			page.Items[1].EndsOn.Format("2006-01-02") != "2027-06-30" || page.Items[1].PaperID != page.Items[0].PaperID {
			t.Errorf("recorded are %+v, %v", page.Items, err)
		}
	})
}
