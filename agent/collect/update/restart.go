package update

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/version"
)

// restart reports whether the machine waits for a restart, nil when that
// cannot be known, and for what.
//
// Debian, Ubuntu and SUSE leave a file when a package asks for one. Where
// there is none, the kernel tells: a restart is due when a newer one of the
// same flavour is installed than the one that runs. A machine whose kernel
// does not come from its own disk, such as a container, says nothing.
func restart(h host.Host) (required *bool, titles []string) {
	yes, no := true, false
	for _, flag := range []string{"/run/reboot-required", "/run/reboot-needed"} {
		if h.Exists(flag) {
			titles := strings.Fields(h.Text("/run/reboot-required.pkgs"))
			slices.Sort(titles)
			return &yes, slices.Compact(titles)
		}
	}
	running := h.Text("/proc/sys/kernel/osrelease")
	images, err := h.Glob("/boot/vmlinuz-*")
	if err != nil || len(images) == 0 || running == "" {
		return nil, nil
	}
	versioned, newest := false, ""
	for _, image := range images {
		release := strings.TrimPrefix(path.Base(image), "vmlinuz-")
		if release == running {
			versioned = true
		}
		if release[0] >= '0' && release[0] <= '9' && flavour(release) == flavour(running) &&
			(newest == "" || version.Deb(release, newest) > 0) && !strings.HasPrefix(release, "0-rescue") {
			newest = release
		}
	}
	switch {
	case versioned && newest == running:
		return &no, nil
	case versioned:
		return &yes, []string{"Linux " + newest}
	case newest != "":
		return nil, nil // a kernel from elsewhere
	}
	// Arch and Alpine keep one image, without its version in the name, and
	// remove the modules of the kernel that it replaces.
	if modules, err := h.Glob("/lib/modules/[0-9]*/kernel"); err != nil || len(modules) == 0 {
		return nil, nil
	}
	if h.Exists("/lib/modules/" + running + "/kernel") {
		return &no, nil
	}
	return &yes, []string{"Linux"}
}

var flavoured = regexp.MustCompile(`-([a-z][a-z0-9-]*)$`)

// flavour is the variant of a kernel, such as the cloud-amd64 of
// 6.1.0-26-cloud-amd64. Red Hat's have none in their name.
func flavour(release string) string {
	if found := flavoured.FindStringSubmatch(release); found != nil {
		return found[1]
	}
	return ""
}
