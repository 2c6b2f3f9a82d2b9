package device

import (
	"context"
	"strings"

	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// fact adds a value under the label of its fact, if it is known.
func (p *pairs) fact(ctx context.Context, section, path, value string) {
	p.text(ui.FactLabel(ctx, section, path), ui.FactValue(ctx, section, path, value))
}

func systemPairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	s := facts.system
	p.fact(ctx, "system", "maker", s.Maker)
	p.fact(ctx, "system", "model", s.Model)
	p.fact(ctx, "system", "version", s.Version)
	p.fact(ctx, "system", "family", s.Family)
	p.mono(ui.FactLabel(ctx, "system", "sku"), s.SKU)
	p.mono(ui.FactLabel(ctx, "system", "serial"), s.Serial)
	p.mono(ui.FactLabel(ctx, "system", "uuid"), s.UUID)
	p.mono(ui.FactLabel(ctx, "system", "asset_tag"), s.AssetTag)
	p.fact(ctx, "system", "chassis", s.Chassis)
	p.fact(ctx, "system", "machine", s.Machine)
	p.fact(ctx, "system", "hypervisor", s.Hypervisor)
	p.text(i18n.T(ctx, "device.board"), join(s.Board.Maker, s.Board.Model, s.Board.Version))
	p.mono(i18n.T(ctx, "device.board_serial"), s.Board.Serial)
	p.text(i18n.T(ctx, "device.firmware"), join(s.BIOS.Maker, s.BIOS.Version))
	p.fact(ctx, "system", "bios.released", string(s.BIOS.Released))
	p.fact(ctx, "system", "bios.mode", s.BIOS.Mode)
	return p.list
}

func osPairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	o := facts.os
	p.text(ui.FactLabel(ctx, "os", "name"), join(o.Title, o.Edition))
	p.text(ui.FactLabel(ctx, "os", "version"), join(o.Version, o.Codename))
	p.fact(ctx, "os", "build", o.Build)
	p.fact(ctx, "os", "kernel", o.Kernel)
	p.fact(ctx, "os", "arch", o.Arch)
	p.fact(ctx, "os", "hostname", o.Hostname)
	p.fact(ctx, "os", "domain", o.Domain)
	p.fact(ctx, "os", "installed_on", string(o.InstalledOn))
	if !o.BootedAt.IsZero() {
		p.add(ui.FactLabel(ctx, "os", "booted_at"), ui.At(o.BootedAt))
	}
	p.fact(ctx, "os", "time_zone", o.TimeZone)
	p.fact(ctx, "os", "language", o.Language)
	return p.list
}

func cpuPairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	c := facts.cpu
	if len(c.Processors) == 1 {
		p.fact(ctx, "cpu", "processors[].model", c.Processors[0].Model)
		p.number(ctx, "cpu", "processors[].max_mhz", int64(c.Processors[0].MaxMHz))
	}
	p.number(ctx, "cpu", "sockets", int64(c.Sockets))
	p.number(ctx, "cpu", "cores", int64(c.Cores))
	p.number(ctx, "cpu", "threads", int64(c.Threads))
	p.fact(ctx, "cpu", "arch", c.Arch)
	return p.list
}

func memoryPairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	m := facts.memory
	p.number(ctx, "memory", "total_bytes", m.TotalBytes)
	p.number(ctx, "memory", "swap_bytes", m.SwapBytes)
	p.number(ctx, "memory", "slots", int64(m.Slots))
	p.number(ctx, "memory", "max_bytes", m.MaxBytes)
	return p.list
}

// number adds a number under the label of its fact; 0 is not known.
func (p *pairs) number(ctx context.Context, section, path string, value int64) {
	if value != 0 {
		p.add(ui.FactLabel(ctx, section, path), amount(ctx, section, path, value))
	}
}

func routePairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	n := facts.network
	p.mono(ui.FactLabel(ctx, "network", "gateways"), strings.Join(n.Gateways, ", "))
	p.mono(ui.FactLabel(ctx, "network", "dns"), strings.Join(n.DNS, ", "))
	p.text(ui.FactLabel(ctx, "network", "search"), strings.Join(n.Search, ", "))
	return p.list
}

func securityPairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	s := facts.security
	p.add(ui.FactLabel(ctx, "security", "disk_encryption"), words(ctx, "security", "disk_encryption", s.DiskEncryption))
	p.add(ui.FactLabel(ctx, "security", "firewall.active"), ui.Yes(s.Firewall.Active))
	p.fact(ctx, "security", "firewall.product", s.Firewall.Product)
	p.add(ui.FactLabel(ctx, "security", "secure_boot"), ui.Yes(s.SecureBoot))
	p.add(ui.FactLabel(ctx, "security", "tpm.present"), ui.Yes(s.TPM.Present))
	p.fact(ctx, "security", "tpm.version", s.TPM.Version)
	p.fact(ctx, "security", "mandatory_access", s.MAC)
	return p.list
}

func updatePairs(ctx context.Context, facts known) []ui.Pair {
	var p pairs
	u := facts.update
	p.fact(ctx, "update", "manager", u.Manager)
	if !u.CheckedAt.IsZero() {
		p.add(ui.FactLabel(ctx, "update", "checked_at"), ui.Ago(u.CheckedAt))
	}
	if u.PendingCount != nil {
		p.text(ui.FactLabel(ctx, "update", "pending"), i18n.Number(ctx, *u.PendingCount))
	}
	if u.SecurityCount != nil {
		p.text(ui.FactLabel(ctx, "update", "pending_security"), i18n.Number(ctx, *u.SecurityCount))
	}
	p.add(ui.FactLabel(ctx, "update", "restart_required"), ui.Yes(u.RestartRequired))
	p.text(ui.FactLabel(ctx, "update", "restart_for"), strings.Join(u.RestartFor, ", "))
	return p.list
}
