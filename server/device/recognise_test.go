package device_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
	"holdfast/shared/identify"
)

func TestDevicesAreRecognised(t *testing.T) {
	const (
		uuid, swapped, otherUUID = "4c4c4544-0042-3510-8052-b4c04f4a4d32", "44454c4c-4200-1035-8052-b4c04f4a4d32", "11111111-2222-3333-4444-555555555556"
		mac, otherMAC            = "00:1b:21:00:00:01", "00:1b:21:00:00:02"
	)
	type evidence = identify.Evidence
	known := func(list ...evidence) (all []device.Known) {
		for i, one := range list {
			all = append(all, device.Known{Device: device.Key(i + 1), Evidence: one})
		}
		return all
	}
	for name, test := range map[string]struct {
		shown evidence
		own   device.Key
		known []device.Known
		want  device.Verdict
	}{
		"nothing is known":     {evidence{Serial: "A"}, 0, nil, device.Verdict{}},
		"no evidence":          {evidence{}, 0, known(evidence{}), device.Verdict{}},
		"its own credential":   {evidence{}, 1, known(evidence{Serial: "A"}), device.Verdict{Device: 1, Basis: device.ByCredential}},
		"a disk that moved":    {evidence{Serial: "B"}, 1, known(evidence{Serial: "A"}), device.Verdict{}},
		"serial and maker":     {evidence{Maker: "Dell Inc.", Serial: "A"}, 0, known(evidence{Maker: "Dell", Serial: "a"}), device.Verdict{Device: 1, Basis: device.BySerial}},
		"makers renamed":       {evidence{Maker: "HP", Serial: "A"}, 0, known(evidence{Maker: "Hewlett-Packard", Serial: "a"}), device.Verdict{Device: 1, Basis: device.BySerial}},
		"another maker":        {evidence{Maker: "Acer", Serial: "A"}, 0, known(evidence{Maker: "Dell", Serial: "A"}), device.Verdict{Possibly: []device.Key{1}}},
		"the UUID":             {evidence{UUID: uuid}, 0, known(evidence{UUID: uuid}), device.Verdict{Device: 1, Basis: device.ByUUID}},
		"the UUID swapped":     {evidence{UUID: swapped}, 0, known(evidence{UUID: uuid}), device.Verdict{Device: 1, Basis: device.ByUUID}},
		"a shared UUID":        {evidence{Serial: "A", UUID: uuid}, 0, known(evidence{Serial: "B", UUID: uuid}), device.Verdict{}},
		"a clone":              {evidence{UUID: uuid, MACs: []string{mac}}, 0, known(evidence{UUID: uuid, MACs: []string{otherMAC}}), device.Verdict{Possibly: []device.Key{1}}},
		"a new board":          {evidence{Serial: "A", UUID: otherUUID, MACs: []string{mac}}, 0, known(evidence{Serial: "A", UUID: uuid, MACs: []string{mac}}), device.Verdict{Device: 1, Basis: device.BySerial}},
		"a meaningless serial": {evidence{Serial: "A", UUID: otherUUID}, 0, known(evidence{Serial: "A", UUID: uuid}), device.Verdict{Possibly: []device.Key{1}}},
		"a network card":       {evidence{MACs: []string{mac, otherMAC}}, 0, known(evidence{MACs: []string{otherMAC}}), device.Verdict{Device: 1, Basis: device.ByMAC}},
		"a card that moved":    {evidence{Serial: "A", MACs: []string{mac}}, 0, known(evidence{Serial: "B", MACs: []string{mac}}), device.Verdict{}},
		"two of a kind":        {evidence{Serial: "A"}, 0, known(evidence{Serial: "A"}, evidence{Serial: "A"}), device.Verdict{Possibly: []device.Key{1, 2}}},
		"serial before UUID":   {evidence{Serial: "A", UUID: uuid}, 0, known(evidence{UUID: uuid}, evidence{Serial: "A"}), device.Verdict{Device: 2, Basis: device.BySerial}},
	} {
		if diff := cmp.Diff(test.want, device.Recognise(test.shown, test.own, test.known)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestRecognitionDoesNotDependOnWhoIsWho(t *testing.T) {
	a := identify.Evidence{Maker: "Dell", Serial: "A", MACs: []string{"00:1b:21:00:00:01"}}
	b := identify.Evidence{Serial: "A", UUID: "4c4c4544-0042-3510-8052-b4c04f4a4d32"}
	one := device.Recognise(a, 0, []device.Known{{Device: 1, Evidence: b}})
	other := device.Recognise(b, 0, []device.Known{{Device: 1, Evidence: a}})
	if diff := cmp.Diff(one, other); diff != "" {
		t.Error(diff)
	}
}
