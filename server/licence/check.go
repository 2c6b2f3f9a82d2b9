package licence

import (
	"slices"
	"strconv"

	"holdfast/server/document"
	"holdfast/server/fault"
)

// checker collects what does not fit together in an estate.
type checker struct {
	index  *Index
	rules  *Rules
	faults []fault.Field
}

// check gives every fault of an estate that its form alone cannot show.
func check(estate *Estate, index *Index, rules *Rules) []fault.Field {
	c := &checker{index: index, rules: rules}
	c.identifiers(estate)
	for i, each := range estate.Units {
		at := item("units", i)
		refers(c, at.of("parent"), "fault.licence.no_unit", each.Parent, index.units, nil)
		if c.inCircle(each) {
			c.wrong(at.of("parent"), "fault.licence.circle", fault.Args{"Value": each.ID})
		}
	}
	for i, each := range estate.Users {
		c.unit(item("users", i), each.Unit)
	}
	for i, each := range estate.Hosts {
		c.unit(item("hosts", i), each.Unit)
	}
	for i, each := range estate.Devices {
		at := item("devices", i)
		c.unit(at, each.Unit)
		c.user(at, each.User)
	}
	for i, each := range estate.VirtualMachines {
		at := item("virtual_machines", i)
		c.unit(at, each.Unit)
		c.user(at, each.User)
		refers(c, at.of("host"), "fault.licence.no_host", each.Host, index.machines, func(m *Machine) bool { return m.Kind == host })
	}
	for i := range estate.Products {
		c.product(item("products", i), &estate.Products[i])
	}
	for i, each := range estate.Installations {
		at := item("installations", i)
		c.uses(at, each.Product)
		c.machine(at.of("on"), each.On)
		c.user(at, each.User)
		c.ordered(at.of("until"), each.Since, each.Until)
	}
	for i, each := range estate.Assignments {
		at := item("assignments", i)
		c.uses(at, each.Product)
		c.user(at, each.User)
		c.ordered(at.of("until"), each.Since, each.Until)
	}
	for i := range estate.Entitlements {
		c.entitlement(item("entitlements", i), &estate.Entitlements[i])
	}
	for i, each := range estate.Exemptions {
		at := item("exemptions", i)
		c.uses(at, each.Product)
		if (each.On == "") == (each.User == "") {
			c.wrong(at, "fault.licence.on_or_user", nil)
		}
		c.machine(at.of("on"), each.On)
		c.user(at, each.User)
		c.ordered(at.of("until"), each.From, each.Until)
	}
	return c.faults
}

func (c *checker) wrong(where place, key string, args fault.Args) {
	c.faults = append(c.faults, fault.Field{Name: where.String(), Key: key, Args: args})
}

// place is where in the file something stands. Few are ever written out.
type place struct {
	list  string
	entry int
	field string
}

func item(list string, entry int) place { return place{list: list, entry: entry} }

func (p place) of(field string) place {
	p.field = field
	return p
}

// String writes the place as in hosts[2].unit.
func (p place) String() string {
	text := p.list + "[" + strconv.Itoa(p.entry) + "]"
	if p.field != "" {
		text += "." + p.field
	}
	return text
}

// identifiers tells of those that stand twice. Hosts, virtual machines and
// devices share one set of them.
func (c *checker) identifiers(estate *Estate) {
	once(c, map[string]bool{}, "units", "id", estate.Units, func(each *Unit) string { return each.ID })
	once(c, map[string]bool{}, "users", "id", estate.Users, func(each *User) string { return each.ID })
	once(c, map[string]bool{}, "products", "key", estate.Products, func(each *Product) string { return each.Key })
	once(c, map[string]bool{}, "entitlements", "id", estate.Entitlements, func(each *Entitlement) string { return each.ID })
	once(c, map[string]bool{}, "exemptions", "id", estate.Exemptions, func(each *Exemption) string { return each.ID })
	machines := map[string]bool{}
	once(c, machines, "hosts", "id", estate.Hosts, func(each *Host) string { return each.ID })
	once(c, machines, "virtual_machines", "id", estate.VirtualMachines, func(each *VirtualMachine) string { return each.ID })
	once(c, machines, "devices", "id", estate.Devices, func(each *Device) string { return each.ID })
}

func once[T any](c *checker, seen map[string]bool, list, name string, items []T, idOf func(*T) string) {
	for i := range items {
		id := idOf(&items[i])
		if id != "" && seen[id] {
			c.wrong(item(list, i).of(name), "fault.licence.twice", fault.Args{"Value": id})
		}
		seen[id] = true
	}
}

// refers tells when value is given and names none of those in the map that
// fit.
func refers[T any](c *checker, at place, key, value string, in map[string]T, fits func(T) bool) {
	if found, is := in[value]; value == "" || is && (fits == nil || fits(found)) {
		return
	}
	args := fault.Args{"Value": value, "Nearest": ""}
	if len(c.faults) < 100 { // a help for people, who read no more of them
		var known []string
		for name, each := range in {
			if fits == nil || fits(each) {
				known = append(known, name)
			}
		}
		slices.Sort(known)
		args["Nearest"] = document.Nearest(value, known)
	}
	c.wrong(at, key, args)
}

func (c *checker) uses(at place, product string) {
	refers(c, at.of("product"), "fault.licence.no_product", product, c.index.products, nil)
}

func (c *checker) unit(at place, unit string) {
	refers(c, at.of("unit"), "fault.licence.no_unit", unit, c.index.units, nil)
}

func (c *checker) user(at place, user string) {
	refers(c, at.of("user"), "fault.licence.no_user", user, c.index.users, nil)
}

func (c *checker) machine(at place, machine string) {
	refers(c, at, "fault.licence.no_machine", machine, c.index.machines, nil)
}

func (c *checker) inCircle(unit Unit) bool {
	above := c.index.units[unit.Parent]
	for range len(c.index.units) {
		if above == nil || above.ID == unit.ID {
			break
		}
		above = c.index.units[above.Parent]
	}
	return above != nil && above.ID == unit.ID
}

func (c *checker) product(at place, product *Product) {
	switch has := product.Metric.Metric != nil; {
	case product.Rule == "" && !has && !product.Free:
		c.wrong(at, "fault.licence.no_metric", nil)
	case product.Rule != "" && (has || product.Packs != nil):
		c.wrong(at, "fault.licence.rule_and_metric", nil)
	case product.Rule != "":
		refers(c, at.of("rule"), "fault.licence.no_rule", product.Rule, c.rules.byID(), nil)
	}
}

func (c *checker) entitlement(at place, each *Entitlement) {
	c.uses(at, each.Product)
	c.unit(at, each.Unit)
	c.ordered(at.of("to"), each.From, each.To)
	kinds := map[string]Metric{}
	for _, metric := range Metrics() {
		kinds[metric.Kind()] = metric
	}
	refers(c, at.of("metric"), "fault.licence.no_kind", each.Metric, kinds, nil)
	if each.CostCents != nil && each.Currency == "" {
		c.wrong(at.of("currency"), "fault.licence.no_currency", nil)
	}
	product := c.index.products[each.Product]
	if product != nil {
		if _, is := c.rules.of(product, "").Metric.Metric.(Site); is {
			refers(c, at.of("bound_to"), "fault.licence.no_site", each.BoundTo, c.index.units, func(u *Unit) bool { return u.Kind == "site" })
			return
		}
	}
	c.machine(at.of("bound_to"), each.BoundTo)
}

func (c *checker) ordered(at place, from, to Date) {
	if to != "" && to < from {
		c.wrong(at, "fault.licence.ends_before", fault.Args{"From": from, "To": to})
	}
}
