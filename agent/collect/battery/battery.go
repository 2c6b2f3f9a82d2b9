// Package battery reports the batteries of a portable device, or of a UPS of
// its own, with their wear.
package battery

import (
	"context"
	"fmt"
	"path"
	"strconv"

	"holdfast/agent/collect"
	"holdfast/agent/collect/container"
	"holdfast/agent/host"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// Battery collects the battery section.
type Battery struct{}

// New returns the collector.
func New() Battery { return Battery{} }

// Section implements collect.Collector.
func (Battery) Section() string { return "battery" }

// Collect reads the power supplies that Linux lists. A desktop has no
// battery, which is no failure.
func (Battery) Collect(_ context.Context, h host.Host) (report.Section, error) {
	if container.Runtime(h) != "" {
		return nil, collect.ErrAbsent // what shows through is another device's
	}
	folders, err := h.Glob("/sys/class/power_supply/*")
	if err != nil {
		return nil, fmt.Errorf("list batteries: %w", err)
	}
	facts := &report.Battery{}
	for _, folder := range folders {
		supply := supply{h, folder}
		if supply.isBattery() {
			facts.Batteries = append(facts.Batteries, supply.cell())
		}
	}
	if len(facts.Batteries) == 0 {
		return nil, collect.ErrAbsent
	}
	return facts, nil
}

// supply is one power supply by its folder in /sys.
type supply struct {
	host   host.Host
	folder string
}

func (s supply) text(attribute string) string { return s.host.Text(s.folder + "/" + attribute) }

// isBattery tells the device's own batteries from its chargers, from an empty
// bay, and from the batteries in a wireless mouse or headset.
func (s supply) isBattery() bool {
	kind := s.text("type")
	return (kind == "Battery" || kind == "UPS") && s.text("present") != "0" && s.text("scope") != "Device"
}

func (s supply) cell() report.Cell {
	cell := report.Cell{
		Device:      path.Base(s.folder),
		Maker:       s.fact("manufacturer"),
		Model:       s.fact("model_name"),
		Serial:      s.fact("serial_number"),
		Chemistry:   s.fact("technology"),
		DesignedMWh: s.energy("full_design"),
		FullMWh:     s.energy("full"),
	}
	if cycles, ok := s.number("cycle_count"); ok {
		cell.Cycles = int(cycles)
	}
	return cell
}

func (s supply) fact(attribute string) string {
	if value := s.text(attribute); !identify.Placeholder(value) {
		return value
	}
	return ""
}

// energy reads an amount in mWh. The kernel gives µWh, or, as the firmware
// counts, µAh that the voltage turns into energy: the designed one, because
// the one of the moment changes with the charge.
func (s supply) energy(amount string) int64 {
	if microWattHours, ok := s.number("energy_" + amount); ok {
		return microWattHours / 1000
	}
	microAmpereHours, ok := s.number("charge_" + amount)
	if !ok {
		return 0
	}
	microVolts, ok := s.number("voltage_min_design")
	if !ok {
		microVolts, ok = s.number("voltage_now")
	}
	if !ok {
		return 0
	}
	return int64(float64(microAmpereHours) * float64(microVolts) / 1e9)
}

// number reads a number above zero.
func (s supply) number(attribute string) (int64, bool) {
	value, err := strconv.ParseInt(s.text(attribute), 10, 64)
	return value, err == nil && value > 0
}
