package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	licences "holdfast/server/licence"
	"holdfast/server/store"
)

func TestPositionsArePrintedAsOfAnyDay(t *testing.T) {
	each(t, func(t *testing.T, o operation, db *store.DB) {
		o.must("token", "list") // makes the root
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			const product, right = "01950000-0000-7000-8000-00000000aaaa", "01950000-0000-7000-8000-00000000bbbb"
			err := tx.Exec("INSERT INTO products (id, key, name, class, origin, created_at, updated_at) VALUES (?, 'cad', 'The CAD', 'licensed', 'local', ?, ?)",
				product, tx.Now, tx.Now).Error
			if err != nil {
				return err
			}
			return tx.Exec(`INSERT INTO entitlements (id, reference, product_id, quantity, ends_on, unit_id, created_at, created_by, updated_at, updated_by)
				SELECT ?, 'R-0001', ?, 5, ?, id, ?, 'test', ?, 'test' FROM units WHERE parent_id IS NULL`,
				right, product, time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC).Unix()/86400, tx.Now, tx.Now).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range map[string]string{"2020-01-31": "5", "2020-02-01": "0"} {
			out := o.must("licence", "position", "--product", "cad", "--at", day, "--language", "fr")
			var result licences.Result
			if err := json.Unmarshal([]byte(out), &result); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if len(result.Positions) != 1 || result.Positions[0].Owned.String() != want || string(result.At) != day || !strings.Contains(out, "Requis") {
				t.Errorf("on %s it prints %s", day, out)
			}
		}
		if out := o.must("licence", "position"); !strings.Contains(out, `"cad"`) {
			t.Errorf("all of them are %s", out)
		}
		for _, wrong := range [][]string{{"--product", "nonsense"}, {"--at", "yesterday"}} {
			if code, _, problems := o.run("", append([]string{"licence", "position"}, wrong...)...); code == 0 || problems == "" {
				t.Errorf("%v: status %d, %s", wrong, code, problems)
			}
		}
	})
}
