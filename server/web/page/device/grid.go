package device

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/server/inventory"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
	"holdfast/shared/report"
)

// table makes a Grid of one list of a section; columns are paths of facts
// within its entries, "#" before those that are numbers.
func table(ctx context.Context, caption, section, list string, columns ...string) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, caption)}
	for _, column := range columns {
		name, number := strings.CutPrefix(column, "#")
		grid.Heads = append(grid.Heads, ui.Column{Label: ui.FactLabel(ctx, section, list+"[]."+name), Number: number})
	}
	return grid
}

func words(ctx context.Context, section, path, value string) templ.Component {
	return ui.Text(ui.FactValue(ctx, section, path, value))
}

// amount writes a number of the specification; 0 is not known.
func amount[N int | int64](ctx context.Context, section, path string, value N) templ.Component {
	if value == 0 {
		return ui.NotKnown()
	}
	return ui.Text(ui.FactValue(ctx, section, path, strconv.FormatInt(int64(value), 10)))
}

func processorGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.cpu", "cpu", "processors", "model", "#cores", "#threads", "#max_mhz")
	for _, p := range facts.cpu.Processors {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(p.Model), amount(ctx, "cpu", "processors[].cores", p.Cores),
			amount(ctx, "cpu", "processors[].threads", p.Threads), amount(ctx, "cpu", "processors[].max_mhz", p.MaxMHz),
		})
	}
	return grid
}

func moduleGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "device.modules", "memory", "modules", "slot", "#size_bytes", "type", "#speed_mts", "part", "serial")
	for _, m := range facts.memory.Modules {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(join(m.Bank, m.Slot)), amount(ctx, "memory", "modules[].size_bytes", m.SizeBytes), ui.Text(join(m.Type, m.Form)),
			amount(ctx, "memory", "modules[].speed_mts", m.SpeedMTs), ui.Text(join(m.Maker, m.Part)), ui.Mono(m.Serial),
		})
	}
	return grid
}

func driveGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "device.drives", "storage", "drives", "model", "#size_bytes", "media", "bus", "serial", "firmware", "device")
	for _, d := range facts.storage.Drives {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(join(d.Maker, orName(d.Model, d.Device))), amount(ctx, "storage", "drives[].size_bytes", d.SizeBytes),
			words(ctx, "storage", "drives[].media", d.Media), words(ctx, "storage", "drives[].bus", d.Bus),
			ui.Mono(d.Serial), ui.Mono(d.Firmware), ui.Mono(d.Device),
		})
	}
	return grid
}

func orName(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func volumeGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "device.volumes", "storage", "volumes", "mount", "#size_bytes", "#free_bytes", "use", "filesystem", "encryption", "device")
	for _, v := range facts.storage.Volumes {
		free, share := ui.NotKnown(), ui.NotKnown()
		if v.FreeBytes != nil {
			free = ui.Text(i18n.Bytes(ctx, *v.FreeBytes))
			share = filled(v)
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Mono(v.Mount), amount(ctx, "storage", "volumes[].size_bytes", v.SizeBytes), free, share,
			ui.Text(v.Filesystem), words(ctx, "storage", "volumes[].encryption", v.Encryption), ui.Mono(v.Device),
		})
	}
	return grid
}

// fullness tells how a volume's filling is to be seen.
func fullness(v report.Volume) ui.Tone {
	switch free := *v.FreeBytes * 100 / max(1, v.SizeBytes); {
	case v.ReadOnly:
		return ui.Info
	case free < full:
		return ui.Critical
	case free < nearlyFull:
		return ui.Warning
	}
	return ui.Info
}

func adapterGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.graphics", "graphics", "adapters", "model", "#memory_bytes", "driver", "pci")
	for _, a := range facts.graphics.Adapters {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(join(a.Maker, a.Model)), amount(ctx, "graphics", "adapters[].memory_bytes", a.MemoryBytes), ui.Text(a.Driver), ui.Mono(a.PCI),
		})
	}
	return grid
}

func batteryGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.battery", "battery", "batteries", "model", "wear", "#full_mwh", "#designed_mwh", "#cycles", "serial")
	for _, b := range facts.battery.Batteries {
		left := ui.NotKnown()
		if b.DesignedMWh > 0 && b.FullMWh > 0 {
			left = ui.Text(i18n.T(ctx, "device.battery_left", i18n.Args{"Percent": i18n.Percent(ctx, float64(b.FullMWh)/float64(b.DesignedMWh))}))
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(join(b.Maker, orName(b.Model, b.Device), b.Chemistry)), left, amount(ctx, "battery", "batteries[].full_mwh", b.FullMWh),
			amount(ctx, "battery", "batteries[].designed_mwh", b.DesignedMWh), amount(ctx, "battery", "batteries[].cycles", b.Cycles), ui.Mono(b.Serial),
		})
	}
	return grid
}

func monitorGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.monitor", "monitor", "monitors", "model", "connector", "serial", "year", "builtin")
	for _, s := range facts.monitor.Monitors {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(join(s.Maker, s.Model)), ui.Text(s.Connector), ui.Mono(s.Serial),
			amount(ctx, "monitor", "monitors[].year", s.Year), ui.Yes(&s.Builtin),
		})
	}
	return grid
}

func usbGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.usb", "usb", "devices", "model", "class", "serial", "vendor_id", "port")
	for _, d := range facts.usb.Devices {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(orName(join(d.Maker, d.Model), d.VendorID+":"+d.ProductID)), ui.Text(d.Class), ui.Mono(d.Serial),
			ui.Mono(d.VendorID + ":" + d.ProductID), ui.Mono(d.Port),
		})
	}
	return grid
}

func printerGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.printer", "printer", "printers", "name", "model", "uri", "location", "default", "shared")
	for _, q := range facts.printer.Printers {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(q.Title), ui.Text(q.Model), ui.Mono(q.URI), ui.Text(q.Location), ui.Yes(&q.Default), ui.Yes(&q.Shared),
		})
	}
	return grid
}

func goneGrid(ctx context.Context, gone []inventory.Component) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "device.gone"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "label.model")}, {Label: i18n.T(ctx, "device.component")}, {Label: i18n.T(ctx, "label.serial")},
		{Label: i18n.T(ctx, "device.from")}, {Label: i18n.T(ctx, "device.until")},
	}}
	for _, c := range gone {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(orName(join(c.Maker, c.Model), c.Ident)), ui.Text(i18n.T(ctx, "component."+c.Kind)), ui.Mono(c.Serial), ui.On(c.FirstSeen), ui.On(c.RemovedAt),
		})
	}
	return grid
}

func interfaceGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "device.interfaces", "network", "interfaces", "device", "kind", "addresses", "mac", "up", "#speed_mbps")
	for _, i := range facts.network.Interfaces {
		kind := ui.FactValue(ctx, "network", "interfaces[].kind", i.Kind)
		if i.Virtual {
			kind = join(kind, i18n.T(ctx, "device.virtual"))
		}
		if i.Removable {
			kind = join(kind, i18n.T(ctx, "device.removable"))
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Mono(i.Device), ui.Text(kind), lines(i.Addresses), ui.Mono(i.MAC), link(i), amount(ctx, "network", "interfaces[].speed_mbps", i.SpeedMbps),
		})
	}
	return grid
}

func antivirusGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "device.antivirus", "security", "antivirus", "product", "version", "running", "definitions_on")
	for _, a := range facts.security.Antivirus {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(a.Product), ui.Text(a.Version), ui.Yes(a.Running), words(ctx, "security", "antivirus[].definitions_on", string(a.DefinitionsOn)),
		})
	}
	return grid
}

func updateGrid(ctx context.Context, facts known) ui.Grid {
	grid := table(ctx, "section.update", "update", "updates", "name", "from", "to", "security")
	for _, u := range facts.update.Pending {
		grid.Rows = append(grid.Rows, []templ.Component{ui.Text(u.Title), ui.Mono(u.From), ui.Mono(u.To), urgent(u)})
	}
	return grid
}
