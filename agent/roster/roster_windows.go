package roster

import (
	"holdfast/agent/collect"
)

func platform() []collect.Collector {
	return []collect.Collector{}
}
