package position_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/inventory/inventorytest"
	"holdfast/server/licence"
	"holdfast/server/outbox"
	"holdfast/server/position"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
	"holdfast/shared/id"
)

// fleetVariable names the environment variable that says with how many devices
// positions are worked out. Without it a small fleet shows that it can be
// done, and times mean nothing.
const fleetVariable = "HOLDFAST_BENCH_DEVICES"

// Twenty products that every device has, of all metrics: from nothing, and
// what one report changed.
func TestFleetIsWorkedOutFromNothing(t *testing.T) {
	count := 400
	if text := os.Getenv(fleetVariable); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := inventorytest.Fill(t.Context(), db, inventorytest.Size{Devices: count, Titles: 200, Each: 20, Changes: 1}); err != nil {
			t.Fatal(err)
		}
		b := bodyOf(t, db)
		products := make([]position.ProductID, 20)
		for i := range products {
			products[i] = b.licensed(t, i, count)
		}
		started := time.Now()
		if err := b.Follow(b.ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d devices, %d products: %s from nothing", count, len(products), time.Since(started).Round(time.Millisecond))
		for i, product := range products {
			found, err := b.Product(b.ctx, product, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if err := found.Position.Check(); err != nil {
				t.Error(err)
			}
			if i%4 < 2 && found.Position.Needed.String() != fmt.Sprint(count) {
				t.Errorf("product %d needs %s", i, found.Position.Needed)
			}
			event := outbox.Message{Payload: must(jsonOf(device.Event{Device: 1, Removed: []int32{int32(i + 1)}}))}
			started := time.Now()
			if err := db.Tx(b.ctx, func(tx *store.Tx) error { return b.Reported(b.ctx, tx, []outbox.Message{event}) }); err != nil {
				t.Fatal(err)
			}
			if i < 4 {
				t.Logf("%s: one report %s", found.Position.Rule.Metric.Kind(), time.Since(started).Round(time.Millisecond))
			}
		}
	})
}

// licensed makes a product of a title that every device has.
func (b body) licensed(t *testing.T, number, devices int) position.ProductID {
	t.Helper()
	var product position.ProductID
	if err := product.UnmarshalText([]byte(id.New[struct{}]().String())); err != nil {
		t.Fatal(err)
	}
	b.write(t, func(tx *store.Tx) error {
		err := tx.Exec("INSERT INTO products (id, key, name, class, origin, devices, created_at, updated_at) VALUES (?, ?, 'P', 'licensed', 'local', ?, ?, ?)",
			product, fmt.Sprintf("p-%02d", number), devices, tx.Now, tx.Now).Error
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE releases SET product_id = ?, class = 'product' WHERE title_id = ?", product, number+1).Error
	})
	metric := []licence.Metric{licence.PerDevice{}, licence.PerInstallation{}, licence.PerNamedUser{}, licence.PerCore{FloorPerServer: 16}}[number%4]
	if _, err := b.rights.CountBy(b.ctx, product, &entitlement.CountedWish{Metric: licence.Counting{Metric: metric}}); err != nil {
		t.Fatal(err)
	}
	return product
}
