package security

import (
	"slices"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// secureBoot reads the variable of the firmware (UEFI specification, 3.3):
// four bytes of attributes, and a byte that is 1 when it is on. A PC that was
// not started by UEFI cannot have it; of other machines nothing is known.
func secureBoot(h host.Host) *bool {
	variable, err := h.ReadFile("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")
	if err == nil && len(variable) == 5 {
		on := variable[4] == 1
		return &on
	}
	arch, err := h.Arch()
	if err != nil || !slices.Contains([]string{"x86_64", "i386", "i586", "i686"}, arch) ||
		!h.Exists("/sys/firmware") || h.Exists("/sys/firmware/efi") {
		return nil
	}
	off := false
	return &off
}

// readTPM reads what the kernel's driver says, else which table the firmware
// announces a TPM with, for a kernel without the driver.
func readTPM(h host.Host) report.TPM {
	yes, no := true, false
	const device = "/sys/class/tpm/tpm0"
	switch {
	case h.Exists(device):
		// Before Linux 5.6 only a TPM 1.2 had anything to say about itself.
		version := h.Text(device + "/tpm_version_major")
		if version == "1" || strings.Contains(h.Text(device+"/device/caps"), "TCG version: 1.2") {
			return report.TPM{Present: &yes, Version: "1.2"}
		}
		if version == "2" || h.Exists("/sys/firmware/acpi/tables/TPM2") {
			return report.TPM{Present: &yes, Version: "2.0"}
		}
		return report.TPM{Present: &yes}
	case h.Exists("/sys/firmware/acpi/tables/TPM2"):
		return report.TPM{Present: &yes, Version: "2.0"}
	case h.Exists("/sys/firmware/acpi/tables/TCPA"):
		return report.TPM{Present: &yes, Version: "1.2"}
	case h.Exists("/sys/firmware"):
		return report.TPM{Present: &no}
	}
	return report.TPM{}
}

// mandatoryAccess names the security module that enforces something. SELinux
// that only warns enforces nothing, nor does AppArmor without a profile in
// force.
func mandatoryAccess(h host.Host) string {
	if h.Text("/sys/fs/selinux/enforce") == "1" {
		return "selinux"
	}
	if h.Text("/sys/module/apparmor/parameters/enabled") == "Y" {
		profiles, err := h.ReadFile("/sys/kernel/security/apparmor/profiles")
		if err != nil || strings.Contains(string(profiles), "(enforce)") {
			return "apparmor"
		}
	}
	if h.Exists("/sys/module") {
		return "none"
	}
	return ""
}
