// Command holdfast is the server and its operator's tools: serve, migrate,
// doctor, and what an operator does without a browser. The tools work on the
// database directly, beside a running server, and are audited under the login
// of who runs them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"holdfast/server/app"
	"holdfast/server/config"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/server/web/i18n"
)

// version is set by the linker.
var version = "dev"

type commands struct {
	Serve     serve     `cmd:"" help:"Run the server."`
	Migrate   migrate   `cmd:"" help:"Bring the schema of the database up to date."`
	User      users     `cmd:"" help:"Add, list and disable users, and make links that set a password."`
	Token     tokens    `cmd:"" help:"Create, list and revoke API tokens."`
	Enrolment enrolment `cmd:"" help:"Create, list and revoke the keys with which agents enrol."`
	Import    importing `cmd:"" help:"Bring units, people, places or assets in from a CSV file."`
	Licence   licence   `cmd:"" help:"Work out licence positions of an estate described in a file."`
	Doctor    doctor    `cmd:"" help:"Check what the server needs, and say what is wrong."`
	Version   showing   `cmd:"" help:"Print the version."`
}

// streams is what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	private()
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// errSaid means that the command has said itself what is wrong.
var errSaid = errors.New("said already")

func run(ctx context.Context, args []string, std streams) int {
	exited := -1
	var all commands
	parser, err := kong.New(&all, append(config.Options(),
		kong.Name("holdfast"),
		kong.Description("Holdfast keeps the inventory of an organisation's devices and software."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
		kong.Vars{"roles": roleNames()},
	)...)
	if err != nil {
		fmt.Fprintln(std.err, "holdfast:", err)
		return 2
	}
	chosen, err := parser.Parse(args)
	if exited >= 0 { // --help has been answered
		return exited
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(std.err, "holdfast:", strings.TrimRight(line, "\n"))
		}
		return 2
	}
	switch err := chosen.Run(); {
	case err == nil:
		return 0
	case !errors.Is(err, errSaid):
		fmt.Fprintln(std.err, "holdfast:", explain(err))
	}
	return 1
}

// explain gives what went wrong in words: those of the catalogue when it is
// a fault, the error itself otherwise, since the operator may see everything.
func explain(err error) string {
	found := fault.Of(err)
	if found == nil {
		return err.Error()
	}
	parts := []string{i18n.Translate("en", found.Key, found.Args)}
	for _, field := range found.Fields {
		parts = append(parts, field.Name+": "+i18n.Translate("en", field.Key, field.Args))
	}
	return strings.Join(parts, "\n  ")
}

// open opens the database and gives the context in which the operator acts.
func open(ctx context.Context, settings config.Store, std streams) (context.Context, *store.DB, error) {
	log := config.Logging{LogLevel: "warn", LogFormat: "text"}.Logger(std.err)
	db, err := app.OpenStore(ctx, settings, config.DefaultOrganisation, log, app.Refuse)
	if err != nil {
		return nil, nil, err
	}
	return identity.WithActor(ctx, identity.System(operator())), db, nil
}

// operator is the login on this machine of who runs the command.
func operator() string {
	if found, err := user.Current(); err == nil {
		return found.Username
	}
	return "operator"
}

type showing struct{}

// Run prints the version.
func (showing) Run(std streams) error {
	_, err := fmt.Fprintln(std.out, version)
	return err
}
