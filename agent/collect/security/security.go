// Package security reports how the machine is protected: disk encryption,
// firewall, secure boot, TPM, mandatory access control and antivirus.
//
// Each protection is one file here. What no file tells stays unknown; it is
// never taken for "off".
package security

import (
	"context"
	"errors"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Security collects the protections.
type Security struct{}

// New returns the collector.
func New() Security { return Security{} }

// Section implements collect.Collector.
func (Security) Section() string { return "security" }

// Collect asks for each protection. One that cannot be read leaves the others
// as they are.
func (Security) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	running := processes{host: h}
	encryption, encryptionErr := diskEncryption(ctx, h)
	firewall, firewallErr := readFirewall(ctx, h, &running)
	antivirus, antivirusErr := readAntivirus(ctx, h, &running)
	return &report.Security{
		DiskEncryption: encryption,
		Firewall:       firewall,
		SecureBoot:     secureBoot(h),
		TPM:            readTPM(h),
		Antivirus:      antivirus,
		MAC:            mandatoryAccess(h),
	}, errors.Join(encryptionErr, firewallErr, antivirusErr)
}

// processes knows which programs run. It looks when it is first asked, and
// then once.
type processes struct {
	host  host.Host
	names map[string]bool
}

// any reports whether a process of one of the names runs, nil when that
// cannot be known. The kernel keeps the first 15 bytes of a name.
func (p *processes) any(names ...string) *bool {
	if p.names == nil {
		p.names = map[string]bool{}
		files, err := p.host.Glob("/proc/[0-9]*/comm")
		if err != nil {
			return nil
		}
		for _, file := range files {
			p.names[p.host.Text(file)] = true
		}
	}
	if len(p.names) == 0 {
		return nil
	}
	runs := false
	for _, name := range names {
		runs = runs || p.names[name[:min(len(name), 15)]]
	}
	return &runs
}
