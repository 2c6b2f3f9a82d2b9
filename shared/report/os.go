package report

import "time"

// OS is the operating system that runs now.
type OS struct {
	Family      string    `json:"family,omitempty" oneof:"linux windows darwin" doc:"Family of the operating system."`
	ID          string    `json:"id,omitempty" doc:"Short name of the distribution or product line, such as debian or windows."`
	Title       string    `json:"name,omitempty" doc:"Name as its maker writes it, without the version, such as Debian GNU/Linux."`
	Version     string    `json:"version,omitempty" doc:"Version, such as 12.9 or 24H2."`
	Codename    string    `json:"codename,omitempty" doc:"Code name of the version, such as bookworm."`
	Edition     string    `json:"edition,omitempty" doc:"Edition, such as Pro or Datacenter."`
	Build       string    `json:"build,omitempty" doc:"Build number of the system or of its kernel."`
	Kernel      string    `json:"kernel,omitempty" doc:"Version of the kernel that runs."`
	Arch        string    `json:"arch,omitempty" doc:"Processor architecture of the system, such as x86_64 or arm64."`
	Hostname    string    `json:"hostname,omitempty" doc:"Name of the device on the network, without its domain."`
	Domain      string    `json:"domain,omitempty" doc:"Domain that the device belongs to."`
	InstalledOn Date      `json:"installed_on,omitempty" doc:"Day on which the system was installed."`
	BootedAt    time.Time `json:"booted_at,omitzero" step:"1m" doc:"When the system was last started."`
	TimeZone    string    `json:"time_zone,omitempty" doc:"Time zone by its IANA name, such as America/Montreal."`
	Language    string    `json:"language,omitempty" doc:"Language and region of the system, such as fr_CA."`
}

// Name implements Section.
func (*OS) Name() string { return "os" }
