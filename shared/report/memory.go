package report

// Memory is the working memory: what the system can use, and each module.
type Memory struct {
	TotalBytes int64 `json:"total_bytes,omitempty" unit:"B" doc:"Memory that the system can use."`
	SwapBytes  int64 `json:"swap_bytes,omitempty" unit:"B" doc:"Size of all swap space."`
	// Linux: avg300 of the line "some" in /proc/pressure/memory.
	PressurePercent *int     `json:"pressure_percent,omitempty" unit:"%" step:"10" doc:"Share of the last five minutes in which some work waited for memory."`
	Slots           int      `json:"slots,omitempty" doc:"Slots for modules, filled or not (SMBIOS type 16)."`
	MaxBytes        int64    `json:"max_bytes,omitempty" unit:"B" doc:"Most memory that the board takes (SMBIOS type 16)."`
	Modules         []Module `json:"modules,omitempty" doc:"Each module that is fitted (SMBIOS type 17)."`
}

// Module is one memory module in its slot.
type Module struct {
	Slot      string `json:"slot,omitempty" doc:"Slot as the board labels it."`
	Bank      string `json:"bank,omitempty" doc:"Bank or channel as the board labels it."`
	SizeBytes int64  `json:"size_bytes,omitempty" unit:"B" doc:"Size of the module."`
	Type      string `json:"type,omitempty" doc:"Kind of memory, such as DDR4."`
	Form      string `json:"form,omitempty" doc:"Form, such as DIMM or SODIMM."`
	SpeedMTs  int    `json:"speed_mts,omitempty" unit:"MT/s" doc:"Speed at which it runs."`
	Maker     string `json:"maker,omitempty" doc:"Maker of the module."`
	Part      string `json:"part,omitempty" doc:"Maker's part number."`
	Serial    string `json:"serial,omitempty" doc:"Serial number of the module."`
}

// Name implements Section.
func (*Memory) Name() string { return "memory" }
