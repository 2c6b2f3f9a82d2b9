package security

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// readFirewall asks the programs that manage rules, by their files, and then
// the kernel for rules that somebody wrote by hand. A firewall is on when
// something that nobody allowed does not come in.
func readFirewall(ctx context.Context, h host.Host, running *processes) (report.Firewall, error) {
	yes, no := true, false
	product := ""
	if h.Exists("/etc/ufw/ufw.conf") {
		product = "ufw"
		if setting(h, "/etc/ufw/ufw.conf", "ENABLED") == "yes" {
			return report.Firewall{Product: product, Active: &yes}, nil
		}
	}
	if h.Exists("/usr/sbin/firewalld") || h.Exists("/usr/bin/firewalld") {
		product = "firewalld"
		if runs := running.any("firewalld"); runs != nil && *runs {
			return report.Firewall{Product: product, Active: runs}, nil
		}
	}
	for _, rules := range []ruleSet{
		{"nftables", nftablesIdle, "/usr/sbin/nft", []string{"list", "ruleset"}, nftablesCloses},
		{"iptables", iptablesIdle, "/usr/sbin/iptables-legacy", []string{"-S", "INPUT"}, iptablesCloses},
	} {
		closes, known, err := rules.closes(ctx, h)
		if err != nil {
			return report.Firewall{Product: product}, fmt.Errorf("read the rules of %s: %w", rules.product, err)
		}
		if !known {
			return report.Firewall{Product: product}, nil
		}
		if closes {
			return report.Firewall{Product: rules.product, Active: &yes}, nil
		}
	}
	return report.Firewall{Product: product, Active: &no}, nil
}

// ruleSet is a kind of rules that the kernel can hold. It shows them to a
// program only, never in a file; but files tell when there are none.
type ruleSet struct {
	product string
	idle    func(host.Host) bool
	program string
	args    []string
	reads   func(output string) bool
}

// closes reports whether the rules keep anything out, if that can be known.
func (r ruleSet) closes(ctx context.Context, h host.Host) (closes, known bool, err error) {
	if r.idle(h) {
		return false, true, nil
	}
	if !h.Exists(r.program) {
		return false, false, nil
	}
	output, err := h.Command(ctx, r.program, r.args...)
	if err != nil {
		return false, false, err
	}
	return r.reads(string(output)), true, nil
}

// nftablesIdle reports whether the kernel has no nftables: its module is
// neither loaded nor built in.
func nftablesIdle(h host.Host) bool {
	if h.Exists("/sys/module/nf_tables") || !h.Exists("/sys/module") {
		return false
	}
	builtIn, err := h.ReadFile("/lib/modules/" + h.Text("/proc/sys/kernel/osrelease") + "/modules.builtin")
	return err == nil && !strings.Contains(string(builtIn), "/nf_tables.ko")
}

// iptablesIdle reports whether the kernel has no filter table of the old
// kind. The file is not there until the module is loaded, and then for root
// alone: what may not be read is no sign of no rules.
func iptablesIdle(h host.Host) bool {
	tables, err := h.ReadFile("/proc/net/ip_tables_names")
	if errors.Is(err, fs.ErrNotExist) {
		return h.Exists("/proc/net")
	}
	return err == nil && !strings.Contains(string(tables), "filter")
}

// nftablesCloses looks for a chain for incoming packets that drops what no
// rule accepts, by its policy or by a last rule without a condition.
func nftablesCloses(output string) bool {
	incoming := false
	for line := range strings.Lines(output) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "chain", words[0] == "}":
			incoming = false
		case words[0] == "type":
			incoming = strings.Contains(line, "hook input")
			if incoming && strings.Contains(line, "policy drop") {
				return true
			}
		case incoming && (words[0] == "drop" || words[0] == "reject"):
			return true
		case incoming && words[0] == "counter" && (strings.Contains(line, " drop") || strings.Contains(line, " reject")):
			return true
		}
	}
	return false
}

// iptablesCloses does the same for the chain INPUT.
func iptablesCloses(output string) bool {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "-P INPUT DROP" || line == "-A INPUT -j DROP" || strings.HasPrefix(line, "-A INPUT -j REJECT") {
			return true
		}
	}
	return false
}

// setting reads KEY=value from a file that a shell would read.
func setting(h host.Host, path, key string) string {
	for line := range strings.Lines(h.Text(path)) {
		if value, is := strings.CutPrefix(strings.TrimSpace(line), key+"="); is {
			return strings.ToLower(strings.Trim(value, `"' `))
		}
	}
	return ""
}
