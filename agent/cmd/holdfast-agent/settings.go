package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"holdfast/shared/settings"
)

// fileSettings is what a settings file says, under the names of the environment.
type fileSettings map[string]string

func loadSettings(file io.Reader) (kong.Resolver, error) {
	found, err := settings.Read(file)
	return fileSettings(found), err
}

// Validate implements kong.Resolver: a name that nothing knows is a mistake.
func (s fileSettings) Validate(app *kong.Application) error {
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
func (s fileSettings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
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
