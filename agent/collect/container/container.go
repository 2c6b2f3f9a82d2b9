// Package container tells whether the agent runs in a container on Linux,
// which decides what its collectors may claim: the hardware that shows through
// belongs to another device.
package container

import (
	"strings"

	"holdfast/agent/host"
)

// Runtime names what runs the container that the agent is in, or gives "".
//
// Only evidence about process 1 counts: what a container manager told it, the
// control group it is in, the file system that it has for root. A file left
// lying in the root, such as /.dockerenv, does not: images of virtual machines
// are made from those of containers and keep it.
func Runtime(h host.Host) string {
	// systemd in a container writes down what its manager told it.
	if told := h.Text("/run/systemd/container"); told != "" {
		return told
	}
	for setting := range strings.SplitSeq(h.Text("/proc/1/environ"), "\x00") {
		if manager, is := strings.CutPrefix(setting, "container="); is && manager != "" {
			return manager
		}
	}
	if manager := h.Text("/run/host/container-manager"); manager != "" {
		return manager
	}
	for line := range strings.Lines(h.Text("/proc/1/cgroup")) {
		if manager := managerOf(line); manager != "" {
			return manager
		}
	}
	for line := range strings.Lines(h.Text("/proc/1/mountinfo")) {
		fields := strings.Fields(line)
		if len(fields) > 4 && fields[4] == "/" && strings.Contains(line, " - overlay ") {
			if manager := managerOf(line); manager != "" {
				return manager
			}
		}
	}
	if h.Exists("/proc/vz") && !h.Exists("/proc/bc") { // the host has both
		return "openvz"
	}
	return ""
}

// managerOf recognises the folders and groups that container managers make.
func managerOf(line string) string {
	for _, known := range []struct{ part, manager string }{
		{"/kubepods", "kubernetes"}, {"/docker", "docker"}, {"/libpod", "podman"}, {"/containers/storage/", "podman"},
		{"/lxc", "lxc"}, {"/machine.slice/systemd-nspawn", "systemd-nspawn"}, {"containerd", "containerd"},
	} {
		if strings.Contains(line, known.part) {
			return known.manager
		}
	}
	return ""
}
