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

// benchVariable names the environment variable that says with how many
// devices the lists are measured. Without it a small inventory shows that
// every question works, and times mean nothing.
const benchVariable = "HOLDFAST_BENCH_DEVICES"

func TestEveryQuestionIsAnswered(t *testing.T) {
	const budget = 150 * time.Millisecond
	size, rounds := inventorytest.Size{Devices: 1000, Titles: 500, Each: 20, Changes: 3}, 3
	if text := os.Getenv(benchVariable); text != "" {
		devices, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		size, rounds = inventorytest.Size{Devices: devices, Titles: 20_000, Each: 100, Changes: 10}, 20
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := inventorytest.Fill(t.Context(), db, size); err != nil {
			t.Fatal(err)
		}
		timings, err := inventorytest.Measure(t.Context(), db, rounds)
		if err != nil {
			t.Fatal(err)
		}
		if err := inventorytest.Print(t.Output(), timings, budget); err != nil {
			t.Fatal(err)
		}
	})
}
