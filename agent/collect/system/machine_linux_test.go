package system_test

import (
	"fmt"
	"testing"

	"holdfast/agent/collect/system"
	"holdfast/agent/host/hosttest"
	"holdfast/shared/report"
)

func TestMachineIsToldByFirmwareProcessorAndKernel(t *testing.T) {
	named := func(maker, model string) string {
		return fmt.Sprintf("-- /sys/class/dmi/id/sys_vendor --\n%s\n-- /sys/class/dmi/id/product_name --\n%s\n", maker, model)
	}
	const (
		guest = "-- /proc/cpuinfo --\nprocessor\t: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n"
		real  = "-- /proc/cpuinfo --\nprocessor\t: 0\nflags\t\t: fpu vme lahf_lm\n"
	)
	for name, c := range map[string]struct{ machine, kind, hypervisor string }{
		"Hyper-V":                {named("Microsoft Corporation", "Virtual Machine") + guest, "virtual", "hyper-v"},
		"a Surface":              {named("Microsoft Corporation", "Surface Laptop 5") + real, "physical", ""},
		"VirtualBox":             {named("innotek GmbH", "VirtualBox") + guest, "virtual", "virtualbox"},
		"a guest that hides it":  {named("QEMU", "Standard PC (Q35 + ICH9, 2009)") + real, "virtual", "kvm"},
		"a guest named anew":     {named("Contoso", "ProDesk") + guest + "-- /sys/devices/system/clocksource/clocksource0/available_clocksource --\nkvm-clock tsc\n", "virtual", "kvm"},
		"a guest of nobody":      {named("Contoso", "ProDesk") + guest, "virtual", ""},
		"Amazon's guest":         {named("Amazon EC2", "m5.large") + guest, "virtual", "kvm"},
		"Amazon's bare metal":    {named("Amazon EC2", "m5.metal") + real, "physical", ""},
		"a guest of Xen":         {guest + "-- /sys/hypervisor/type --\nxen\n", "virtual", "xen"},
		"the owner of Xen":       {named("HPE", "ProLiant") + guest + "-- /sys/hypervisor/type --\nxen\n-- /proc/xen/capabilities --\ncontrol_d\n", "physical", ""},
		"Windows' own Linux":     {guest + "-- /proc/sys/kernel/osrelease --\n5.15.167.4-microsoft-standard-WSL2\n", "virtual", "wsl"},
		"an ARM guest":           {"-- /proc/device-tree/model --\nlinux,dummy-virt\x00\n", "virtual", "kvm"},
		"an ARM guest of Amazon": {named("Amazon EC2", "t4g.small"), "virtual", "kvm"},
		"an unknown board":       {"-- /etc/hostname --\nx\n", "", ""},
		"a PC without firmware":  {real, "physical", ""},
	} {
		t.Run(name, func(t *testing.T) {
			section, err := system.New().Collect(t.Context(), hosttest.Machine(t, c.machine))
			if err != nil {
				t.Fatal(err)
			}
			got := section.(*report.System)
			if got.Machine != c.kind || got.Hypervisor != c.hypervisor {
				t.Errorf("machine is %q on %q, want %q on %q", got.Machine, got.Hypervisor, c.kind, c.hypervisor)
			}
		})
	}
}
