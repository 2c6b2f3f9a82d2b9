// Package cpu reports the processors and their cores.
package cpu

import (
	"strings"
)

// CPU collects the cpu section.
type CPU struct{}

// New returns the collector.
func New() CPU { return CPU{} }

// Section implements collect.Collector.
func (CPU) Section() string { return "cpu" }

// maker turns the vendor string of CPUID into the name of the maker.
func maker(vendor string) string {
	switch vendor = strings.TrimSpace(vendor); vendor {
	case "GenuineIntel":
		return "Intel"
	case "AuthenticAMD":
		return "AMD"
	case "HygonGenuine":
		return "Hygon"
	case "CentaurHauls":
		return "VIA"
	case "Shanghai":
		return "Zhaoxin"
	case "IBM/S390":
		return "IBM"
	}
	return vendor
}
