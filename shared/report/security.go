package report

// Security is how the device is protected.
type Security struct {
	DiskEncryption string      `json:"disk_encryption,omitempty" oneof:"on partial off" doc:"Whether the local file systems that hold data are encrypted."`
	Firewall       Firewall    `json:"firewall,omitzero" doc:"Firewall of the device."`
	SecureBoot     *bool       `json:"secure_boot,omitempty" doc:"Whether firmware starts signed systems only."`
	TPM            TPM         `json:"tpm,omitzero" doc:"Trusted platform module."`
	Antivirus      []Antivirus `json:"antivirus,omitempty" doc:"Each antivirus product."`
	MAC            string      `json:"mandatory_access,omitempty" oneof:"apparmor selinux none" doc:"Mandatory access control that is enforced." on:"linux"`
}

// Firewall is the state of a device's firewall.
type Firewall struct {
	Product string `json:"product,omitempty" doc:"What manages the rules, such as ufw, firewalld or nftables."`
	Active  *bool  `json:"active,omitempty" doc:"Whether it is on."`
}

// TPM is a trusted platform module (TCG TPM Library).
type TPM struct {
	Present *bool  `json:"present,omitempty" doc:"Whether the device has one."`
	Version string `json:"version,omitempty" doc:"Major version of its specification, such as 2.0."`
}

// Antivirus is one antivirus product.
type Antivirus struct {
	Product       string `json:"product,omitempty" doc:"Name of the product."`
	Version       string `json:"version,omitempty" doc:"Version of the product."`
	Running       *bool  `json:"running,omitempty" doc:"Whether its service runs."`
	DefinitionsOn Date   `json:"definitions_on,omitempty" doc:"Day of its definitions."`
}

// Name implements Section.
func (*Security) Name() string { return "security" }
