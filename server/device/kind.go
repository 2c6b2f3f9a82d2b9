package device

import (
	"strings"

	"holdfast/shared/report"
)

// KindOf tells what sort of machine a device is. The machine decides before
// the case: a virtual machine has whatever case its hypervisor claims. The
// case decides before the system: a tower that runs a server system is still
// a desktop to whoever carries it. Where the case says nothing, a server
// system makes a server, and a battery of its own a laptop.
func KindOf(system *report.System, osName string, hasBattery bool) Kind {
	switch system.Machine {
	case "container":
		return Container
	case "virtual":
		return Virtual
	}
	switch system.Chassis {
	case "desktop", "all-in-one", "mini":
		return Desktop
	case "laptop", "convertible":
		return Laptop
	case "tablet":
		return Tablet
	case "handheld":
		return Handheld
	case "server", "blade":
		return Server
	}
	switch {
	case strings.Contains(strings.ToLower(osName), "server"):
		return Server
	case hasBattery:
		return Laptop
	}
	return Other
}
