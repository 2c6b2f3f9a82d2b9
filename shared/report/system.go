package report

// System is the machine itself: who made it, which one it is, and whether it
// is real. Source on PCs: SMBIOS (DMTF DSP0134 3.7), types 0 to 3 and 17.
type System struct {
	Maker         string `json:"maker,omitempty" doc:"Maker of the machine (SMBIOS type 1)."`
	Model         string `json:"model,omitempty" doc:"Model as the maker names it (SMBIOS type 1)."`
	Version       string `json:"version,omitempty" doc:"Version or family line of the model; some makers put the selling name here."`
	SKU           string `json:"sku,omitempty" doc:"Maker's order number of the configuration."`
	Family        string `json:"family,omitempty" doc:"Product family."`
	Serial        string `json:"serial,omitempty" doc:"Serial number of the machine; placeholder values of firmware are left out."`
	UUID          string `json:"uuid,omitempty" kind:"uuid" doc:"Universally unique number of the machine in firmware, lower case."`
	AssetTag      string `json:"asset_tag,omitempty" doc:"Asset tag that the owner wrote into firmware (SMBIOS type 3)."`
	Chassis       string `json:"chassis,omitempty" oneof:"desktop laptop tablet convertible all-in-one mini server blade handheld other" doc:"Kind of case."`
	ChassisSerial string `json:"chassis_serial,omitempty" doc:"Serial number of the case."`
	Machine       string `json:"machine,omitempty" oneof:"physical virtual container" doc:"Whether the device is real, a virtual machine or a container."`
	Hypervisor    string `json:"hypervisor,omitempty" doc:"What runs the virtual machine or container, such as kvm, vmware, hyper-v, docker or lxc."`
	Board         Board  `json:"board,omitzero" doc:"Main board (SMBIOS type 2)."`
	BIOS          BIOS   `json:"bios,omitzero" doc:"Firmware (SMBIOS type 0)."`
}

// Board is a main board.
type Board struct {
	Maker   string `json:"maker,omitempty" doc:"Maker of the board."`
	Model   string `json:"model,omitempty" doc:"Model of the board."`
	Version string `json:"version,omitempty" doc:"Version of the board."`
	Serial  string `json:"serial,omitempty" doc:"Serial number of the board."`
}

// BIOS is a machine's firmware.
type BIOS struct {
	Maker    string `json:"maker,omitempty" doc:"Maker of the firmware."`
	Version  string `json:"version,omitempty" doc:"Version of the firmware."`
	Released Date   `json:"released,omitempty" doc:"Release date of the firmware."`
	Mode     string `json:"mode,omitempty" oneof:"uefi bios" doc:"How the running system was started."`
}

// Name implements Section.
func (*System) Name() string { return "system" }
