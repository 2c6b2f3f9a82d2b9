package device

import (
	"slices"
	"strings"

	"holdfast/shared/identify"
)

// Known is a device of which a piece of evidence is known already.
type Known struct {
	Device   Key
	Evidence identify.Evidence
}

// Basis is what a device was recognised by.
type Basis string

// What devices are recognised by, from the strongest down.
const (
	ByCredential Basis = "credential"
	BySerial     Basis = "serial"
	ByUUID       Basis = "uuid"
	ByMAC        Basis = "mac"
)

// Verdict is which known device the evidence means.
type Verdict struct {
	Device   Key   // 0: none, it is a new one
	Basis    Basis // of a match
	Possibly []Key // devices that it may be the same as, without proof; only of a new one
}

// Recognise decides which known device shows this evidence. own is the device
// whose credential the agent still has, or 0. All evidence is clean.
//
// The strongest ground that yields anything decides: the agent's own
// credential; the serial number with its maker; the SMBIOS UUID, also in the
// other byte order; a shared stable MAC. The reasons for the exceptions:
//
//   - One UUID with two serial numbers is a vendor who ships one UUID, or a
//     cloned virtual machine: two devices, and nothing to tell anybody.
//   - One serial number with two UUIDs and no MAC in common is a serial number
//     that means nothing though no list of placeholders has it: a new device,
//     and a hint on both. With a MAC in common it is a new firmware.
//   - One UUID without serial numbers and with other MACs may be a clone or a
//     new network card: a new device, and a hint.
//   - One MAC with two UUIDs may be a new board or an adapter that went from
//     hand to hand: a new device, and a hint.
//   - Several devices on the same ground cannot be told apart: a new device,
//     and a hint. Nothing is merged silently; people can merge, and undo it.
func Recognise(evidence identify.Evidence, own Key, known []Known) Verdict {
	for _, one := range known {
		if own != 0 && one.Device == own && compare(evidence, one.Evidence).credible() {
			return Verdict{Device: own, Basis: ByCredential}
		}
	}
	var possibly []Key
	for _, basis := range []Basis{BySerial, ByUUID, ByMAC} {
		var matches []Key
		for _, one := range known {
			switch compare(evidence, one.Evidence).on(basis) {
			case same:
				matches = append(matches, one.Device)
			case doubtful:
				possibly = append(possibly, one.Device)
			case unknown, different:
			}
		}
		if len(matches) == 1 {
			return Verdict{Device: matches[0], Basis: basis}
		}
		if len(matches) > 1 {
			possibly = append(possibly, matches...)
			break
		}
	}
	slices.Sort(possibly)
	return Verdict{Possibly: slices.Compact(possibly)}
}

// agreement is how two pieces of evidence relate in one respect.
type agreement int

const (
	unknown agreement = iota // one of them does not say
	same
	doubtful // the same here, but something else speaks against it
	different
)

// relation is how evidence relates to that of a known device.
type relation struct{ serial, uuid, mac agreement }

func compare(a, b identify.Evidence) relation {
	var r relation
	if a.Serial != "" && b.Serial != "" {
		// Serial numbers repeat across makers, and makers write themselves in
		// several ways: "HP" and "Hewlett-Packard". The first word must agree.
		r.serial = different
		if strings.EqualFold(a.Serial, b.Serial) {
			r.serial = same
			if a.Maker != "" && b.Maker != "" && maker(a.Maker) != maker(b.Maker) {
				r.serial = doubtful
			}
		}
	}
	if a.UUID != "" && b.UUID != "" {
		r.uuid = different
		if strings.EqualFold(a.UUID, b.UUID) || identify.SwapUUID(a.UUID) == strings.ToLower(b.UUID) {
			r.uuid = same
		}
	}
	if len(a.MACs) > 0 && len(b.MACs) > 0 {
		r.mac = different
		if slices.ContainsFunc(a.MACs, func(address string) bool { return slices.Contains(b.MACs, address) }) {
			r.mac = same
		}
	}
	return r
}

// maker brings the common spellings of makers together.
func maker(name string) string {
	word := strings.ToLower(strings.TrimRight(strings.SplitN(name, " ", 2)[0], ".,"))
	switch word {
	case "hp", "hpe", "hewlett-packard", "hewlett":
		return "hp"
	case "asus", "asustek":
		return "asus"
	case "micro-star", "msi":
		return "msi"
	}
	return word
}

// credible reports whether an agent with the device's own credential can be
// speaking for it: a disk that moved to another machine brings the credential
// along.
func (r relation) credible() bool {
	return r.serial != different && (r.uuid != different || r.serial == same || r.mac == same)
}

// on gives what the relation says on one ground.
func (r relation) on(basis Basis) agreement {
	switch basis {
	case BySerial:
		switch {
		case r.serial == doubtful && r.uuid == same:
			return same
		case r.serial == same && r.uuid == different && r.mac != same:
			return doubtful
		}
		return r.serial
	case ByUUID:
		switch {
		case r.uuid != same || r.serial == different:
			return different
		case r.serial == unknown && r.mac == different:
			return doubtful
		}
		return same
	case ByMAC:
		switch {
		case r.mac != same || r.serial == different:
			return different
		case r.uuid == different:
			return doubtful
		}
		return same
	case ByCredential:
	}
	return unknown
}
