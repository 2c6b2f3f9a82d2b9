// Package device has the list of devices and the page of one device: who,
// what, where, how healthy and when last seen first, then its parts.
package device

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/report"
)

// Pages are the pages of this package.
type Pages struct {
	inventory *inventory.Reader
	agents    *device.Agents
	units     *unit.Service
	views     *view.Service
	health    *health.Service
	panels    []Panel
}

// Panel draws what another domain knows of a device, beside the overview of
// it; nil when that is nothing, or nothing for this reader.
type Panel func(ctx context.Context, of device.ID) (templ.Component, error)

// New makes the pages; the panels stand in this order.
func New(reader *inventory.Reader, agents *device.Agents, units *unit.Service, views *view.Service, judge *health.Service, panels ...Panel) *Pages {
	return &Pages{inventory: reader, agents: agents, units: units, views: views, health: judge, panels: panels}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, export := identity.Needs(identity.DevicesRead), identity.Needs(identity.DevicesExport)
	return []page.Page{
		page.Get("/devices", read, p.list),
		page.Get("/devices/export", export, p.export),
		page.Get("/devices/:id", read, p.overview),
		page.Get("/devices/:id/hardware", read, p.hardware),
		page.Get("/devices/:id/software", read, p.software),
		page.Get("/devices/:id/software/export", export, p.exportSoftware),
		page.Get("/devices/:id/peripherals", read, p.peripherals),
		page.Get("/devices/:id/network", read, p.network),
		page.Get("/devices/:id/security", read, p.security),
		page.Get("/devices/:id/changes", read, p.changes),
		page.Get("/devices/:id/facts", read, p.facts),
		page.Get("/devices/:id/revoke", identity.Needs(identity.AgentsManage), p.confirmRevoke),
		page.Post("/devices/:id/revoke", identity.Needs(identity.AgentsManage), p.revoke),
	}
}

// subject is one device with what every part of its page shows.
type subject struct {
	inventory.Summary
	part     string // of the page, such as "hardware"
	sections []inventory.Section
	findings []Finding
	health   health.Device // zero until it was judged
	remarks  []Finding     // of findings, what no check speaks of
}

// load reads a device for one part of its page.
func (p *Pages) load(c *gin.Context, part string) (subject, error) {
	wanted, err := page.ID[device.Mark](c, "id", "device")
	if err != nil {
		return subject{}, err
	}
	ctx := c.Request.Context()
	found, err := p.inventory.Device(ctx, wanted)
	if err != nil {
		return subject{}, err
	}
	sections, err := p.inventory.Sections(ctx, wanted)
	if err != nil {
		return subject{}, err
	}
	one := subject{Summary: found, part: part, sections: sections}
	facts, err := protection(sections)
	if err != nil {
		return subject{}, err
	}
	one.findings = Findings(found, facts, i18n.LocaleOf(ctx).Now)
	return one, p.judged(ctx, wanted, &one)
}

// Protection is what the verdict on a device looks at, besides its row.
type Protection struct {
	Storage  report.Storage
	Security report.Security
	Failed   []string // sections that could not be read in full
}

func protection(sections []inventory.Section) (Protection, error) {
	var facts Protection
	var err error
	if facts.Storage, err = inventory.Decode[report.Storage](sections); err != nil {
		return facts, err
	}
	if facts.Security, err = inventory.Decode[report.Security](sections); err != nil {
		return facts, err
	}
	for _, section := range sections {
		if section.Outcome != report.OK && section.Outcome != report.Absent {
			facts.Failed = append(facts.Failed, section.Name)
		}
	}
	return facts, nil
}

// section finds a section by its name; the zero Section stands for one that
// was never reported.
func (s subject) section(name string) inventory.Section {
	for _, section := range s.sections {
		if section.Name == name {
			return section
		}
	}
	return inventory.Section{Name: name}
}

func (s subject) path(part string) string {
	path := "/devices/" + s.ID.String()
	if part != "" {
		path += "/" + part
	}
	return path
}

// overview is the first part of the page.
func (p *Pages) overview(c *gin.Context) error {
	one, err := p.load(c, "")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	changes, err := p.inventory.Changes(ctx, one.ID, list.Query{Sort: list.Sort{Key: "at", Descending: true}, Limit: 8})
	if err != nil {
		return err
	}
	notes, err := p.inventory.Notes(ctx, one.ID)
	if err != nil {
		return err
	}
	facts, err := decodeAll(one.sections)
	if err != nil {
		return err
	}
	var panels []templ.Component
	for _, draw := range p.panels {
		panel, err := draw(ctx, one.ID)
		if err != nil {
			return err
		}
		if panel != nil {
			panels = append(panels, panel)
		}
	}
	return ui.Render(c, Overview(one, facts, changes, notes, panels))
}

// known are the sections that this build knows, decoded.
type known struct {
	system   report.System
	os       report.OS
	cpu      report.CPU
	memory   report.Memory
	storage  report.Storage
	network  report.Network
	graphics report.Graphics
	monitor  report.Monitor
	usb      report.USB
	printer  report.Printer
	battery  report.Battery
	user     report.User
	security report.Security
	update   report.Update
}

func decodeAll(sections []inventory.Section) (known, error) {
	var all known
	var wrong error
	all.system = decode[report.System](sections, &wrong)
	all.os = decode[report.OS](sections, &wrong)
	all.cpu = decode[report.CPU](sections, &wrong)
	all.memory = decode[report.Memory](sections, &wrong)
	all.storage = decode[report.Storage](sections, &wrong)
	all.network = decode[report.Network](sections, &wrong)
	all.graphics = decode[report.Graphics](sections, &wrong)
	all.monitor = decode[report.Monitor](sections, &wrong)
	all.usb = decode[report.USB](sections, &wrong)
	all.printer = decode[report.Printer](sections, &wrong)
	all.battery = decode[report.Battery](sections, &wrong)
	all.user = decode[report.User](sections, &wrong)
	all.security = decode[report.Security](sections, &wrong)
	all.update = decode[report.Update](sections, &wrong)
	return all, wrong
}

// decode reads one section unless another was wrong before.
func decode[T any, S interface {
	*T
	report.Section
}](sections []inventory.Section, wrong *error) T {
	facts, err := inventory.Decode[T, S](sections)
	if *wrong == nil {
		*wrong = err
	}
	return facts
}

// part is a handler that shows one part of the page from its decoded sections.
func (p *Pages) part(c *gin.Context, name string, show func(subject, known) error) error {
	one, err := p.load(c, name)
	if err != nil {
		return err
	}
	facts, err := decodeAll(one.sections)
	if err != nil {
		return err
	}
	return show(one, facts)
}

func (p *Pages) hardware(c *gin.Context) error {
	return p.part(c, "hardware", func(one subject, facts known) error { return ui.Render(c, Hardware(one, facts)) })
}

func (p *Pages) network(c *gin.Context) error {
	return p.part(c, "network", func(one subject, facts known) error { return ui.Render(c, Network(one, facts)) })
}

func (p *Pages) security(c *gin.Context) error {
	return p.part(c, "security", func(one subject, facts known) error { return ui.Render(c, Security(one, facts)) })
}

func (p *Pages) peripherals(c *gin.Context) error {
	return p.part(c, "peripherals", func(one subject, facts known) error {
		components, err := p.inventory.Components(c.Request.Context(), one.ID)
		if err != nil {
			return err
		}
		return ui.Render(c, Peripherals(one, facts, gone(components)))
	})
}

// gone keeps the parts that were taken out.
func gone(components []inventory.Component) []inventory.Component {
	var found []inventory.Component
	for _, component := range components {
		if !component.RemovedAt.IsZero() {
			found = append(found, component)
		}
	}
	return found
}

func (p *Pages) facts(c *gin.Context) error {
	one, err := p.load(c, "facts")
	if err != nil {
		return err
	}
	notes, err := p.inventory.Notes(c.Request.Context(), one.ID)
	if err != nil {
		return err
	}
	return ui.Render(c, Facts(one, notes))
}

// uptime says since when the system runs.
func uptime(ctx context.Context, booted time.Time) string {
	return i18n.T(ctx, "device.running_since", i18n.Args{"When": i18n.Ago(ctx, booted)})
}
