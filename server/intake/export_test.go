package intake

// ReadForBenchmark reads and checks the content of a report.
func ReadForBenchmark(content []byte) error {
	message, err := readReport(content)
	if err != nil {
		return err
	}
	readParts(message)
	return nil
}
