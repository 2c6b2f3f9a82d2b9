package licence_test

import (
	"fmt"
	"testing"

	"holdfast/server/licence"
)

// BenchmarkEvaluate works out positions of 20,000 devices with 10 products
// each, and of 2,000 virtual machines by core.
func BenchmarkEvaluate(b *testing.B) {
	estate := &licence.Estate{}
	cores := int64(8)
	for i := range 10 {
		estate.Products = append(estate.Products, licence.Product{Key: fmt.Sprint("p", i), Metric: licence.Counting{Metric: licence.PerDevice{}}})
	}
	estate.Products = append(estate.Products, licence.Product{Key: "sql", Rule: "microsoft-sql-server-core"})
	for i := range 20_000 {
		id := fmt.Sprint("d", i)
		estate.Devices = append(estate.Devices, licence.Device{ID: id})
		for _, product := range estate.Products[:10] {
			estate.Installations = append(estate.Installations, licence.Installation{Product: product.Key, On: id})
		}
	}
	for i := range 2_000 {
		id := fmt.Sprint("v", i)
		estate.VirtualMachines = append(estate.VirtualMachines, licence.VirtualMachine{ID: id, VirtualCores: &cores})
		estate.Installations = append(estate.Installations, licence.Installation{Product: "sql", On: id})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := licence.Evaluate(estate, licence.Bundled(), licence.Options{At: "2026-11-19"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(estate.Installations))*float64(b.N)/b.Elapsed().Seconds(), "installations/s")
}
