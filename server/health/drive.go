package health

import (
	"cmp"

	"holdfast/shared/report"
)

// driveFailing finds drives that say of themselves that they are failing or
// worn out (SMART and its like). Most drives say nothing; then neither do we.
func driveFailing() Check {
	return Check{
		ID: "drive_failing", Reads: []string{"storage"},
		Observe: func(f *Facts) Observations {
			storage, known := sectionOf[report.Storage](f, "storage")
			if !known {
				return unknown
			}
			var seen Observations
			for _, drive := range storage.Drives {
				o := Observation{Subject: cmp.Or(drive.Serial, drive.Device), Args: Args{
					"Drive": cmp.Or(drive.Model, drive.Device), "Serial": drive.Serial,
				}}
				switch drive.Health {
				case "ok":
					o.Level = OK
				case "worn":
					o.Level = Warn
				case "failing":
					o.Level = Crit
				default:
					if f.was[o.Subject] == nil {
						continue
					}
					o.Level = Unknown
				}
				seen.Each = append(seen.Each, o)
			}
			return seen
		},
	}
}
