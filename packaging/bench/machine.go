package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"
)

// describeMachine says in a line what the figures were measured on.
func describeMachine() (string, error) {
	processors, err := cpu.Info()
	if err != nil || len(processors) == 0 {
		return "", fmt.Errorf("read the processors: %w", err)
	}
	memory, err := mem.VirtualMemory()
	if err != nil {
		return "", fmt.Errorf("read the memory: %w", err)
	}
	return fmt.Sprintf("%d x %s, %d GiB, %s/%s, %s", runtime.NumCPU(), strings.TrimSpace(processors[0].ModelName),
		memory.Total>>30, runtime.GOOS, runtime.GOARCH, runtime.Version()), nil
}

// process is what the kernel says of a running program (proc_pid_stat(5)).
type process struct {
	pid, parent int
	own         time.Duration // processor time of its own
	waited      time.Duration // of children that have ended
}

// clockTick is the unit of times in /proc, the same on every Linux that Go
// runs on.
const clockTick = 10 * time.Millisecond

func readProcess(pid int) (process, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	// The name stands in brackets and may hold anything, brackets too.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	at := func(field int) int { // numbered as in the manual, from 1
		value, _ := strconv.Atoi(fields[field-3]) // the kernel writes numbers
		return value
	}
	return process{
		pid: pid, parent: at(4),
		own:    time.Duration(at(14)+at(15)) * clockTick,
		waited: time.Duration(at(16)+at(17)) * clockTick,
	}, nil
}

// processorTime is what a program and its children, living and dead, have
// used of the processors.
func processorTime(pid int) (time.Duration, error) {
	first, err := readProcess(pid)
	if err != nil {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
	}
	total := first.own + first.waited
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		child, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		one, err := readProcess(child)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrProcessDone) {
			continue // it has ended meanwhile
		}
		if err == nil && one.parent == pid {
			total += one.own + one.waited
		}
	}
	return total, nil
}

// memoryOf is the resident memory of a process, in MiB: now, and at most.
func memoryOf(pid int) (now, peak float64, err error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(fields[1], 64) // only numbers stand there
		switch fields[0] {
		case "VmRSS:":
			now = kib / 1024
		case "VmHWM:":
			peak = kib / 1024
		}
	}
	return now, peak, nil
}
