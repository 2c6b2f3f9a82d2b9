package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// lines writes whole lines, each with a word in front that says whose it is.
type lines struct {
	mutex sync.Mutex
	out   io.Writer
	link  string // for the first sign-in, once the server has said it
	shown bool   // whether the banner is out
}

func (l *lines) print(who, line string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	fmt.Fprintf(l.out, "%-8s %s\n", who, line)
}

// copy prints what a program says until it ends.
func (l *lines) copy(who string, from io.Reader) {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		l.print(who, scanner.Text())
		if at := strings.Index(scanner.Text(), "http"); at >= 0 && strings.Contains(scanner.Text(), "/first-run/") {
			l.found(scanner.Text()[at:])
		}
	}
}

// found keeps the link for the banner, or shows it when that is out.
func (l *lines) found(link string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.link = link
	if l.shown {
		l.showLink()
	}
}

func (l *lines) showLink() {
	fmt.Fprintf(l.out, "\nThe first administrator signs in here, once:\n\n    %s\n\n", l.link)
}

// banner says, apart from the other lines, where to go.
func (l *lines) banner(address string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	rule := strings.Repeat("-", 72)
	fmt.Fprintf(l.out, "\n%s\nHoldfast runs at %s; Ctrl-C stops it.\n", rule, address)
	if l.shown = true; l.link != "" {
		l.showLink()
	}
	fmt.Fprintf(l.out, "%s\n\n", rule)
}

// program is one running child.
type program struct {
	name  string
	cmd   *exec.Cmd
	ended chan error // gets the one result of the program
}

// start runs a program and prints its lines. It gets a process group of its
// own, so that Ctrl-C reaches only us and both end in order.
func start(name string, out *lines, environment []string, path string, args ...string) (*program, error) {
	cmd := exec.Command(path, args...) //nolint:noctx // stop ends it, in order; a context would kill it
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = write, write
	err = cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &program{name: name, cmd: cmd, ended: make(chan error, 1)}
	go func() {
		out.copy(name, read)
		read.Close()
		p.ended <- cmd.Wait()
	}()
	return p, nil
}

// stopWithin is how long a program may take to end by itself.
const stopWithin = 20 * time.Second

// stop asks the program to end and waits until it has.
func (p *program) stop() error {
	if p == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return nil //nolint:nilerr // it has ended already, and run has said how
	}
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("stop the %s: %w", p.name, err)
		}
		return nil
	case <-time.After(stopWithin):
		return fmt.Errorf("stop the %s: it did not end within %s: %w", p.name, stopWithin, p.cmd.Process.Kill())
	}
}
