package roster

import (
	"holdfast/agent/collect"
	"holdfast/agent/collect/cpu"
	"holdfast/agent/collect/memory"
	"holdfast/agent/collect/network"
	"holdfast/agent/collect/opsys"
	"holdfast/agent/collect/storage"
)

func platform() []collect.Collector {
	return []collect.Collector{
		opsys.New(),
		cpu.New(),
		memory.New(),
		storage.New(),
		network.New(),
	}
}
