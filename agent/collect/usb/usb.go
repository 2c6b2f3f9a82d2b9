// Package usb reports what hangs on the USB ports.
package usb

import (
	"context"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/container"
	"holdfast/agent/collect/hwid"
	"holdfast/agent/host"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// USB collects the usb section.
type USB struct{}

// New returns the collector.
func New() USB { return USB{} }

// Section implements collect.Collector.
func (USB) Section() string { return "usb" }

const classHub = "09"

// Collect reads the devices that Linux lists, without hubs. A machine without
// USB, such as most virtual ones, has none.
func (USB) Collect(_ context.Context, h host.Host) (report.Section, error) {
	if container.Runtime(h) != "" {
		return nil, collect.ErrAbsent // what shows through is another device's
	}
	folders, err := h.Glob("/sys/bus/usb/devices/*")
	if err != nil {
		return nil, fmt.Errorf("list USB devices: %w", err)
	}
	if len(folders) == 0 {
		return nil, collect.ErrAbsent
	}
	facts := &report.USB{}
	for _, folder := range folders {
		device := device{h, folder}
		// Interfaces (1-4:1.0) have no vendor; the ports of the machine are
		// hubs (usb1).
		if device.text("idVendor") == "" || device.text("bDeviceClass") == classHub {
			continue
		}
		facts.Devices = append(facts.Devices, device.describe())
	}
	return facts, nil
}

// device is one USB device by its folder in /sys.
type device struct {
	host   host.Host
	folder string
}

func (d device) text(attribute string) string { return d.host.Text(d.folder + "/" + attribute) }

func (d device) describe() report.USBDevice {
	one := report.USBDevice{
		Port:      path.Base(d.folder),
		VendorID:  strings.ToLower(d.text("idVendor")),
		ProductID: strings.ToLower(d.text("idProduct")),
		Maker:     d.text("manufacturer"),
		Model:     d.text("product"),
	}
	if one.Maker == "" || one.Model == "" {
		maker, model := hwid.USB().Names(d.host, one.Port, one.VendorID, one.ProductID)
		if one.Maker == "" {
			one.Maker = maker
		}
		if one.Model == "" {
			one.Model = model
		}
	}
	if serial := d.text("serial"); !identify.Placeholder(serial) {
		one.Serial = serial
	}
	if speed, err := strconv.ParseFloat(d.text("speed"), 64); err == nil && speed > 0 && speed < 1e6 {
		one.SpeedMbps = int(math.Round(speed))
	}
	one.Class = d.class(one.Model)
	return one
}

// class names what the device is. Most tell it of their interfaces and not of
// themselves; of several, the one counts that people would name: a webcam has
// a microphone, a headset has keys.
func (d device) class(model string) string {
	if strings.Contains(strings.ToLower(model), "dock") {
		return "dock"
	}
	codes := []string{d.text("bDeviceClass") + d.text("bDeviceSubClass") + d.text("bDeviceProtocol")}
	interfaces, err := d.host.Glob(d.folder + "/" + path.Base(d.folder) + ":*")
	if err != nil {
		return ""
	}
	for _, one := range interfaces {
		here := device{d.host, one}
		codes = append(codes, here.text("bInterfaceClass")+here.text("bInterfaceSubClass")+here.text("bInterfaceProtocol"))
	}
	for _, known := range []struct{ prefix, name string }{
		{"08", "storage"}, {"0e", "camera"}, {"07", "printer"}, {"06", "imaging"}, {"0b", "smart card reader"},
		{"e00101", "bluetooth"}, {"0206", "network"}, {"020d", "network"}, {"020e", "modem"}, {"0202", "modem"},
		{"01", "audio"}, {"030101", "keyboard"}, {"030102", "mouse"}, {"03", "input"}, {"11", "dock"},
	} {
		for _, code := range codes {
			if strings.HasPrefix(code, known.prefix) {
				return known.name
			}
		}
	}
	return ""
}
