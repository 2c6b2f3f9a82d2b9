package cpu

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect counts sockets, cores and logical processors as lscpu does, from
// the topology that the kernel gives for each logical processor that is on.
func (CPU) Collect(_ context.Context, h host.Host) (report.Section, error) {
	content, err := h.ReadFile("/proc/cpuinfo")
	if err != nil {
		return nil, fmt.Errorf("read the processors: %w", err)
	}
	blocks := cpuinfo(string(content))
	threads, err := topology(h)
	if err != nil {
		return nil, err
	}
	if len(threads) == 0 {
		threads = topologyOf(blocks)
	}
	arch, err := h.Arch()
	facts := &report.CPU{Threads: len(threads), Arch: arch}
	for i, socket := range sockets(threads) {
		processor := describe(h, blocks, socket)
		processor.Socket = i // virtual machines leave gaps between the kernel's own numbers
		facts.Processors = append(facts.Processors, processor)
		facts.Cores += processor.Cores
	}
	facts.Sockets = len(facts.Processors)
	return facts, err
}

// thread is one logical processor: which socket it sits in, and which core,
// as a word that is the same for all threads of the core.
type thread struct {
	number, socket int
	core           string
}

// topology reads /sys/devices/system/cpu. A logical processor that is switched
// off has no topology there.
func topology(h host.Host) ([]thread, error) {
	folders, err := h.Glob("/sys/devices/system/cpu/cpu[0-9]*")
	if err != nil {
		return nil, err
	}
	var threads []thread
	for _, folder := range folders {
		number, err := strconv.Atoi(strings.TrimPrefix(folder, "/sys/devices/system/cpu/cpu"))
		if err != nil {
			continue
		}
		// The list of a core's threads names the core uniquely, which core_id
		// does not: it starts anew in each die.
		core := h.Text(folder + "/topology/core_cpus_list")
		if core == "" {
			core = h.Text(folder + "/topology/thread_siblings_list") // before Linux 5.3
		}
		if core == "" {
			continue
		}
		socket, err := strconv.Atoi(h.Text(folder + "/topology/physical_package_id"))
		if err != nil || socket < 0 {
			socket = 0 // boards that do not tell, or give -1, have one
		}
		threads = append(threads, thread{number, socket, core})
	}
	return threads, nil
}

// topologyOf falls back on what /proc/cpuinfo tells, for a kernel or a
// container without /sys. A processor that tells no core is one of its own.
func topologyOf(blocks []map[string]string) []thread {
	var threads []thread
	for _, block := range blocks {
		number, err := strconv.Atoi(block["processor"])
		if err != nil {
			continue
		}
		socket, _ := strconv.Atoi(block["physical id"])
		core := "thread " + block["processor"]
		if id, known := block["core id"]; known {
			core = block["physical id"] + " " + id
		}
		threads = append(threads, thread{number, socket, core})
	}
	return threads
}

// sockets groups the threads by their socket, in the order of its number.
func sockets(threads []thread) [][]thread {
	slices.SortFunc(threads, func(a, b thread) int {
		if a.socket != b.socket {
			return a.socket - b.socket
		}
		return a.number - b.number
	})
	return slices.Collect(func(yield func([]thread) bool) {
		for start, end := 0, 0; start < len(threads); start = end {
			for end < len(threads) && threads[end].socket == threads[start].socket {
				end++
			}
			if !yield(threads[start:end]) {
				return
			}
		}
	})
}

// describe says what sits in one socket.
func describe(h host.Host, blocks []map[string]string, socket []thread) report.Processor {
	processor := report.Processor{Threads: len(socket)}
	cores := map[string]bool{}
	for _, one := range socket {
		if cores[one.core] {
			continue
		}
		cores[one.core] = true
		// The fastest core counts: those of one processor may differ.
		kilohertz, err := strconv.Atoi(h.Text(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cpufreq/cpuinfo_max_freq", one.number)))
		if err == nil {
			processor.MaxMHz = max(processor.MaxMHz, kilohertz/1000)
		}
	}
	processor.Cores = len(cores)
	first := strconv.Itoa(socket[0].number)
	at := slices.IndexFunc(blocks, func(block map[string]string) bool { return block["processor"] == first })
	if at >= 0 {
		identify(blocks[at], &processor)
	}
	return processor
}

// identify reads what a processor says of itself: CPUID on x86, the main id
// register on ARM.
func identify(block map[string]string, processor *report.Processor) {
	processor.Maker = maker(block["vendor_id"])
	processor.Model = strings.Join(strings.Fields(block["model name"]), " ")
	processor.Family, _ = strconv.Atoi(block["cpu family"])
	processor.ModelNum, _ = strconv.Atoi(block["model"])
	processor.Stepping, _ = strconv.Atoi(block["stepping"])
	if implementer, known := block["CPU implementer"]; known {
		processor.Maker, processor.Model = arm(implementer, block["CPU part"], processor.Model)
	}
}

// cpuinfo cuts /proc/cpuinfo into its blocks, one a logical processor.
func cpuinfo(text string) []map[string]string {
	var blocks []map[string]string
	block := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, is := strings.Cut(line, ":")
		if !is {
			if len(block) > 0 {
				blocks = append(blocks, block)
			}
			block = map[string]string{}
			continue
		}
		switch name = strings.TrimSpace(name); name {
		case "flags", "bugs", "Features", "vmx flags": // long, and not ours
		default:
			block[name] = strings.TrimSpace(value)
		}
	}
	if len(block) > 0 {
		blocks = append(blocks, block)
	}
	return blocks
}
