package ui

import (
	"context"
	"strings"
	"time"

	"holdfast/server/device"
	"holdfast/server/inventory"
	"holdfast/server/web/i18n"
)

// ChangeWords says in words what a change is: what happened, and between
// which values.
func ChangeWords(ctx context.Context, change inventory.Change) (what, detail string) {
	args := i18n.Args{
		"Subject": change.Subject, "Before": value(ctx, change, change.Before), "After": value(ctx, change, change.After),
		"Section": SectionName(ctx, change.Section), "Fact": "", "Thing": "",
	}
	if change.Field != "" {
		args["Fact"] = FactLabel(ctx, change.Section, change.Field)
		list, _, _ := strings.Cut(change.Field, "[]")
		args["Thing"] = i18n.T(ctx, "thing."+change.Section+"."+list)
	}
	key := "change." + string(change.Action)
	switch change.Action {
	case device.Changed:
		if change.Subject != "" {
			key += "_thing"
		}
		return i18n.T(ctx, key, args), i18n.T(ctx, "change.from_to", args)
	case device.Upgraded, device.Downgraded:
		return i18n.T(ctx, key, args), i18n.T(ctx, "change.from_to", args)
	case device.Added, device.Removed:
		serial := change.After + change.Before
		if serial != "" {
			return i18n.T(ctx, key, args), i18n.T(ctx, "change.serial", i18n.Args{"Serial": serial})
		}
	case device.FirstSeen:
		if change.Section == "" || change.Section == "device" {
			return i18n.T(ctx, "change.first_seen_device"), ""
		}
	case device.Enrolled, device.Reenrolled, device.SameAs, device.Installed, device.Uninstalled:
	}
	return i18n.T(ctx, key, args), ""
}

func value(ctx context.Context, change inventory.Change, text string) string {
	if change.Field == "" {
		return text
	}
	return FactValue(ctx, change.Section, change.Field, text)
}

// ChangeIcon is the icon of a change.
func ChangeIcon(change inventory.Change) string {
	icons := map[string]string{
		"system": "device-desktop", "os": "settings", "cpu": "cpu", "memory": "cpu", "storage": "database",
		"network": "network", "graphics": "device-imac", "monitor": "device-imac", "usb": "plug", "printer": "printer",
		"battery": "battery-2", "user": "user", "software": "apps", "security": "shield-check", "update": "refresh",
	}
	if icon, known := icons[change.Section]; known {
		return icon
	}
	return "history"
}

// DeviceIcon is the icon of a kind of device, and the key of its name.
func DeviceIcon(kind device.Kind) string {
	icons := map[device.Kind]string{
		device.Desktop: "device-desktop", device.Laptop: "device-laptop", device.Tablet: "device-tablet",
		device.Handheld: "device-mobile", device.Server: "server-2", device.Virtual: "box", device.Container: "box",
	}
	if icon, known := icons[kind]; known {
		return icon
	}
	return "device-unknown"
}

// SeenTone tells how fresh a device is: an hour, within silence, beyond it.
func SeenTone(ctx context.Context, one inventory.Device) Tone {
	switch passed := i18n.LocaleOf(ctx).Now.Sub(one.LastSeen); {
	case passed > inventory.SilentAfter:
		return Warning
	case passed > time.Hour:
		return Unknown
	}
	return Fine
}
