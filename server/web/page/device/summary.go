package device

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// listOf is the list of devices with one filter.
func listOf(param, value string) string {
	return "/devices?" + url.Values{param: {value}}.Encode()
}

// pairs collects what is known.
type pairs struct{ list []ui.Pair }

func (p *pairs) add(label string, value templ.Component) {
	p.list = append(p.list, ui.Pair{Label: label, Value: value})
}

func (p *pairs) text(label, value string) {
	if value != "" {
		p.add(label, ui.Text(value))
	}
}

func (p *pairs) mono(label, value string) {
	if value != "" {
		p.add(label, ui.Mono(value))
	}
}

// summary is who and what a device is, in a few lines.
func summary(ctx context.Context, one subject, facts known) []ui.Pair {
	var p pairs
	if person := facts.user.Last.Person; person != "" && one.LastUser != "" {
		p.text(i18n.T(ctx, "device.person"), person)
	}
	p.text(i18n.T(ctx, "column.devices.cpu"), processor(ctx, facts))
	if one.Memory != nil {
		p.text(i18n.T(ctx, "column.devices.memory"), memory(ctx, facts))
	}
	for _, drive := range facts.storage.Drives {
		if drive.SizeBytes > 0 {
			p.text(i18n.T(ctx, "device.drive"), join(drive.Maker, drive.Model, i18n.DriveBytes(ctx, drive.SizeBytes), media(ctx, drive.Media)))
		}
	}
	if facts.security.DiskEncryption != "" {
		tone := ui.Fine
		if facts.security.DiskEncryption != "on" {
			tone = ui.Unknown
		}
		p.add(i18n.T(ctx, "device.encryption"), ui.Status(tone, ui.EnumWord(ctx, "security", "disk_encryption", facts.security.DiskEncryption)))
	}
	p.text(i18n.T(ctx, "column.devices.kernel"), one.Kernel)
	p.text(i18n.T(ctx, "label.domain"), facts.os.Domain)
	if one.AgentVersion != "" {
		p.text(i18n.T(ctx, "device.agent"), one.AgentVersion)
	}
	if !one.EnrolledAt.IsZero() {
		p.add(i18n.T(ctx, "device.enrolled"), ui.On(one.EnrolledAt))
	}
	p.add(i18n.T(ctx, "column.devices.first_seen"), ui.On(one.FirstSeen))
	if !one.ReportedAt.IsZero() {
		p.add(i18n.T(ctx, "column.devices.reported_at"), ui.Ago(one.ReportedAt))
	}
	return p.list
}

func processor(ctx context.Context, facts known) string {
	if len(facts.cpu.Processors) == 0 || facts.cpu.Processors[0].Model == "" {
		return ""
	}
	name := facts.cpu.Processors[0].Model
	if facts.cpu.Cores > 0 {
		name += ", " + i18n.Count(ctx, "device.cores", facts.cpu.Cores)
	}
	return name
}

// memory says how much there is, and how many slots are free.
func memory(ctx context.Context, facts known) string {
	words := i18n.Bytes(ctx, facts.memory.TotalBytes)
	fitted := int64(0)
	for _, module := range facts.memory.Modules {
		fitted += module.SizeBytes
	}
	if fitted > 0 {
		words = i18n.Bytes(ctx, fitted)
	}
	if free := facts.memory.Slots - len(facts.memory.Modules); facts.memory.Slots > 0 && len(facts.memory.Modules) > 0 && free >= 0 {
		words += ", " + i18n.Count(ctx, "device.slots_free", free)
	}
	return words
}

func media(ctx context.Context, kind string) string {
	if kind == "" {
		return ""
	}
	return ui.EnumWord(ctx, "storage", "media", kind)
}

// attachments names what hangs on a device, with its serial number.
func attachments(ctx context.Context, facts known) []ui.Choice {
	var found []ui.Choice
	for _, screen := range facts.monitor.Monitors {
		if !screen.Builtin {
			found = append(found, ui.Choice{Value: join(i18n.T(ctx, "device.monitor"), screen.Maker, screen.Model), Label: screen.Serial})
		}
	}
	for _, thing := range facts.usb.Devices {
		if name := join(thing.Maker, thing.Model); name != "" && len(found) < 8 {
			found = append(found, ui.Choice{Value: name, Label: thing.Serial})
		}
	}
	return found
}
