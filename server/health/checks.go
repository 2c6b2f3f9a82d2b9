package health

// Checks lists every check, in the order in which people read them. A later
// one may ask what an earlier one found.
func Checks() []Check {
	return []Check{
		diskSpace(),
		diskTrend(),
		driveFailing(),
		memoryPressure(),
		restartPending(),
		securityUpdates(),
		systemSupport(),
		encryptionOff(),
		serverSilent(),
		deviceSilent(),
		warrantyEnding(),
		licenceShort(),
	}
}
