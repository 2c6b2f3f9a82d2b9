// Package graphics reports what drives the screens.
package graphics

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"holdfast/agent/collect"
	"holdfast/agent/collect/container"
	"holdfast/agent/collect/hwid"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Graphics collects the graphics section.
type Graphics struct{}

// New returns the collector.
func New() Graphics { return Graphics{} }

// Section implements collect.Collector.
func (Graphics) Section() string { return "graphics" }

// Collect reads the PCI devices that are display controllers, and the
// graphics of boards without PCI.
func (Graphics) Collect(_ context.Context, h host.Host) (report.Section, error) {
	if container.Runtime(h) != "" {
		return nil, collect.ErrAbsent // what shows through is another device's
	}
	facts := &report.Graphics{}
	devices, err := h.Glob("/sys/bus/pci/devices/*")
	if err != nil {
		return nil, fmt.Errorf("list PCI devices: %w", err)
	}
	for _, folder := range devices {
		const displayController = "0x03"
		if strings.HasPrefix(h.Text(folder+"/class"), displayController) {
			facts.Adapters = append(facts.Adapters, onPCI(h, folder))
		}
	}
	cards, err := h.Glob("/sys/class/drm/card[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("list graphics cards: %w", err)
	}
	for _, card := range cards {
		if adapter, is := onBoard(h, card); is {
			facts.Adapters = append(facts.Adapters, adapter)
		}
	}
	if len(facts.Adapters) == 0 {
		return nil, collect.ErrAbsent
	}
	return facts, nil
}

func onPCI(h host.Host, folder string) report.Adapter {
	vendor := strings.TrimPrefix(h.Text(folder+"/vendor"), "0x")
	device := strings.TrimPrefix(h.Text(folder+"/device"), "0x")
	adapter := report.Adapter{PCI: vendor + ":" + device, Driver: driver(h, folder)}
	adapter.Maker, adapter.Model = hwid.PCI().Names(h, path.Base(folder), vendor, device)
	if name := maker(vendor); name != "" {
		adapter.Maker = name
	}
	// Only amdgpu tells the size of its memory in a file.
	if size, err := strconv.ParseInt(h.Text(folder+"/mem_info_vram_total"), 10, 64); err == nil && size > 0 {
		adapter.MemoryBytes = size
	}
	return adapter
}

// onBoard reads the graphics of a board without PCI, such as a Raspberry Pi's,
// whose driver the device tree names. Outputs (card0-HDMI-A-1), PCI cards and
// the firmware's frame buffer have no such name.
func onBoard(h host.Host, card string) (report.Adapter, bool) {
	for line := range strings.Lines(h.Text(card + "/device/uevent")) {
		compatible, is := strings.CutPrefix(strings.TrimSpace(line), "OF_COMPATIBLE_0=")
		if is && compatible != "simple-framebuffer" && !strings.Contains(path.Base(card), "-") {
			maker, model, _ := strings.Cut(compatible, ",")
			return report.Adapter{Maker: maker, Model: model, Driver: driver(h, card+"/device")}, true
		}
	}
	return report.Adapter{}, false
}

func driver(h host.Host, device string) string {
	target, err := h.Readlink(device + "/driver")
	if err != nil {
		return "" // no driver serves it
	}
	return path.Base(target)
}

// maker gives the short names of those who make nearly all display
// controllers, so that no list is needed to know them.
func maker(vendor string) string {
	return map[string]string{
		"8086": "Intel", "10de": "NVIDIA", "1002": "AMD", "102b": "Matrox", "1a03": "ASPEED", "15ad": "VMware",
		"1234": "QEMU", "1af4": "Red Hat", "1b36": "Red Hat", "80ee": "VirtualBox", "1414": "Microsoft", "1013": "Cirrus Logic",
	}[vendor]
}
