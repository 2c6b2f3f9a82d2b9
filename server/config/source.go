package config

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"holdfast/shared/settings"
)

// Options make kong read settings as this package promises.
func Options() []kong.Option {
	return []kong.Option{
		kong.Configuration(load, DefaultFile),
		kong.Resolvers(source{}),
		kong.NamedMapper("networks", kong.MapperFunc(networks)),
	}
}

// source looks settings up in a settings file, and secrets in files of their
// own, wherever flag and environment are silent. The zero source has no
// settings file.
type source struct{ file map[string]string }

func load(reader io.Reader) (kong.Resolver, error) {
	file, err := settings.Read(reader)
	return source{file: file}, err
}

// Validate implements kong.Resolver: a name that nothing knows is a mistake.
func (s source) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, is := node.(*kong.Flag); is {
			for _, name := range flag.Envs {
				known[name] = true
				known[name+"_FILE"] = flag.Tag.Has("secret")
			}
		}
		return next(nil)
	})
	if err != nil {
		return fmt.Errorf("read settings file: %w", err)
	}
	var wrong []error
	for name := range s.file {
		if !known[name] {
			wrong = append(wrong, fmt.Errorf("settings file: there is no setting %s", name))
		}
	}
	return errors.Join(wrong...)
}

// Resolve implements kong.Resolver. kong asks only for flags that were not
// given, but does not know that the environment comes before a file.
func (s source) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	secret := flag.Tag.Has("secret")
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil //nolint:nilnil // kong has taken it from there
		}
		if path, set := os.LookupEnv(name + "_FILE"); set && secret {
			return read(path)
		}
		if value, set := s.file[name]; set {
			return value, nil
		}
		if path, set := s.file[name+"_FILE"]; set && secret {
			return read(path)
		}
	}
	return nil, nil //nolint:nilnil // how a kong.Resolver says that it does not know
}

func read(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// networks reads addresses and networks, divided by commas or spaces.
func networks(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("networks", &text); err != nil {
		return err
	}
	var found []netip.Prefix
	for _, each := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(each)
		if err != nil {
			address, err := netip.ParseAddr(each)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network", each)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		found = append(found, network)
	}
	target.Set(reflect.ValueOf(found))
	return nil
}
