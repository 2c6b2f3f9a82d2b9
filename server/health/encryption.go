package health

import (
	"holdfast/server/device"
	"holdfast/shared/report"
)

// encryptionOff finds portable devices whose data anybody can read who finds
// them. A day of grace lets a new device finish encrypting itself.
func encryptionOff() Check {
	return Check{
		ID: "encryption_off", Reads: []string{"security"}, Hold: day,
		Observe: func(f *Facts) Observations {
			if f.Kind != device.Laptop && f.Kind != device.Tablet && f.Kind != device.Handheld {
				return Observations{}
			}
			security, known := sectionOf[report.Security](f, "security")
			if !known || security.DiskEncryption == "" {
				return unknown
			}
			if security.DiskEncryption == "on" {
				return one(Observation{Level: OK})
			}
			return one(Observation{Level: Warn, Args: Args{"State": security.DiskEncryption}})
		},
	}
}
