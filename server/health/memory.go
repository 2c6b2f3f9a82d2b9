package health

import (
	"time"

	"holdfast/server/device"
	"holdfast/shared/report"
)

// memoryPressure finds devices whose work waits for memory. Where the agent
// cannot tell, it finds those that have less than their system needs.
func memoryPressure() Check {
	return Check{
		ID: "memory_pressure", Reads: []string{"memory", "os"}, Unit: Percent, Hold: time.Hour,
		Limits: Limits{Warn: &Limit{Raise: 20, Clear: 10}, Crit: &Limit{Raise: 50, Clear: 30}},
		Observe: func(f *Facts) Observations {
			memory, known := sectionOf[report.Memory](f, "memory")
			if !known {
				return unknown
			}
			args := Args{"TotalBytes": memory.TotalBytes, "SwapBytes": memory.SwapBytes}
			if memory.PressurePercent != nil {
				args["Percent"] = *memory.PressurePercent
				return one(Observation{Value: float64(*memory.PressurePercent), Args: args})
			}
			system, known := sectionOf[report.OS](f, "os")
			if !known || memory.TotalBytes == 0 {
				return unknown
			}
			args["NeededBytes"] = memoryNeeded(f.Kind, system.Family)
			if memory.TotalBytes < memoryNeeded(f.Kind, system.Family) {
				return one(Observation{Level: Warn, Args: args})
			}
			return one(Observation{Level: OK, Args: args})
		},
	}
}

// memoryNeeded is what a system needs for ordinary work, less what firmware
// and graphics keep for themselves. Below it a machine lives on its swap.
func memoryNeeded(kind device.Kind, family string) int64 {
	const gigabyte, kept = 1 << 30, 1 << 29
	switch {
	case kind == device.Server, kind == device.Virtual, kind == device.Container, kind == device.Other, kind == device.Handheld:
		return gigabyte / 2
	case family == "linux":
		return 2*gigabyte - kept
	}
	return 4*gigabyte - kept
}
