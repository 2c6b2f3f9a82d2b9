// Package settings reads the settings files of both programs: the form that
// systemd takes as EnvironmentFile, as far as an operator needs it.
package settings

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Read gives the values by their names: lines of NAME=VALUE, with comments
// after # at the start of a line, values optionally in quotes. What a name may
// be is the caller's to say.
func Read(file io.Reader) (map[string]string, error) {
	found := map[string]string{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, is := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !is || name == "" {
			return nil, fmt.Errorf("settings file, line %d: want NAME=VALUE", number)
		}
		if length := len(value); length > 1 && (value[0] == '"' || value[0] == '\'') && value[length-1] == value[0] {
			value = value[1 : length-1]
		}
		found[name] = value
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read settings file: %w", err)
	}
	return found, nil
}
