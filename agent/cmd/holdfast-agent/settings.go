package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// settings is what a settings file says, under the names of the environment.
type settings map[string]string

// loadSettings reads lines of NAME=VALUE, with comments after # and values
// optionally in quotes: the form that the server reads and that systemd takes
// as EnvironmentFile.
func loadSettings(file io.Reader) (kong.Resolver, error) {
	found := settings{}
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

// Validate implements kong.Resolver: a name that nothing knows is a mistake.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, is := node.(*kong.Flag); is {
			for _, name := range flag.Envs {
				known[name] = true
			}
		}
		return next(nil)
	})
	for name := range s {
		if !known[name] {
			err = errors.Join(err, fmt.Errorf("settings file: there is no setting %s", name))
		}
	}
	return err
}

// Resolve implements kong.Resolver. kong asks for flags that were not given,
// but does not know that the environment goes before a file.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			break
		}
		if value, set := s[name]; set {
			return value, nil
		}
	}
	return nil, nil //nolint:nilnil // how a kong.Resolver says that it does not know
}
