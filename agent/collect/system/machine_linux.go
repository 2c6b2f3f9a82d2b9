package system

import (
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// machine decides whether the machine, which is no container, is physical or
// virtual, and names the hypervisor. What the firmware calls itself names it
// best. The processor's own flag is the surest sign that there is one, also
// where there is no firmware. A machine of which nothing is known either way
// stays undecided.
func machine(h host.Host, facts *report.System) (kind, hypervisor string) {
	if strings.Contains(h.Text("/proc/xen/capabilities"), "control_d") {
		return "physical", "" // the domain that owns the machine sees Xen too
	}
	x86, flagged := hypervisorFlag(h)
	if name := named(facts); name != "" {
		return "virtual", name
	}
	if name := paravirtual(h); name != "" && (flagged || !x86) {
		return "virtual", name
	}
	switch {
	case flagged:
		return "virtual", ""
	case x86, facts.Maker != "", facts.Model != "":
		return "physical", ""
	}
	return "", ""
}

// hypervisorFlag reads the flag that hypervisors set in CPUID for their
// guests; only x86 has it.
func hypervisorFlag(h host.Host) (x86, flagged bool) {
	for line := range strings.Lines(h.Text("/proc/cpuinfo")) {
		if flags, is := strings.CutPrefix(line, "flags\t"); is {
			return true, strings.Contains(flags+" ", " hypervisor ")
		}
	}
	return false, false
}

// named recognises the hypervisor by what its firmware calls the machine.
func named(facts *report.System) string {
	described := strings.Join([]string{facts.Maker, facts.Model, facts.Board.Maker, facts.BIOS.Maker}, "\n")
	for _, known := range []struct{ part, hypervisor string }{
		{"VMware", "vmware"}, {"innotek", "virtualbox"}, {"VirtualBox", "virtualbox"}, {"Parallels", "parallels"},
		{"HVM domU", "xen"}, {"Xen", "xen"}, {"bhyve", "bhyve"}, {"BHYVE", "bhyve"}, {"Apple Virtualization", "apple"},
		{"Google Compute Engine", "kvm"}, {"OpenStack", "kvm"}, {"oVirt", "kvm"}, {"RHEV", "kvm"},
		{"KVM", "kvm"}, {"QEMU", "kvm"}, {"Bochs", "kvm"}, {"Nutanix\nAHV", "kvm"}, {"DigitalOcean", "kvm"},
		{"Hetzner\nvServer", "kvm"}, {"Alibaba Cloud", "kvm"}, {"linux,dummy-virt", "kvm"},
	} {
		if strings.Contains(described, known.part) {
			return known.hypervisor
		}
	}
	switch {
	case facts.Maker == "Microsoft Corporation" && facts.Model == "Virtual Machine": // it makes real ones as well
		return "hyper-v"
	case facts.Maker == "Amazon EC2" && !strings.Contains(facts.Model, ".metal"): // the model is the kind of instance
		return "kvm"
	}
	return ""
}

// paravirtual recognises the hypervisor by what the kernel talks to it with.
func paravirtual(h host.Host) string {
	if strings.Contains(strings.ToLower(h.Text("/proc/sys/kernel/osrelease")), "microsoft") {
		return "wsl"
	}
	if kind := h.Text("/sys/hypervisor/type"); kind != "" {
		return kind
	}
	clocks := h.Text("/sys/devices/system/clocksource/clocksource0/available_clocksource")
	switch {
	case strings.Contains(clocks, "kvm-clock"), strings.Contains(h.Text("/proc/device-tree/hypervisor/compatible"), "kvm"):
		return "kvm"
	case strings.Contains(clocks, "hyperv_clocksource"), h.Exists("/sys/bus/vmbus"):
		return "hyper-v"
	}
	return ""
}
