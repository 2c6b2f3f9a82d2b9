package licence

import (
	"time"

	"holdfast/shared/report"
)

// Date is a day, YYYY-MM-DD; empty is "not said". Both ends of a term belong
// to it.
type Date = report.Date

// Estate is what there is, what is installed on it, and what was bought. Its
// tags are the specification of the file that "holdfast licence evaluate"
// reads.
type Estate struct {
	Name            string           `json:"name,omitempty" doc:"What the file describes, such as the name of the organisation."`
	At              Date             `json:"at,omitempty" doc:"Day of the position, unless the command line names one. Without either, today."`
	Units           []Unit           `json:"units,omitempty" doc:"Parts of the organisation and its sites."`
	Users           []User           `json:"users,omitempty" doc:"People who use software."`
	Hosts           []Host           `json:"hosts,omitempty" doc:"Physical servers, whether they run virtual machines or not."`
	VirtualMachines []VirtualMachine `json:"virtual_machines,omitempty" doc:"Virtual machines."`
	Devices         []Device         `json:"devices,omitempty" doc:"Desktops, laptops and other physical machines that are no servers."`
	Products        []Product        `json:"products,omitempty" doc:"What is licensed, and how it is counted."`
	Installations   []Installation   `json:"installations,omitempty" doc:"Products on machines."`
	Assignments     []Assignment     `json:"assignments,omitempty" doc:"Rights given to named users, whether they have the product installed or not."`
	Entitlements    []Entitlement    `json:"entitlements,omitempty" doc:"Rights bought, one entry for each line of a purchase."`
	Exemptions      []Exemption      `json:"exemptions,omitempty" doc:"Uses that need no right, each with its reason."`
}

// Unit is a part of the organisation.
type Unit struct {
	ID     string `json:"id" required:"true" doc:"Identifier, once in the file among units."`
	Name   string `json:"name,omitempty" doc:"Name for people. Without it, the identifier."`
	Kind   string `json:"kind,omitempty" oneof:"unit site" doc:"site for a place that site licences are bought for. Without it, unit."`
	Parent string `json:"parent,omitempty" doc:"Unit that it is a part of."`
}

// User is a person.
type User struct {
	ID   string `json:"id" required:"true" doc:"Identifier, once in the file among users."`
	Name string `json:"name,omitempty" doc:"Name for people. Without it, the identifier."`
	Unit string `json:"unit,omitempty" doc:"Unit that the person belongs to."`
}

// Processor is a processor of a physical machine, or several of one model.
type Processor struct {
	Count   *int64 `json:"count,omitempty" min:"1" max:"1024" doc:"How many of this model. Without it, 1."`
	Cores   *int64 `json:"cores,omitempty" min:"1" max:"65536" doc:"Physical cores of each. Leave it out when nobody knows."`
	Threads *int64 `json:"threads,omitempty" min:"1" max:"65536" doc:"Hardware threads of each. They are never counted as cores."`
	Maker   string `json:"maker,omitempty" doc:"Who made it."`
	Model   string `json:"model,omitempty" doc:"Model, for metrics that depend on it."`
}

func (p *Processor) count() Amount {
	if p.Count == nil {
		return Whole(1)
	}
	return Whole(*p.Count)
}

// Host is a physical server.
type Host struct {
	ID         string      `json:"id" required:"true" doc:"Identifier, once in the file among hosts, virtual machines and devices."`
	Name       string      `json:"name,omitempty" doc:"Name for people. Without it, the identifier."`
	Unit       string      `json:"unit,omitempty" doc:"Unit or site where it stands."`
	Cluster    string      `json:"cluster,omitempty" doc:"Name of the cluster whose virtual machines can run on it."`
	Processors []Processor `json:"processors,omitempty" doc:"Its processors. Leave it out when nobody knows."`
}

// VirtualMachine is a virtual machine.
type VirtualMachine struct {
	ID           string `json:"id" required:"true" doc:"Identifier, once in the file among hosts, virtual machines and devices."`
	Name         string `json:"name,omitempty" doc:"Name for people. Without it, the identifier."`
	Unit         string `json:"unit,omitempty" doc:"Unit that it works for. Without it, that of its host."`
	Host         string `json:"host,omitempty" doc:"Host that it runs on."`
	Cluster      string `json:"cluster,omitempty" doc:"Cluster that it runs in. Without a host, it may run on any host of the cluster."`
	VirtualCores *int64 `json:"virtual_cores,omitempty" min:"1" max:"65536" doc:"Virtual cores given to it. Leave it out when nobody knows."`
	User         string `json:"user,omitempty" doc:"Person who uses it, of a virtual desktop."`
}

// Device is a physical machine of a person or a place.
type Device struct {
	ID         string      `json:"id" required:"true" doc:"Identifier, once in the file among hosts, virtual machines and devices."`
	Name       string      `json:"name,omitempty" doc:"Name for people. Without it, the identifier."`
	Kind       string      `json:"kind,omitempty" doc:"What it is, such as desktop or laptop."`
	Unit       string      `json:"unit,omitempty" doc:"Unit or site where it is used."`
	User       string      `json:"user,omitempty" doc:"Person who uses it."`
	Processors []Processor `json:"processors,omitempty" doc:"Its processors. Leave it out when nobody knows."`
}

// Product is something licensed.
type Product struct {
	Key          string   `json:"key" required:"true" doc:"Identifier, once in the file among products."`
	Name         string   `json:"name,omitempty" doc:"Name for people. Without it, the key."`
	Publisher    string   `json:"publisher,omitempty" doc:"Who publishes it."`
	Rule         string   `json:"rule,omitempty" doc:"Rule of the bundle by which it is counted; holdfast licence rules lists them. Either rule or metric."`
	Metric       Counting `json:"metric,omitempty" doc:"How it is counted, with parameters. Either rule or metric."`
	Packs        *Packs   `json:"packs,omitempty" doc:"How rights are sold. Only beside metric; a rule brings its own."`
	Free         bool     `json:"free,omitempty" doc:"true when it needs no right at all."`
	FreeEditions []string `json:"free_editions,omitempty" doc:"Editions that need no right, besides those of the rule."`
}

// Packs says how rights are sold.
type Packs struct {
	Size     int64  `json:"size" required:"true" min:"1" max:"1000000" doc:"Rights in a pack."`
	WholePer string `json:"whole_per,omitempty" oneof:"purchase machine" doc:"machine when a pack cannot be split: each machine, user or site needs whole packs, and the rest of its last pack is of no use elsewhere. purchase, the default, when only the purchase is rounded up."`
}

// Installation is a product on a machine.
type Installation struct {
	Product string `json:"product" required:"true" doc:"Key of the product."`
	On      string `json:"on" required:"true" doc:"Identifier of the host, virtual machine or device."`
	Version string `json:"version,omitempty" doc:"Version, as installed."`
	Edition string `json:"edition,omitempty" doc:"Edition, as installed."`
	User    string `json:"user,omitempty" doc:"Person who uses it. Without it, the user of the machine."`
	Since   Date   `json:"since,omitempty" doc:"First day. Without it, always."`
	Until   Date   `json:"until,omitempty" doc:"Last day. Without it, to this day."`
}

// Assignment is a right given to a named user.
type Assignment struct {
	Product string `json:"product" required:"true" doc:"Key of the product."`
	User    string `json:"user" required:"true" doc:"Identifier of the user."`
	Since   Date   `json:"since,omitempty" doc:"First day. Without it, always."`
	Until   Date   `json:"until,omitempty" doc:"Last day. Without it, to this day."`
}

// Entitlement is a number of rights from one purchase.
type Entitlement struct {
	ID               string `json:"id" required:"true" doc:"Identifier, once in the file among entitlements, such as the order number."`
	Product          string `json:"product" required:"true" doc:"Key of the product."`
	Quantity         int64  `json:"quantity" required:"true" min:"1" max:"1000000000" doc:"Packs bought; single rights where pack_size is not given."`
	PackSize         int64  `json:"pack_size,omitempty" min:"1" max:"1000000" doc:"Rights in each pack. Without it, 1."`
	Metric           string `json:"metric,omitempty" doc:"Kind of metric it was bought by. Without it, that of the product. Rights of another metric do not count."`
	From             Date   `json:"from,omitempty" doc:"First day of the term. Without it, always."`
	To               Date   `json:"to,omitempty" doc:"Last day of the term. Without it, the right is perpetual."`
	MaintenanceUntil Date   `json:"maintenance_until,omitempty" doc:"Last day of maintenance (Software Assurance, support). A right with a last day of its term is maintained throughout."`
	CostCents        *int64 `json:"cost_cents,omitempty" min:"0" doc:"Cost of the whole quantity, in cents."`
	Currency         string `json:"currency,omitempty" doc:"Currency of the cost, such as CAD."`
	Paper            string `json:"paper,omitempty" doc:"What proves it: order, invoice or contract number."`
	BoundTo          string `json:"bound_to,omitempty" doc:"Machine that the right belongs to and cannot leave, as OEM licences; for a site licence, the site."`
	Unit             string `json:"unit,omitempty" doc:"Unit that bought it, for the breakdown by unit. It serves all units."`
}

// Exemption is a reason why a use needs no right.
type Exemption struct {
	ID      string `json:"id" required:"true" doc:"Identifier, once in the file among exemptions."`
	Product string `json:"product" required:"true" doc:"Key of the product."`
	On      string `json:"on,omitempty" doc:"Machine whose installations are exempt. Either on or user."`
	User    string `json:"user,omitempty" doc:"Person whose use is exempt. Either on or user."`
	Reason  string `json:"reason" required:"true" doc:"Why, in words, such as: passive copy for disaster recovery."`
	From    Date   `json:"from,omitempty" doc:"First day. Without it, always."`
	Until   Date   `json:"until,omitempty" doc:"Last day. Without it, for good."`
}

// holds reports whether day lies between two days, both included.
func holds(from, to, day Date) bool { return from <= day && (to == "" || day <= to) }

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// DateOf is the day of a moment where the server stands.
func DateOf(when time.Time) Date { return report.DateOf(when.In(time.Local)) }
