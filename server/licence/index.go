package licence

import (
	"cmp"
	"slices"
	"strings"
)

// The kinds of machines, as Ref names them.
const (
	host           = "host"
	virtualMachine = "virtual_machine"
	device         = "device"
)

// Machine is a host, a virtual machine or a device.
type Machine struct {
	Kind         string
	ID, Name     string
	Unit         string
	User         string
	Cluster      string
	Host         *Machine    // of a virtual machine
	Processors   []Processor // of a physical machine
	VirtualCores *int64      // of a virtual machine
}

// Ref names the machine in a line.
func (m *Machine) Ref() Ref { return Ref{Kind: m.Kind, ID: m.ID, Name: m.Name} }

func compareMachines(a, b *Machine) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
}

// Index finds the things of an estate by their identifiers.
type Index struct {
	machines map[string]*Machine
	users    map[string]*User
	units    map[string]*Unit
	products map[string]*Product
	clusters map[string][]*Machine // hosts, by name
}

// newIndex indexes an estate whatever its faults; check tells those.
func newIndex(estate *Estate) *Index {
	index := &Index{
		machines: map[string]*Machine{}, users: map[string]*User{}, units: map[string]*Unit{},
		products: map[string]*Product{}, clusters: map[string][]*Machine{},
	}
	for i := range estate.Units {
		index.units[estate.Units[i].ID] = &estate.Units[i]
	}
	for i := range estate.Users {
		index.users[estate.Users[i].ID] = &estate.Users[i]
	}
	for i := range estate.Products {
		index.products[estate.Products[i].Key] = &estate.Products[i]
	}
	for _, h := range estate.Hosts {
		machine := &Machine{Kind: host, ID: h.ID, Name: orID(h.Name, h.ID), Unit: h.Unit, Cluster: h.Cluster, Processors: h.Processors}
		index.machines[h.ID] = machine
		if h.Cluster != "" {
			index.clusters[h.Cluster] = append(index.clusters[h.Cluster], machine)
		}
	}
	for _, d := range estate.Devices {
		index.machines[d.ID] = &Machine{Kind: device, ID: d.ID, Name: orID(d.Name, d.ID), Unit: d.Unit, User: d.User, Processors: d.Processors}
	}
	for _, v := range estate.VirtualMachines {
		machine := &Machine{
			Kind: virtualMachine, ID: v.ID, Name: orID(v.Name, v.ID), Unit: v.Unit, User: v.User,
			Cluster: v.Cluster, Host: index.machines[v.Host], VirtualCores: v.VirtualCores,
		}
		if machine.Unit == "" && machine.Host != nil {
			machine.Unit = machine.Host.Unit
		}
		index.machines[v.ID] = machine
	}
	return index
}

// Machine gives the machine with this identifier.
func (x *Index) Machine(id string) *Machine { return x.machines[id] }

// hostsOf gives the hosts that a virtual machine may run on, by name: its own,
// or every host of its cluster; none when neither is known.
func (x *Index) hostsOf(machine *Machine) []*Machine {
	if machine.Host != nil {
		return []*Machine{machine.Host}
	}
	hosts := slices.Clone(x.clusters[machine.Cluster])
	slices.SortFunc(hosts, compareMachines)
	return hosts
}

// userOf gives who uses an installation, or "" when nobody knows.
func (x *Index) userOf(each *Installation) string {
	if each.User != "" {
		return each.User
	}
	return x.machines[each.On].User
}

// user names a user in a line.
func (x *Index) user(id string) Ref {
	return Ref{Kind: "user", ID: id, Name: orID(x.users[id].Name, id)}
}

// unit names a unit in a line.
func (x *Index) unit(id string) Ref {
	return Ref{Kind: "unit", ID: id, Name: orID(x.units[id].Name, id)}
}

// site gives the site that a unit is or belongs to, or "" when there is none.
func (x *Index) site(unit string) string {
	for range len(x.units) { // a circle, which check refuses, ends all the same
		found := x.units[unit]
		if found == nil || found.Kind == "site" {
			break
		}
		unit = found.Parent
	}
	if found := x.units[unit]; found == nil || found.Kind != "site" {
		return ""
	}
	return unit
}

// unitOf gives the unit that a line belongs to, or "".
func (x *Index) unitOf(ref *Ref) string {
	switch {
	case ref == nil:
		return ""
	case ref.Kind == "unit":
		return ref.ID
	case ref.Kind == "user":
		return x.users[ref.ID].Unit
	case x.machines[ref.ID] != nil:
		return x.machines[ref.ID].Unit
	}
	return ""
}
