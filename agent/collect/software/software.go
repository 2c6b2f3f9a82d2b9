// Package software reports every title that is installed, from every package
// manager that the machine has.
//
// Each manager is one package below this one with one function, Installed,
// and one line in managers below; snap is the shortest to learn from. To add
// a manager, write its package, its line, its name among the sources of
// report.Package, and a captured machine in testdata. No manager's program is
// run: all of them keep what is installed in files, and those are read.
package software

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"holdfast/agent/collect"
	"holdfast/agent/collect/software/apk"
	"holdfast/agent/collect/software/dpkg"
	"holdfast/agent/collect/software/flatpak"
	"holdfast/agent/collect/software/pacman"
	"holdfast/agent/collect/software/rpm"
	"holdfast/agent/collect/software/snap"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// manager is one package manager. Its function returns collect.ErrAbsent
// where the machine does not have it, and what it could read beside any other
// error.
type manager struct {
	source    string
	installed func(context.Context, host.Host) ([]report.Package, error)
}

func managers() []manager {
	return []manager{
		{"deb", dpkg.Installed},
		{"rpm", rpm.Installed},
		{"apk", apk.Installed},
		{"pacman", pacman.Installed},
		{"snap", snap.Installed},
		{"flatpak", flatpak.Installed},
	}
}

// Software collects the installed titles.
type Software struct{}

// New makes the collector.
func New() Software { return Software{} }

// Section implements collect.Collector.
func (Software) Section() string { return (&report.Software{}).Name() }

// Collect asks every manager. One that cannot be read loses only its own
// titles: the others' are given beside the error.
func (Software) Collect(ctx context.Context, h host.Host) (report.Section, error) {
	section := &report.Software{}
	var problems []error
	absent := 0
	for _, m := range managers() {
		packages, err := m.installed(ctx, h)
		if errors.Is(err, collect.ErrAbsent) {
			absent++
			continue
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("read the %s packages: %w", m.source, err))
		}
		for i := range packages {
			packages[i].Source = m.source
		}
		section.Packages = append(section.Packages, packages...)
	}
	if absent == len(managers()) {
		return nil, collect.ErrAbsent
	}
	slices.SortStableFunc(section.Packages, func(a, b report.Package) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.Arch, b.Arch), cmp.Compare(a.Version, b.Version))
	})
	return section, errors.Join(problems...)
}
