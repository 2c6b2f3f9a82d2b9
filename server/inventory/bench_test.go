package inventory_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"holdfast/server/inventory/inventorytest"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

// size is how many devices the measurements are made with: few in ordinary
// test runs, and as many as HOLDFAST_BENCH_DEVICES says in "make bench".
func size(t *testing.T) inventorytest.Size {
	t.Helper()
	made := inventorytest.Size{Devices: 3000, Titles: 1000, Each: 30, Changes: 3}
	if text := os.Getenv("HOLDFAST_BENCH_DEVICES"); text != "" {
		devices, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		made = inventorytest.Size{Devices: devices, Titles: 20_000, Each: 100, Changes: 10}
	}
	return made
}

func TestEveryQuestionIsAnsweredWithinItsBudget(t *testing.T) {
	const budget = 150 * time.Millisecond
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := inventorytest.Fill(t.Context(), db, size(t)); err != nil {
			t.Fatal(err)
		}
		timings, err := inventorytest.Measure(t.Context(), db, 20)
		if err != nil {
			t.Fatal(err)
		}
		if err := inventorytest.Print(t.Output(), timings, budget); err != nil {
			t.Fatal(err)
		}
	})
}
