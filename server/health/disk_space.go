package health

import (
	"cmp"
	"slices"
	"time"

	"holdfast/shared/report"
)

const checkDiskSpace = "disk_space"

// diskSpace finds volumes that are nearly full.
func diskSpace() Check {
	return Check{
		ID: checkDiskSpace, Reads: []string{"storage"}, Unit: Percent, Hold: 30 * time.Minute,
		Limits: Limits{Warn: &Limit{Raise: 10, Clear: 15}, Crit: &Limit{Raise: 3, Clear: 6}},
		Observe: func(f *Facts) Observations {
			volumes, known := volumesOf(f)
			if !known {
				return unknown
			}
			var seen Observations
			for _, volume := range volumes {
				percent := freePercent(*volume.FreeBytes, volume.SizeBytes)
				seen.Each = append(seen.Each, Observation{Subject: volume.Mount, Value: percent, Args: Args{
					"Volume": volume.Mount, "FreeBytes": *volume.FreeBytes, "SizeBytes": volume.SizeBytes, "Percent": int(percent),
				}})
			}
			return seen
		},
	}
}

// largeVolume is the size from which a volume is judged as if it had this
// size: a tenth of four terabytes is no shortage.
const largeVolume = 400e9

func freePercent(free, size int64) float64 {
	return 100 * float64(free) / min(float64(size), largeVolume)
}

// volumesOf lists the volumes that fill up, each file system once, by the
// shortest of its mounts.
func volumesOf(f *Facts) ([]report.Volume, bool) {
	storage, known := sectionOf[report.Storage](f, "storage")
	if !known {
		return nil, false
	}
	volumes := slices.DeleteFunc(storage.Volumes, func(v report.Volume) bool {
		return v.Mount == "" || v.FreeBytes == nil || v.SizeBytes <= 0 || v.ReadOnly
	})
	slices.SortFunc(volumes, func(a, b report.Volume) int {
		return cmp.Or(cmp.Compare(len(a.Mount), len(b.Mount)), cmp.Compare(a.Mount, b.Mount))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(volumes, func(v report.Volume) bool {
		file := cmp.Or(v.Device, v.Mount)
		twice := seen[file]
		seen[file] = true
		return twice
	}), true
}
