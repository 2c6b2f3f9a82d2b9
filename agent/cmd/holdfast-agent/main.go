// Command holdfast-agent collects the facts of the machine that it runs on
// and reports them to a Holdfast server. "holdfast-agent --help" lists what it
// can do; every flag can also be an environment variable (HOLDFAST_...) or an
// a line of a file (--config), in that order.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"

	"holdfast/agent/deliver"
	"holdfast/agent/host"
	"holdfast/shared/report"
)

// version is that of the build. The linker sets it, which only variables allow.
var version = "dev"

// cli is what the agent can be told to do. A new command is one line here and
// one file beside this one.
type cli struct {
	Config   kong.ConfigFlag `help:"Read settings from this file: lines of HOLDFAST_NAME=VALUE. The usual one is read without this, if it is there." placeholder:"FILE"`
	LogLevel slog.Level      `help:"Log this and worse: debug, info, warn or error." default:"info"`

	Inventory inventoryCommand `cmd:"" help:"Print the facts of this machine as JSON. Needs no server."`
	Run       runCommand       `cmd:"" help:"Report to a server, now and from then on."`
	Once      onceCommand      `cmd:"" help:"Report to a server once."`
	Status    statusCommand    `cmd:"" help:"Say how the agent stands: when it reached the server, what waits, what failed."`
	Simulate  simulateCommand  `cmd:"" help:"Be a whole fleet of made-up devices, for pilots and load tests."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// environment is what a command works with.
type environment struct {
	ctx    context.Context //nolint:containedctx // kong hands values to commands, not arguments
	stdout io.Writer
	log    *slog.Logger
	host   host.Host
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does what args say and gives the exit code: 0 for done, 1 for not done,
// 2 for wrong settings, which trying again does not mend.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var commands cli
	parser, err := kong.New(&commands,
		kong.Name("holdfast-agent"),
		kong.Description("Collects the facts of this machine and reports them to a Holdfast server."),
		kong.Configuration(loadSettings, configFile()),
		kong.DefaultEnvars("HOLDFAST"),
		kong.Vars{"state_dir": stateDir()},
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(stderr, "holdfast-agent:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "holdfast-agent:", err)
		return 2
	}
	env := environment{
		ctx: ctx, stdout: stdout, host: host.New(),
		log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: commands.LogLevel})),
	}
	if err := parsed.Run(env); err != nil {
		fmt.Fprintln(stderr, "holdfast-agent:", err)
		if errors.Is(err, deliver.ErrSettings) {
			return 2
		}
		return 1
	}
	return 0
}

// thisAgent is how this program names itself in a report.
func thisAgent() report.Agent {
	return report.Agent{Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH}
}

type versionCommand struct{}

// Run implements the command.
func (versionCommand) Run(env environment) error {
	agent := thisAgent()
	_, err := fmt.Fprintf(env.stdout, "holdfast-agent %s %s/%s\n", agent.Version, agent.OS, agent.Arch)
	return err
}
