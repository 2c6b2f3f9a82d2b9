package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// world is what all machines of a fleet have in common.
type world struct {
	seed   uint64
	epoch  time.Time // when the fleet began; all its dates lie around it
	models []model
	titles catalogue
}

func newWorld(seed uint64, titles int, epoch time.Time) *world {
	return &world{seed: seed, epoch: epoch.UTC().Truncate(time.Minute), models: models(), titles: newCatalogue(seed, titles)}
}

// machine is one made-up device after a number of changes. Everything about it
// follows from the seed, its number and its changes, and is made when wanted,
// so that a device that nobody looks at takes no memory.
type machine struct {
	*world
	*model
	number int
	state  state
}

// topics keep the chance of one part of a machine apart from that of others.
const (
	topicModel = iota
	topicSystem
	topicHardware
	topicSoftware
	topicNetwork
	topicPeripheral
	topicUser
	topicChange // and above: one for each change
)

func (w *world) random(number, topic int) *rand.Rand {
	return rand.New(rand.NewPCG(w.seed^uint64(number)<<20, uint64(topic)))
}

// machine gives device number after so many changes.
func (w *world) machine(number, changes int) *machine {
	m := &machine{world: w, number: number}
	share := w.random(number, topicModel).IntN(1000)
	for i := range w.models {
		m.model = &w.models[i]
		if share -= m.often; share < 0 {
			break
		}
	}
	m.state = m.begin()
	for change := range changes {
		m.state.change(m, w.random(number, topicChange+change))
	}
	return m
}

// scramble maps numbers one to one onto numbers that look like chance, so
// that serial numbers and addresses are unique without a list of them.
func (m *machine) scramble(salt int) uint32 {
	x := uint32(m.number)*0x9E3779B1 + uint32(m.seed) + uint32(salt)*0x85EBCA6B
	x ^= x >> 15
	x *= 0x2C1B3C6D
	x ^= x >> 12
	return x
}

// code writes number with length characters of digits and capitals that
// cannot be mistaken for one another.
func code(number uint64, length int) string {
	const letters = "0123456789BCDFGHJKLMNPQRSTVWXYZ2"
	text := make([]byte, length)
	for i := range text {
		text[i] = letters[number%31]
		number /= 31
	}
	return string(text)
}

func (m *machine) serial() string {
	unique := uint64(m.scramble(1))
	switch {
	case m.maker == "VMware, Inc.":
		return fmt.Sprintf("VMware-42 1f %02x %02x %02x %02x 7c 11-9d 5e 20 4b 8a %02x %02x 01",
			byte(unique>>24), byte(unique>>16), byte(unique>>8), byte(unique), byte(m.number>>8), byte(m.number))
	case m.maker == "LENOVO":
		return "PF" + code(unique, 7)
	case strings.HasPrefix(m.maker, "HP"):
		return "5CG" + code(unique, 7)
	case m.maker == "Microsoft Corporation":
		return fmt.Sprintf("0%011d", unique)
	case m.maker == "Apple Inc.":
		return "F" + code(unique, 9)
	}
	return code(unique, 7)
}

func (m *machine) uuid() string {
	a, b, c, d := m.scramble(2), m.scramble(3), m.scramble(4), m.scramble(5)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%04x%08x", a, b>>16, b&0xfff, c>>20, c&0xffff, d)
}

// mac gives the address of one network card. Its lower half is unique within
// the fleet for up to four million devices.
func (m *machine) mac(card int) string {
	unique := (uint32(m.number*4+card)*0x5BD1E5 + uint32(m.seed)) & 0xffffff
	return fmt.Sprintf("%s:%02x:%02x:%02x", m.oui, unique>>16, unique>>8&0xff, unique&0xff)
}

// department is where the device stands.
func (m *machine) department() string {
	all := departments()
	return all[m.random(m.number, topicUser).IntN(len(all))]
}

func (m *machine) hostname() string {
	kind := "PC"
	switch {
	case m.virtual():
		kind = "VM"
	case m.server():
		kind = "SRV"
	case m.portable():
		kind = "LT"
	}
	return fmt.Sprintf("%s-%s-%05d", m.department(), kind, m.number)
}

// bought is the day on which the device was bought: up to six years ago.
func (m *machine) bought() time.Time {
	return m.epoch.AddDate(0, 0, -int(m.random(m.number, topicHardware).Float64()*6*365))
}

func (m *machine) agent(version string) report.Agent {
	architecture := "amd64"
	if m.family == darwin {
		architecture = "arm64"
	}
	return report.Agent{Version: version, OS: m.family.String(), Arch: architecture}
}

// evidence is what enrolment tells of the device.
func (m *machine) evidence() identify.Evidence {
	return identify.FromSections(m.system(), m.network())
}
