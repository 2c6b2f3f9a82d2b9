// Command run is what "make run" starts: a server, and an agent of this
// machine that reports to it, until Ctrl-C stops both. The first run enrols
// the agent; the next ones continue where the last stopped.
//
//	go run ./packaging/run [-database sqlite:var/holdfast.db]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	// The children are told to stop when the thread that started them ends,
	// so this one has to last (see program.start).
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	var s stack
	flags.StringVar(&s.database, "database", "sqlite:var/holdfast.db", "database of the server")
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address of the server")
	flags.StringVar(&s.programs, "programs", "bin", "folder of the two programs")
	flags.StringVar(&s.data, "data", "var", "folder that the server and the agent write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return err
	}
	s.out = &lines{out: out}
	return errors.Join(s.run(ctx), s.stop())
}
