package roster

import (
	"holdfast/agent/collect"
	"holdfast/agent/collect/battery"
	"holdfast/agent/collect/cpu"
	"holdfast/agent/collect/graphics"
	"holdfast/agent/collect/memory"
	"holdfast/agent/collect/monitor"
	"holdfast/agent/collect/network"
	"holdfast/agent/collect/opsys"
	"holdfast/agent/collect/printer"
	"holdfast/agent/collect/security"
	"holdfast/agent/collect/software"
	"holdfast/agent/collect/storage"
	"holdfast/agent/collect/system"
	"holdfast/agent/collect/update"
	"holdfast/agent/collect/usb"
	"holdfast/agent/collect/user"
)

func platform() []collect.Collector {
	return []collect.Collector{
		system.New(),
		opsys.New(),
		cpu.New(),
		memory.New(),
		storage.New(),
		network.New(),
		graphics.New(),
		monitor.New(),
		usb.New(),
		printer.New(),
		battery.New(),
		user.New(),
		software.New(),
		security.New(),
		update.New(),
	}
}
