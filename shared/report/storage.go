package report

// Storage is what keeps data: the drives, which must be accounted for when
// the device leaves, and the volumes on them.
type Storage struct {
	Drives  []Drive  `json:"drives,omitempty" doc:"Each physical or virtual drive."`
	Volumes []Volume `json:"volumes,omitempty" doc:"Each mounted local file system."`
}

// Drive is one physical or virtual drive.
type Drive struct {
	Device    string `json:"device,omitempty" doc:"Name that the system gives the drive, such as sda."`
	Maker     string `json:"maker,omitempty" doc:"Maker of the drive, where it says so apart from the model."`
	Model     string `json:"model,omitempty" doc:"Model of the drive."`
	Serial    string `json:"serial,omitempty" doc:"Serial number of the drive."`
	WWN       string `json:"wwn,omitempty" doc:"World wide name of the drive."`
	Firmware  string `json:"firmware,omitempty" doc:"Version of its firmware."`
	SizeBytes int64  `json:"size_bytes,omitempty" unit:"B" doc:"Size of the drive."`
	Bus       string `json:"bus,omitempty" oneof:"sata sas nvme usb scsi virtio mmc ide other" doc:"How it is attached."`
	Media     string `json:"media,omitempty" oneof:"ssd hdd" doc:"Solid state or rotating."`
	Health    string `json:"health,omitempty" oneof:"ok worn failing" doc:"What the drive says about its own condition (SMART, eMMC life time)."`
	Removable *bool  `json:"removable,omitempty" doc:"Whether it is made to be taken out by the user."`
}

// Volume is one mounted local file system.
type Volume struct {
	Mount      string `json:"mount,omitempty" doc:"Where it is mounted, or its drive letter."`
	Device     string `json:"device,omitempty" doc:"Device or volume that holds it."`
	Label      string `json:"label,omitempty" doc:"Label of the file system."`
	Filesystem string `json:"filesystem,omitempty" doc:"Kind of file system, such as ext4 or ntfs."`
	SizeBytes  int64  `json:"size_bytes,omitempty" unit:"B" doc:"Size of the file system."`
	FreeBytes  *int64 `json:"free_bytes,omitempty" unit:"B" step:"1073741824" doc:"Space that an ordinary user can still fill."`
	Encryption string `json:"encryption,omitempty" oneof:"luks bitlocker filevault fscrypt dm-crypt none" doc:"How the data under it is encrypted."`
	Drive      string `json:"drive,omitempty" doc:"Drive that it lies on, by its device name."`
	ReadOnly   bool   `json:"read_only,omitempty" doc:"Whether it is mounted read-only."`
}

// Name implements Section.
func (*Storage) Name() string { return "storage" }
