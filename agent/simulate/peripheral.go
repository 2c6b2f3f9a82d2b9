package simulate

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"holdfast/shared/report"
)

// monitor gives the built-in panel and the monitors of the desk that the
// device stands at.
func (m *machine) monitor() *report.Monitor {
	s := &report.Monitor{}
	if m.portable() {
		s.Monitors = append(s.Monitors, report.Screen{
			Connector: "eDP-1", Maker: "LG Display", Model: "LP140WU1", Year: m.bought().Year(), Week: 10,
			WidthMM: 301, HeightMM: 188, Builtin: true,
		})
	}
	desk := machine{world: m.world, number: m.state.desk}
	random := m.random(desk.number, topicPeripheral)
	for place := range random.IntN(3) {
		screen := report.Screen{
			Connector: fmt.Sprintf("DP-%d", place+1), Maker: "Dell", Model: "DELL P2422H", Serial: code(uint64(desk.scramble(60+place)), 7),
			Year: 2019 + random.IntN(6), Week: 1 + random.IntN(52), WidthMM: 527, HeightMM: 296,
		}
		switch random.IntN(4) {
		case 0:
			screen.Maker, screen.Model, screen.Serial = "HP", "HP E24 G5", "CNK"+screen.Serial
		case 1:
			screen.Maker, screen.Model, screen.WidthMM, screen.HeightMM = "Lenovo", "LEN T27h-2L", 597, 336
		}
		s.Monitors = append(s.Monitors, screen)
	}
	return s
}

func (m *machine) usb() *report.USB {
	random := m.random(m.number, topicPeripheral)
	s := &report.USB{Devices: []report.USBDevice{
		{Port: "1-1", VendorID: "046d", ProductID: "c31c", Maker: "Logitech", Model: "USB Keyboard", Class: "keyboard", SpeedMbps: 1},
		{Port: "1-2", VendorID: "046d", ProductID: "c077", Maker: "Logitech", Model: "USB Optical Mouse", Class: "mouse", SpeedMbps: 1},
	}}
	if m.portable() {
		s.Devices = append(s.Devices, report.USBDevice{
			Port: "2-1", VendorID: "0bda", ProductID: "5634", Maker: "Realtek", Model: "Integrated Webcam", Class: "camera", SpeedMbps: 480,
		})
	}
	switch random.IntN(4) {
	case 0:
		s.Devices = append(s.Devices, report.USBDevice{
			Port: "2-3", VendorID: "413c", ProductID: "b06e", Maker: "Dell", Model: "WD22TB4 dock",
			Serial: code(uint64(m.scramble(70)), 7), Class: "dock", SpeedMbps: 10000,
		})
	case 1:
		s.Devices = append(s.Devices, report.USBDevice{
			Port: "1-4", VendorID: "0b0e", ProductID: "2e56", Maker: "Jabra", Model: "Jabra Evolve2 40",
			Serial: fmt.Sprintf("%012X", m.scramble(71)), Class: "audio", SpeedMbps: 12,
		})
	}
	return s
}

// printer gives the queues of the device's floor, which neighbours share.
func (m *machine) printer() *report.Printer {
	where, models := strings.ToLower(m.department()), []string{"HP LaserJet Enterprise M612", "Xerox VersaLink C405", "Canon iR-ADV C5840", "Lexmark MS521dn"}
	s := &report.Printer{}
	for i := range 1 + m.number%2 {
		floor := (m.number/40 + i) % 12
		host := fmt.Sprintf("prn-%s-%02d.corp.example.org", where, floor)
		s.Printers = append(s.Printers, report.Queue{
			Title: fmt.Sprintf("%s-%02d", where, floor), Model: models[floor%len(models)], URI: "ipp://" + host + "/ipp/print",
			Location: fmt.Sprintf("%s, floor %d", m.department(), floor), Default: i == 0,
		})
	}
	return s
}

func (m *machine) battery() *report.Battery {
	designed := int64(54_000 + m.scramble(80)%20*1000)
	left := designed - designed*int64(min(m.state.cycles, 900))/3000
	return &report.Battery{Batteries: []report.Cell{{
		Device: "BAT0", Maker: pickMaker(m.maker), Model: "DELL " + code(uint64(m.scramble(81)), 6), Serial: fmt.Sprint(m.scramble(82) % 100_000),
		Chemistry: "Li-poly", DesignedMWh: designed, FullMWh: left, Cycles: m.state.cycles,
	}}}
}

// pickMaker is who makes the batteries of a maker of devices.
func pickMaker(maker string) string {
	return map[string]string{"Dell Inc.": "SMP", "HP": "333-AC-16-A", "LENOVO": "SUNWODA"}[maker]
}

// login makes an account name, as directories do: without accents.
func login(first, last string, number int) string {
	var plain strings.Builder
	for _, letter := range norm.NFD.String(strings.ToLower(string([]rune(first)[:1]) + last)) {
		if letter >= 'a' && letter <= 'z' {
			plain.WriteRune(letter)
		}
	}
	if number > 0 {
		fmt.Fprint(&plain, number)
	}
	return plain.String()
}
