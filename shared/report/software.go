package report

import "encoding/json"

// Software is every title that is installed, from every package manager that
// the device has.
type Software struct {
	Packages []Package `json:"packages,omitempty" doc:"Each installed title."`
}

// Package is one installed title as its package manager lists it.
type Package struct {
	Title       string `json:"name" doc:"Name of the title."`
	Version     string `json:"version,omitempty" doc:"Version of the title."`
	Edition     string `json:"edition,omitempty" doc:"Edition, where the title has any."`
	Arch        string `json:"arch,omitempty" doc:"Processor architecture that it is made for."`
	Publisher   string `json:"publisher,omitempty" doc:"Who publishes or maintains it, without mail address."`
	Source      string `json:"source,omitempty" oneof:"deb rpm apk pacman snap flatpak msi registry appx app pkg other" doc:"Package manager that installed it."`
	InstalledOn Date   `json:"installed_on,omitempty" doc:"Day on which this version was installed."`
	SizeBytes   int64  `json:"size_bytes,omitempty" unit:"B" doc:"Space that it takes when installed."`

	// Extra is the members that this build does not know, as one JSON object;
	// Read fills it, so that nothing reported is lost.
	Extra json.RawMessage `json:"-"`
}

// Name implements Section.
func (*Software) Name() string { return "software" }
