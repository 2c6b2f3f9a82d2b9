package health

// warrantyEnding finds devices whose warranty ends soon, while there is still
// time to use it or to extend it. Once it has ended nobody can do anything.
func warrantyEnding() Check {
	return Check{
		ID: "warranty_ending", Reads: []string{"asset"}, Unit: Days, Standing: true,
		Limits: Limits{Warn: &Limit{Raise: 60, Clear: 90}},
		Observe: func(f *Facts) Observations {
			if f.Asset == nil || f.Asset.WarrantyEnds.IsZero() {
				return Observations{}
			}
			switch f.Asset.Status {
			case "in_use", "in_stock", "in_repair":
			default:
				return Observations{}
			}
			left := dayOf(f.Asset.WarrantyEnds) - f.Today()
			o := Observation{
				Value: float64(left), Due: f.approaches(f.Asset.WarrantyEnds),
				Args: Args{"EndsOn": dateOf(dayOf(f.Asset.WarrantyEnds)), "Days": left},
			}
			if left < 0 {
				o.Level = OK
			}
			return one(o)
		},
	}
}
