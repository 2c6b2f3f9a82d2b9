// Package hosttest opens captured machines for the tests of collectors. A
// machine is one txtar archive: whatever precedes the first file says which
// machine it is, and each file header is one of
//
//	-- /etc/hostname --                        a file with its text
//	-- /var/lib/dpkg/status @2026-03-01 --     a file with its time of change (a day, or RFC 3339)
//	-- /sys/firmware/dmi/tables/DMI hex --     a binary file in hexadecimal; # starts a comment
//	-- /var/lib/rpm/Packages gzip --          a binary file, compressed and then in base64
//	-- /etc/cups/printers.conf denied --       a file that the agent may not read
//	-- /run/systemd/container/ --              a folder, whose time (as above) holds if its files come before it
//	-- /sys/block/sda -> ../devices/x --       a symbolic link
//	-- $ /usr/sbin/nft list ruleset --         what a command prints
//	-- now 2026-11-19T12:00:00Z --             the time by its clock, which is this one unless said
//	-- arch x86_64 --                          the architecture, which is this one unless said
//	-- usage / 1000000 400000 --               size and free bytes of the file system mounted there
//	-- addresses eth0 --                       IP addresses with prefix length, one a line
//	-- permanent wlan0 aa:bb:cc:00:11:22 --    hardware address burnt into the card
package hosttest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"holdfast/agent/host"
)

// Open unpacks the archive at path into a folder of the test and opens it.
func Open(t testing.TB, path string) host.Host {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, archive)
}

// Machine opens a machine that the test writes down itself, in the same form.
func Machine(t testing.TB, text string) host.Host {
	t.Helper()
	return open(t, txtar.Parse([]byte(text)))
}

func open(t testing.TB, archive *txtar.Archive) host.Host {
	t.Helper()
	capture := host.Capture{
		Root:      t.TempDir(),
		Now:       time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC),
		Arch:      "x86_64",
		Answers:   map[string]string{},
		Denied:    map[string]bool{},
		Usage:     map[string]host.Usage{},
		Addresses: map[string][]netip.Prefix{},
		Permanent: map[string]string{},
	}
	for _, file := range archive.Files {
		if err := add(&capture, file); err != nil {
			t.Fatalf("file %q of the captured machine: %v", file.Name, err)
		}
	}
	return host.Captured(capture)
}

func add(capture *host.Capture, file txtar.File) error {
	if line, is := strings.CutPrefix(file.Name, "$ "); is {
		capture.Answers[line] = string(file.Data)
		return nil
	}
	words := strings.Fields(file.Name)
	switch {
	case strings.HasPrefix(words[0], "/"):
		return place(capture, words[0], words[1:], file.Data)
	case words[0] == "now" && len(words) == 2:
		now, err := time.Parse(time.RFC3339, words[1])
		capture.Now = now
		return err
	case words[0] == "arch" && len(words) == 2:
		capture.Arch = words[1]
		return nil
	case words[0] == "permanent" && len(words) == 3:
		capture.Permanent[words[1]] = words[2]
		return nil
	case words[0] == "usage" && len(words) == 4:
		size, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return err
		}
		free, err := strconv.ParseInt(words[3], 10, 64)
		capture.Usage[words[1]] = host.Usage{Size: size, Free: free}
		return err
	case words[0] == "addresses" && len(words) == 2:
		for _, line := range strings.Fields(string(file.Data)) {
			prefix, err := netip.ParsePrefix(line)
			if err != nil {
				return err
			}
			capture.Addresses[words[1]] = append(capture.Addresses[words[1]], prefix)
		}
		return nil
	}
	return fmt.Errorf("unknown header; see the package documentation")
}

// place puts one file, folder or link under the root.
func place(capture *host.Capture, name string, words []string, content []byte) error {
	path := filepath.Join(capture.Root, name)
	folder := filepath.Dir(path)
	if strings.HasSuffix(name, "/") {
		folder = path
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if len(words) == 2 && words[0] == "->" {
		return os.Symlink(words[1], path)
	}
	var changed time.Time
	for _, word := range words {
		day, isTime := strings.CutPrefix(word, "@")
		switch {
		case word == "hex":
			binary, err := unhex(content)
			if err != nil {
				return err
			}
			content = binary
		case word == "gzip":
			binary, err := ungzip(content)
			if err != nil {
				return err
			}
			content = binary
		case word == "denied":
			capture.Denied[name] = true
		case isTime:
			at, err := time.Parse(time.RFC3339, day)
			if err != nil {
				at, err = time.Parse(time.DateOnly, day)
			}
			if err != nil {
				return err
			}
			changed = at
		default:
			return fmt.Errorf("unknown word %q; see the package documentation", word)
		}
	}
	if folder != path {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	if changed.IsZero() {
		return nil
	}
	return os.Chtimes(path, changed, changed)
}

var comment = regexp.MustCompile(`#.*`)

func unhex(text []byte) ([]byte, error) {
	digits := strings.Join(strings.Fields(comment.ReplaceAllString(string(text), "")), "")
	return hex.DecodeString(digits)
}

func ungzip(text []byte) ([]byte, error) {
	compressed := base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text))
	reader, err := gzip.NewReader(compressed)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
