// Package opsys reports the operating system that runs now.
package opsys

// OS collects the os section.
type OS struct{}

// New returns the collector.
func New() OS { return OS{} }

// Section implements collect.Collector.
func (OS) Section() string { return "os" }
