package report

// Graphics is what drives the screens.
type Graphics struct {
	Adapters []Adapter `json:"adapters,omitempty" doc:"Each graphics adapter."`
}

// Adapter is one graphics adapter.
type Adapter struct {
	Maker       string `json:"maker,omitempty" doc:"Maker of the adapter."`
	Model       string `json:"model,omitempty" doc:"Model of the adapter."`
	PCI         string `json:"pci,omitempty" doc:"PCI vendor and device number, such as 8086:46a6."`
	Driver      string `json:"driver,omitempty" doc:"Driver that serves it."`
	MemoryBytes int64  `json:"memory_bytes,omitempty" unit:"B" doc:"Memory of its own."`
}

// Name implements Section.
func (*Graphics) Name() string { return "graphics" }

// Monitor is the screens that are attached. Source: EDID (VESA E-EDID 1.4).
type Monitor struct {
	Monitors []Screen `json:"monitors,omitempty" doc:"Each screen that is attached."`
}

// Screen is one attached monitor or built-in panel.
type Screen struct {
	Connector string `json:"connector,omitempty" doc:"Connector that it hangs on, such as DP-1."`
	Maker     string `json:"maker,omitempty" doc:"Maker: its name where known, else its three-letter code."`
	Model     string `json:"model,omitempty" doc:"Model that it names itself, else its product code."`
	Serial    string `json:"serial,omitempty" doc:"Serial number: the text one, else the number."`
	Year      int    `json:"year,omitempty" doc:"Year of manufacture or of the model."`
	Week      int    `json:"week,omitempty" doc:"Week of manufacture."`
	WidthMM   int    `json:"width_mm,omitempty" unit:"mm" doc:"Width of the picture."`
	HeightMM  int    `json:"height_mm,omitempty" unit:"mm" doc:"Height of the picture."`
	Builtin   bool   `json:"builtin,omitempty" doc:"Whether it is the device's own panel."`
}

// Name implements Section.
func (*Monitor) Name() string { return "monitor" }

// USB is what hangs on the USB ports, hubs left out.
type USB struct {
	Devices []USBDevice `json:"devices,omitempty" doc:"Each attached USB device."`
}

// USBDevice is one attached USB device.
type USBDevice struct {
	Port      string `json:"port,omitempty" doc:"Bus and ports that it hangs on, such as 1-4.2."`
	VendorID  string `json:"vendor_id,omitempty" doc:"Vendor number, four hexadecimal digits."`
	ProductID string `json:"product_id,omitempty" doc:"Product number, four hexadecimal digits."`
	Maker     string `json:"maker,omitempty" doc:"Maker as the device names it."`
	Model     string `json:"model,omitempty" doc:"Model as the device names it."`
	Serial    string `json:"serial,omitempty" doc:"Serial number of the device."`
	Class     string `json:"class,omitempty" doc:"What it is, such as keyboard, storage, camera, audio or dock."`
	SpeedMbps int    `json:"speed_mbps,omitempty" unit:"Mbit/s" doc:"Speed of its link."`
}

// Name implements Section.
func (*USB) Name() string { return "usb" }

// Printer is the print queues of the device.
type Printer struct {
	Printers []Queue `json:"printers,omitempty" doc:"Each print queue."`
}

// Queue is one print queue.
type Queue struct {
	Title    string `json:"name,omitempty" doc:"Name of the queue."`
	Model    string `json:"model,omitempty" doc:"Make and model of the printer."`
	URI      string `json:"uri,omitempty" doc:"Where jobs go; user names and passwords in it are left out."`
	Location string `json:"location,omitempty" doc:"Place as the queue tells it."`
	Serial   string `json:"serial,omitempty" doc:"Serial number, where the address tells it."`
	Default  bool   `json:"default,omitempty" doc:"Whether jobs go there unless told otherwise."`
	Shared   bool   `json:"shared,omitempty" doc:"Whether other devices may use it."`
}

// Name implements Section.
func (*Printer) Name() string { return "printer" }

// Battery is the batteries of a portable device or a UPS of its own.
type Battery struct {
	Batteries []Cell `json:"batteries,omitempty" doc:"Each battery."`
}

// Cell is one battery with its wear. The charge of the moment is left out: it
// changes all day and says nothing about the thing.
type Cell struct {
	Device      string `json:"device,omitempty" doc:"Name that the system gives the battery, such as BAT0."`
	Maker       string `json:"maker,omitempty" doc:"Maker of the battery."`
	Model       string `json:"model,omitempty" doc:"Model of the battery."`
	Serial      string `json:"serial,omitempty" doc:"Serial number of the battery."`
	Chemistry   string `json:"chemistry,omitempty" doc:"Chemistry, such as Li-ion."`
	DesignedMWh int64  `json:"designed_mwh,omitempty" unit:"mWh" doc:"Energy that it held when new."`
	FullMWh     int64  `json:"full_mwh,omitempty" unit:"mWh" step:"500" doc:"Energy that it holds now when full."`
	Cycles      int    `json:"cycles,omitempty" step:"10" doc:"Charge cycles so far."`
}

// Name implements Section.
func (*Battery) Name() string { return "battery" }
