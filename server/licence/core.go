package licence

import (
	"holdfast/server/fault"
)

// PerCore counts the cores of the machines that have the product, at least so
// many for each processor, server and virtual machine. Physical cores are
// counted, never hardware threads.
type PerCore struct {
	FloorPerProcessor      int64  `json:"floor_per_processor,omitempty" min:"0" max:"65536" doc:"Least cores that count for each processor of a physical machine."`
	FloorPerServer         int64  `json:"floor_per_server,omitempty" min:"0" max:"65536" doc:"Least cores that count for each physical machine."`
	FloorPerVirtualMachine int64  `json:"floor_per_virtual_machine,omitempty" min:"0" max:"65536" doc:"Least virtual cores that count for each virtual machine."`
	VirtualMachinesBy      string `json:"virtual_machines_by,omitempty" oneof:"virtual_cores host" doc:"virtual_cores, the default, when a virtual machine counts by its own virtual cores; host when all physical cores of its host count instead."`
	VirtualMachinesPerSet  int64  `json:"virtual_machines_per_set,omitempty" min:"0" max:"65536" doc:"With host: how many virtual machines may run for each time that all cores of the host are licensed. Without it, any number."`
	MaintenanceForVirtual  bool   `json:"maintenance_for_virtual,omitempty" doc:"true when only rights under maintenance may be used for virtual machines by virtual_cores."`
}

// Kind implements Metric.
func (PerCore) Kind() string { return "per_core" }

// Unit implements Metric.
func (PerCore) Unit() string { return "licence.unit.core" }

// Count implements Metric.
func (m PerCore) Count(use Use) []Line {
	var lines []Line
	guests := map[*Machine]int64{} // virtual machines with the product, by physical machine
	for _, machine := range use.Machines() {
		switch {
		case machine.Kind != virtualMachine:
			guests[machine] += 0
		case m.VirtualMachinesBy != "host":
			lines = append(lines, m.virtual(machine))
		default:
			hosts := use.Estate.hostsOf(machine)
			for _, host := range hosts {
				guests[host]++
			}
			if len(hosts) == 0 {
				lines = append(lines, m.homeless(machine))
			}
		}
	}
	for machine, guests := range guests {
		lines = append(lines, m.physical(machine, guests))
	}
	return lines
}

// physical counts all cores of a physical machine.
func (m PerCore) physical(machine *Machine, guests int64) Line {
	var parts []Node
	if len(machine.Processors) == 0 {
		text := label("licence.part.processors_unknown", nil)
		if m.FloorPerProcessor > 0 {
			text = label("licence.part.processors_unknown_floor", fault.Args{"Floor": m.FloorPerProcessor})
		}
		unknown := Leaf(text, Whole(m.FloorPerProcessor))
		parts = append(parts, unknown.Unsure(label("licence.problem.processors_unknown", nil)))
	}
	for i := range machine.Processors {
		parts = append(parts, m.processor(&machine.Processors[i])...)
	}
	parts = raise(parts, "licence.part.floor_server", m.FloorPerServer)
	if sets := (guests + m.VirtualMachinesPerSet - 1) / max(m.VirtualMachinesPerSet, 1); m.VirtualMachinesPerSet > 0 && sets > 1 {
		once := Sum(Label{}, parts...).Value
		text := label("licence.part.again", fault.Args{"Count": guests, "PerSet": m.VirtualMachinesPerSet, "Sets": sets})
		parts = append(parts, Leaf(text, once.Times(Whole(sets-1))))
	}
	text := label("licence.line.cores", nil)
	if guests > 0 {
		text = label("licence.line.cores_of_host", fault.Args{"Count": guests})
	}
	return Line{Group: label("licence.group.physical", nil), Node: Sum(text, parts...).About(machine.Ref())}
}

// processor counts the cores of a processor, or of several of one model.
func (m PerCore) processor(p *Processor) []Node {
	count := p.count()
	if p.Cores == nil {
		text := label("licence.part.cores_unknown", fault.Args{"Count": count.Arg()})
		if m.FloorPerProcessor > 0 {
			text = label("licence.part.cores_unknown_floor", fault.Args{"Count": count.Arg(), "Floor": m.FloorPerProcessor})
		}
		unknown := Leaf(text, count.Times(Whole(m.FloorPerProcessor)))
		return []Node{unknown.Unsure(label("licence.problem.cores_unknown", nil))}
	}
	text := label("licence.part.processors", fault.Args{"Count": count.Arg(), "Cores": *p.Cores})
	parts := []Node{Leaf(text, count.Times(Whole(*p.Cores)))}
	if missing := m.FloorPerProcessor - *p.Cores; missing > 0 {
		text := label("licence.part.floor_processor", fault.Args{"Floor": m.FloorPerProcessor})
		parts = append(parts, Leaf(text, count.Times(Whole(missing))))
	}
	return parts
}

// virtual counts the virtual cores of a virtual machine.
func (m PerCore) virtual(machine *Machine) Line {
	var parts []Node
	if machine.VirtualCores == nil {
		unknown := Leaf(label("licence.part.virtual_cores_unknown", nil), Whole(0))
		parts = append(parts, unknown.Unsure(label("licence.problem.cores_unknown", nil)))
	} else {
		text := label("licence.part.virtual_cores", fault.Args{"Count": *machine.VirtualCores})
		parts = append(parts, Leaf(text, Whole(*machine.VirtualCores)))
	}
	parts = raise(parts, "licence.part.floor_virtual", m.FloorPerVirtualMachine)
	return Line{
		Group: label("licence.group.virtual", nil), Maintained: m.MaintenanceForVirtual,
		Node: Sum(label("licence.line.virtual_cores", nil), parts...).About(machine.Ref()),
	}
}

// homeless stands for a virtual machine whose host should count, but nobody
// knows the host. That may be one that counts already, so the least is 0.
func (m PerCore) homeless(machine *Machine) Line {
	unknown := Leaf(label("licence.part.host_unknown", nil), Whole(0)).Unsure(label("licence.problem.host_unknown", nil))
	return Line{
		Group: label("licence.group.virtual", nil),
		Node:  Sum(label("licence.line.virtual_cores", nil), unknown).About(machine.Ref()),
	}
}

// raise adds what is missing from the sum of the parts to a floor.
func raise(parts []Node, key string, floor int64) []Node {
	missing := Whole(floor).Minus(Sum(Label{}, parts...).Value)
	if missing.Sign() > 0 {
		parts = append(parts, Leaf(label(key, fault.Args{"Floor": floor}), missing))
	}
	return parts
}
