package storage

import (
	"strings"
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	number     string // major:minor of the device
	root       string // folder of the file system that is mounted
	point      string // where it is mounted
	filesystem string
	source     string
	readOnly   bool
}

// mounts reads a mount table in the form of proc_pid_mountinfo(5). Lines that
// it does not understand are left out.
func mounts(table string) []mount {
	var found []mount
	for line := range strings.Lines(table) {
		// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
		own, of, is := strings.Cut(strings.TrimRight(line, "\n"), " - ")
		fields, super := strings.Split(own, " "), strings.Split(of, " ")
		if !is || len(fields) < 6 || len(super) < 2 {
			continue
		}
		one := mount{
			number:     fields[2],
			root:       unescape(fields[3]),
			point:      unescape(fields[4]),
			filesystem: super[0],
			source:     unescape(super[1]),
			readOnly:   readOnly(fields[5]),
		}
		// The options of the file system itself go first: those of the mount
		// are read-only everywhere for a service with ProtectSystem=strict.
		if len(super) > 2 {
			one.readOnly = readOnly(super[2])
		}
		found = append(found, one)
	}
	return found
}

func readOnly(options string) bool { return options == "ro" || strings.HasPrefix(options, "ro,") }

// unescape undoes the kernel's \040 for space, \011, \012 and \134.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) && octal(text[i+1]) && octal(text[i+2]) && octal(text[i+3]) {
			plain.WriteByte((text[i+1]-'0')<<6 | (text[i+2]-'0')<<3 | (text[i+3] - '0'))
			i += 3
			continue
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

func octal(digit byte) bool { return '0' <= digit && digit <= '7' }
