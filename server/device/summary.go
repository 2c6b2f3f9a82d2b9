package device

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// summary is the row of a device in table devices, as far as reports write it.
type summary struct {
	name                                string
	kind                                Kind
	maker, model, serial, assetTag      *string
	osFamily, osName, osVersion, kernel *string
	arch, cpu                           *string
	cores                               *int32
	memory, disk, free                  *int64
	address, mac, lastUser              *string
	booted                              *time.Time
	updates, securityUpdates            *int32
	restart                             *bool
}

// learn takes from a section what the row shows. What the section does not
// say stays as it was.
func (s *summary) learn(section report.Section, others sections) {
	switch facts := section.(type) {
	case *report.System:
		know(&s.maker, facts.Maker)
		know(&s.model, facts.Model)
		know(&s.serial, facts.Serial)
		know(&s.assetTag, facts.AssetTag)
		osName := ""
		if os, isOS := others["os"].(*report.OS); isOS {
			osName = os.Title + " " + os.Edition
		} else if s.osName != nil {
			osName = *s.osName
		}
		battery, _ := others["battery"].(*report.Battery)
		s.kind = KindOf(facts, osName, s.kind == Laptop || battery != nil && len(battery.Batteries) > 0)
	case *report.OS:
		s.name = cmp.Or(clip(facts.Hostname), s.name)
		know(&s.osFamily, facts.Family)
		know(&s.osName, strings.TrimSpace(facts.Title+" "+facts.Edition))
		know(&s.osVersion, facts.Version)
		know(&s.kernel, facts.Kernel)
		know(&s.arch, facts.Arch)
		if !facts.BootedAt.IsZero() {
			s.booted = new(facts.BootedAt.UTC().Truncate(time.Microsecond))
		}
	case *report.CPU:
		if len(facts.Processors) > 0 {
			know(&s.cpu, facts.Processors[0].Model)
		}
		if facts.Cores > 0 {
			knowCount(&s.cores, &facts.Cores)
		}
		if s.arch == nil {
			know(&s.arch, facts.Arch)
		}
	case *report.Memory:
		knowSize(&s.memory, facts.TotalBytes)
	case *report.Storage:
		s.learnStorage(facts)
	case *report.Network:
		address, mac := primary(facts)
		know(&s.address, address)
		know(&s.mac, mac)
	case *report.User:
		know(&s.lastUser, facts.Last.Login)
	case *report.Update:
		knowCount(&s.updates, facts.PendingCount)
		knowCount(&s.securityUpdates, facts.SecurityCount)
		if facts.RestartRequired != nil {
			s.restart = facts.RestartRequired
		}
	}
}

// learnStorage adds up what stays in the device. A file system that is
// mounted twice, or has several subvolumes, counts once.
func (s *summary) learnStorage(facts *report.Storage) {
	var size, free int64
	for _, drive := range facts.Drives {
		if drive.Removable == nil || !*drive.Removable {
			size += drive.SizeBytes
		}
	}
	counted := map[string]bool{}
	for _, volume := range facts.Volumes {
		file := cmp.Or(volume.Device, volume.Mount)
		if volume.FreeBytes != nil && !counted[file] {
			free += *volume.FreeBytes
			counted[file] = true
		}
	}
	knowSize(&s.disk, size)
	if len(counted) > 0 {
		s.free = &free
	}
}

// primary chooses the interface that people mean by "its address": a real one
// before a virtual one, one that is up, IPv4 before IPv6.
func primary(network *report.Network) (address, mac string) {
	best := -1
	for _, one := range network.Interfaces {
		chosen, points := "", 0
		for _, text := range one.Addresses {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				continue
			}
			if points = max(points, 1); chosen == "" || prefix.Addr().Is4() && !strings.Contains(chosen, ".") {
				chosen = prefix.Addr().String()
			}
		}
		if strings.Contains(chosen, ".") {
			points += 2
		}
		if one.Up {
			points += 4
		}
		if !one.Virtual {
			points += 8
		}
		if points > best && (chosen != "" || one.MAC != "") {
			best, address, mac = points, chosen, one.MAC
		}
	}
	return address, mac
}

// key is one row of table device_keys.
type key struct{ kind, value string }

// keysOf lists what the facts of a section make a device found by.
func keysOf(section report.Section) (keys []key) {
	add := func(kind string, values ...string) {
		for _, value := range values {
			if value = clip(strings.ToLower(value)); value != "" && len(keys) < 200 {
				keys = append(keys, key{kind, value})
			}
		}
	}
	switch facts := section.(type) {
	case *report.System:
		keys = evidenceKeys(identify.FromSections(facts, nil))
		add(KeyModel, facts.Model)
		add(KeyTag, facts.AssetTag)
		if len(keys) > 0 && keys[0].kind != KeySerial { // found by it all the same
			add(KeyTag, facts.Serial)
		}
	case *report.OS:
		add(KeyName, facts.Hostname)
		if facts.Hostname != "" && facts.Domain != "" {
			add(KeyName, facts.Hostname+"."+facts.Domain)
		}
	case *report.Network:
		keys = evidenceKeys(identify.FromSections(nil, facts))
		stable := keys
		for _, one := range facts.Interfaces {
			if !slices.Contains(stable, key{KeyMAC, one.MAC}) {
				add(KeyAdapter, one.MAC)
			}
			for _, text := range one.Addresses {
				if prefix, err := netip.ParsePrefix(text); err == nil {
					add(KeyAddress, prefix.Addr().String())
				}
			}
		}
	case *report.User:
		add(KeyUser, facts.Last.Login, facts.Last.Person)
		for _, account := range facts.Accounts[:min(20, len(facts.Accounts))] {
			add(KeyUser, account.Login)
		}
	}
	return withWords(keys)
}

// evidenceKeys lists the keys that a device is recognised by.
func evidenceKeys(evidence identify.Evidence) (keys []key) {
	if evidence.Serial != "" {
		keys = append(keys, key{KeySerial, clip(strings.ToLower(evidence.Serial))})
	}
	if evidence.UUID != "" {
		keys = append(keys, key{KeyUUID, evidence.UUID})
	}
	for _, address := range evidence.MACs[:min(32, len(evidence.MACs))] {
		keys = append(keys, key{KeyMAC, address})
	}
	return keys
}

// clip cuts a text to what an index can hold beside others, and takes the
// space around it.
func clip(text string) string {
	const most = 255 // bytes
	text = strings.TrimSpace(text)
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

func know(column **string, text string) {
	if text = clip(text); text != "" {
		*column = &text
	}
}

func knowCount(column **int32, count *int) {
	if count != nil {
		*column = new(int32(min(*count, 1<<31-1))) //nolint:gosec // bounded
	}
}

func knowSize(column **int64, size int64) {
	if size > 0 {
		*column = &size
	}
}
