package identify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/shared/identify"
	"holdfast/shared/report"
)

func TestPlaceholdersIdentifyNothing(t *testing.T) {
	for _, value := range []string{
		"", "  ", "N/A", "None", "Unknown", "Not Specified", "Not Present", "Not Available", "Not Installed",
		"Default string", "System Product Name", "System manufacturer", "System Serial Number",
		"Chassis Serial Number", "No Asset Tag", "<BAD INDEX>", "<OUT OF SPEC>", "To Be Filled By O.E.M.",
		"to be  filled by o.e.m.", "OEM", "Not Applicable", "INVALID", "0", "0000000000", "00-00-00", "FFFFFFFF",
		"xxxxxxx", "........", "123456789", "0123456789", " default STRING ",
	} {
		if !identify.Placeholder(value) {
			t.Errorf("%q passes as a value", value)
		}
	}
}

func TestGoodSerialNumbersAreNoPlaceholders(t *testing.T) {
	for _, value := range []string{
		"5CG1234XYZ", "PF0ABCDE", "1.0", "2.1-7", "H8B5SN3", "C02XK0ABJG5J", "VMware-56 4d 11 22", "123456780",
		"SN0001", "00000001", "NONE42", "OEM-4711", "UNKNOWN-7", "1234-5678-9012", "000000000000000a",
	} {
		if identify.Placeholder(value) {
			t.Errorf("%q is refused", value)
		}
	}
}

func TestCleanGivesOneForm(t *testing.T) {
	got := identify.Clean(identify.Evidence{
		Maker: " Dell  Inc. ", Serial: " h8b5sn3 ", UUID: "4C4C4544-0042-3510-8052-B4C04F4A4D32",
		MACs: []string{
			"00-1B-21-AA-BB-CC", "00:1b:21:aa:bb:cc", "00:15:5d:01:02:03",
			"52:54:00:12:34:56", "01:00:5e:00:00:01", "00:00:00:00:00:00", "00:50:56:c0:00:08", "nonsense", "",
		},
	})
	want := identify.Evidence{
		Maker: "Dell Inc.", Serial: "H8B5SN3", UUID: "4c4c4544-0042-3510-8052-b4c04f4a4d32",
		MACs: []string{"00:15:5d:01:02:03", "00:1b:21:aa:bb:cc"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence differs:\n%s", diff)
	}
	if diff := cmp.Diff(got, identify.Clean(got)); diff != "" {
		t.Errorf("cleaning twice changes the evidence:\n%s", diff)
	}
}

func TestSharedUUIDsAreDroppedInEitherByteOrder(t *testing.T) {
	for _, value := range []string{
		"00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
		"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009", "4711", "",
		"58585858-5858-5858-5858-585858585858", "20202020-2020-2020-2020-202020202020",
	} {
		if got := identify.Clean(identify.Evidence{UUID: value}).UUID; got != "" {
			t.Errorf("%q is kept as %q", value, got)
		}
	}
}

func TestSwapUUIDTurnsTheFirstThreeFields(t *testing.T) {
	const one, other = "564d1122-3344-5566-7788-99aabbccddee", "22114d56-4433-6655-7788-99aabbccddee"
	if got := identify.SwapUUID(one); got != other {
		t.Errorf("%s becomes %s, want %s", one, got, other)
	}
	if got := identify.SwapUUID(other); got != one {
		t.Errorf("%s does not come back: %s", other, got)
	}
	if got := identify.SwapUUID("none"); got != "" {
		t.Errorf("what is no UUID becomes %q", got)
	}
}

func TestEvidenceOfSectionsIsTheMachinesOwn(t *testing.T) {
	system := &report.System{Maker: "Dell Inc.", Serial: "H8B5SN3", UUID: "4c4c4544-0042-3510-8052-b4c04f4a4d32",
		Board: report.Board{Serial: "/H8B5SN3/CNWS2/"}}
	network := &report.Network{Interfaces: []report.Interface{
		{Device: "eth0", MAC: "00:1b:21:aa:bb:cc"},
		{Device: "dock0", MAC: "00:1b:21:aa:bb:dd", Removable: true},
		{Device: "br0", MAC: "00:1b:21:aa:bb:ee", Virtual: true},
	}}
	want := identify.Evidence{Maker: "Dell Inc.", Serial: "H8B5SN3", UUID: "4c4c4544-0042-3510-8052-b4c04f4a4d32",
		MACs: []string{"00:1b:21:aa:bb:cc"}}
	if diff := cmp.Diff(want, identify.FromSections(system, network)); diff != "" {
		t.Errorf("evidence differs:\n%s", diff)
	}

	system.Serial = "To Be Filled By O.E.M."
	if got := identify.FromSections(system, nil).Serial; got != "" {
		t.Errorf("serial number is %q, want none rather than the board's", got)
	}
	system.Machine, system.Serial = "container", "H8B5SN3"
	if got := identify.FromSections(system, nil); got.Serial != "" || got.UUID != "" {
		t.Errorf("a container takes its host's numbers: %+v", got)
	}
	if diff := cmp.Diff(identify.Evidence{}, identify.FromSections(nil, nil)); diff != "" {
		t.Errorf("nothing gives evidence:\n%s", diff)
	}
}
