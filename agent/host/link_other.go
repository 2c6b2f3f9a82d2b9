//go:build !linux

package host

// livePermanent knows of no address beyond those in use on other systems.
func livePermanent() (map[string]string, error) { return map[string]string{}, nil }
