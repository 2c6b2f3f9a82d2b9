package host

import (
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"time"
)

// Capture is a machine that is not here: its files were copied into a folder
// and its answers written down.
type Capture struct {
	Root    string            // folder that holds its files
	Now     time.Time         // time by its clock
	Answers map[string]string // what its commands print, by command line such as "/usr/sbin/nft list ruleset"
	Denied  map[string]bool   // files and folders that the agent may not read

	Arch      string                    // as uname gives it, such as "x86_64"
	Usage     map[string]Usage          // by mount point
	Addresses map[string][]netip.Prefix // by interface
	Permanent map[string]string         // hardware addresses burnt in, by interface
}

// Captured opens a captured machine. A command without an answer does not
// exist on it.
func Captured(c Capture) Host {
	return Host{
		root:   c.Root,
		now:    func() time.Time { return c.Now },
		denied: func(path string) bool { return c.Denied[path] },
		command: func(_ context.Context, path string, args ...string) ([]byte, error) {
			line := strings.Join(append([]string{path}, args...), " ")
			answer, known := c.Answers[line]
			if !known {
				return nil, fmt.Errorf("run %s: %w", line, exec.ErrNotFound)
			}
			return []byte(answer), nil
		},
		kernel: kernel{
			arch: func() (string, error) { return c.Arch, nil },
			usage: func(_ context.Context, path string) (Usage, error) {
				usage, known := c.Usage[path]
				if !known {
					return Usage{}, fmt.Errorf("ask how full %s is: nothing was captured", path)
				}
				return usage, nil
			},
			addresses: func(context.Context) (map[string][]netip.Prefix, error) { return c.Addresses, nil },
			permanent: func() (map[string]string, error) { return c.Permanent, nil },
		},
	}
}
