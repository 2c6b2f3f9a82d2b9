package cpu

// arm names a processor by the implementer and part of its main id register
// (Arm's "MIDR_EL1"; the kernel gives both as hexadecimal words). What is not
// listed keeps the model that the kernel gave, which is often none.
func arm(implementer, part, model string) (string, string) {
	maker := map[string]string{
		"0x41": "ARM", "0x42": "Broadcom", "0x43": "Cavium", "0x46": "Fujitsu", "0x48": "HiSilicon",
		"0x4e": "NVIDIA", "0x50": "APM", "0x51": "Qualcomm", "0x53": "Samsung", "0x56": "Marvell",
		"0x61": "Apple", "0x69": "Intel", "0x6d": "Microsoft", "0xc0": "Ampere",
	}[implementer]
	known := map[string]string{
		"0x41 0xb76": "ARM1176", "0x41 0xc07": "Cortex-A7", "0x41 0xc08": "Cortex-A8", "0x41 0xc09": "Cortex-A9",
		"0x41 0xc0f": "Cortex-A15", "0x41 0xd03": "Cortex-A53", "0x41 0xd04": "Cortex-A35", "0x41 0xd05": "Cortex-A55",
		"0x41 0xd07": "Cortex-A57", "0x41 0xd08": "Cortex-A72", "0x41 0xd09": "Cortex-A73", "0x41 0xd0a": "Cortex-A75",
		"0x41 0xd0b": "Cortex-A76", "0x41 0xd0c": "Neoverse-N1", "0x41 0xd40": "Neoverse-V1", "0x41 0xd41": "Cortex-A78",
		"0x41 0xd46": "Cortex-A510", "0x41 0xd49": "Neoverse-N2", "0x41 0xd4f": "Neoverse-V2",
		"0xc0 0xac3": "Ampere-1", "0xc0 0xac4": "Ampere-1a",
	}[implementer+" "+part]
	if known != "" {
		model = known
	}
	return maker, model
}
