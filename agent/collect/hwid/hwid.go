// Package hwid turns the numbers of PCI and USB devices into names, by what
// udev found at the device's arrival, else by the list in /usr/share.
package hwid

import (
	"bufio"
	"strings"

	"holdfast/agent/host"
)

// List is a list of numbers and names, in the form of pci.ids.
type List struct {
	files []string
	bus   string // as udev names its files: "+pci:0000:00:02.0"
}

// PCI is the list of PCI devices.
func PCI() List { return list("pci") }

// USB is the list of USB devices.
func USB() List { return list("usb") }

func list(bus string) List {
	return List{bus: bus, files: []string{
		"/usr/share/misc/" + bus + ".ids", // Debian and its kin
		"/usr/share/hwdata/" + bus + ".ids",
		"/var/lib/usbutils/" + bus + ".ids",
	}}
}

// Names gives the names of the maker and of the model of the device that
// sits at address, such as "0000:00:02.0", with the numbers vendor and
// product, such as "8086" and "46a6". What is not known is "".
func (l List) Names(h host.Host, address, vendor, product string) (maker, model string) {
	for line := range strings.Lines(h.Text("/run/udev/data/+" + l.bus + ":" + address)) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "E:ID_VENDOR_FROM_DATABASE="); is {
			maker = name
		}
		if name, is := strings.CutPrefix(line, "E:ID_MODEL_FROM_DATABASE="); is {
			model = name
		}
	}
	if maker != "" && model != "" {
		return maker, model
	}
	for _, path := range l.files {
		if maker, model, found := search(h, path, vendor, product); found {
			return maker, model
		}
	}
	return maker, model
}

// search reads the file line by line up to the device, because the whole
// takes more than a megabyte.
func search(h host.Host, path, vendor, product string) (maker, model string, found bool) {
	file, err := h.Open(path)
	if err != nil {
		return "", "", false // an optional list
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case found && strings.HasPrefix(line, "\t\t"), strings.HasPrefix(line, "#"), line == "":
		case found && strings.HasPrefix(line, "\t"):
			if number, name, is := strings.Cut(line[1:], "  "); is && strings.EqualFold(number, product) {
				return maker, name, true
			}
		case found:
			return maker, "", true // the next maker begins
		default:
			number, name, is := strings.Cut(line, "  ")
			if is && strings.EqualFold(number, vendor) {
				maker, found = name, true
			}
		}
	}
	return maker, "", found
}
