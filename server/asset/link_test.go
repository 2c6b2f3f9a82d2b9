package asset_test

import (
	"testing"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

func (b body) queue(t *testing.T) map[string]asset.Waiting {
	t.Helper()
	page, err := b.Queue(b.ctx, list.Query{})
	if err != nil {
		t.Fatal(err)
	}
	waiting := map[string]asset.Waiting{}
	for _, w := range page.Items {
		waiting[w.Name] = w
	}
	return waiting
}

func TestReportFindsTheAssetBySerialNumber(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InStock)
		key, uid := b.device(t, machine{name: "pc-1", maker: "Dell Inc.", model: "Latitude 5440", serial: "sn-a-1"})
		b.reported(t, key)
		now := b.get(t, made.ID)
		if now.Device != key || now.DeviceID != uid || now.LinkedBy != asset.ByRule {
			t.Errorf("it is linked to %d by %q", now.Device, now.LinkedBy)
		}
		if len(b.queue(t)) != 0 {
			t.Error("the device still waits")
		}
		events, err := b.History(b.ctx, made.ID)
		if err != nil || events[0].Action != "asset.linked" || !events[0].ByRule {
			t.Errorf("the history is %+v, %v", events, err)
		}
	})
}

func TestAssetFindsTheDeviceThatWaits(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		bySerial, _ := b.device(t, machine{name: "pc-1", serial: "SN-A-1"})
		byTag, _ := b.device(t, machine{name: "pc-2", tag: "a-2"})
		b.reported(t, bySerial, byTag)
		if first := b.create(t, b.laptop("A-1"), asset.InUse); first.Device != bySerial {
			t.Errorf("the first is linked to %d", first.Device)
		}
		wish := b.laptop("A-9")
		second := b.create(t, wish, asset.InUse)
		if second.Device != 0 {
			t.Fatalf("the second is linked to %d", second.Device)
		}
		wish.Tag = "A-2"
		if second, err := b.Change(b.ctx, second.ID, wish); err != nil || second.Device != byTag {
			t.Errorf("with its tag the second is linked to %d, %v", second.Device, err)
		}
	})
}

func TestRuleLinksOnlyWhatIsClear(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		wish := func(tag, maker, serial string, kind asset.Kind) asset.Wish {
			return asset.Wish{Tag: tag, Maker: maker, Serial: serial, Kind: kind, UnitID: b.north.ID}
		}
		b.create(t, wish("B-1", "Dell", "TWIN", asset.Laptop), asset.InUse)
		b.create(t, wish("B-2", "", "TWIN", asset.Laptop), asset.InUse)
		b.create(t, wish("B-3", "Lenovo", "THINK", asset.Laptop), asset.InUse)
		b.create(t, wish("B-4", "Dell", "SERIAL-4", asset.Laptop), asset.InUse)
		b.create(t, wish("B-5", "", "", asset.Laptop), asset.InUse)
		b.create(t, wish("B-6", "Dell", "SHARED", asset.Monitor), asset.InUse)
		b.create(t, wish("B-7", "Dell", "ONLY", asset.Laptop), asset.InUse)
		b.create(t, wish("B-8", "Dell", "EIGHT", asset.Laptop), asset.InUse)
		for name, test := range map[string]struct {
			machine machine
			reason  asset.Reason // none: linked
		}{
			"two assets have its number":                      {machine{serial: "twin", maker: "Dell Inc."}, asset.Several},
			"the maker is another":                            {machine{serial: "THINK", maker: "HP"}, asset.Disagree},
			"tag and number name two":                         {machine{serial: "EIGHT", tag: "B-5"}, asset.Several},
			"the tag's number is another":                     {machine{serial: "OTHER", tag: "B-4"}, asset.Disagree},
			"its number is a monitor's":                       {machine{serial: "SHARED"}, asset.Disagree},
			"the maker is written otherwise, and all is well": {machine{serial: "only", maker: "DELL COMPUTER CORP."}, ""},
		} {
			test.machine.name = name
			key, _ := b.device(t, test.machine)
			b.reported(t, key)
			b.reported(t, key) // the same again changes nothing
			w, waits := b.queue(t)[name]
			if waits != (test.reason != "") {
				t.Errorf("%s: waits is %v", name, waits)
			}
			if waits && (len(w.Candidates) == 0 || w.Candidates[0].Reason != test.reason) {
				t.Errorf("%s: the candidates are %+v", name, w.Candidates)
			}
		}
		if count, err := b.CountUnclear(b.ctx); err != nil || count != 5 {
			t.Errorf("%d devices are not clear, %v", count, err)
		}
	})
}

func TestRuleTakesItsLinkBackWhenAnotherAssetFits(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		byRule, _ := b.device(t, machine{name: "pc-1", serial: "TWIN-1"})
		byHand, uid := b.device(t, machine{name: "pc-2", serial: "TWIN-2"})
		wish := b.laptop("A-1")
		wish.Serial = "TWIN-1"
		first := b.create(t, wish, asset.InUse)
		if first.Device != byRule {
			t.Fatal("the rule did not link the first")
		}
		wish.Tag = "A-2"
		second := b.create(t, wish, asset.InUse)
		if now := b.get(t, first.ID); now.Device != 0 || second.Device != 0 {
			t.Errorf("linked are %d and %d", now.Device, second.Device)
		}
		if w := b.queue(t)["pc-1"]; len(w.Candidates) != 2 || w.Candidates[0].Reason != asset.Several {
			t.Errorf("it waits with %+v", w.Candidates)
		}
		wish.Tag, wish.Serial = "A-3", ""
		third := b.create(t, wish, asset.InUse)
		if _, err := b.Link(b.ctx, third.ID, uid); err != nil {
			t.Fatal(err)
		}
		wish.Tag, wish.Serial = "A-4", "TWIN-2"
		b.create(t, wish, asset.InUse)
		if now := b.get(t, third.ID); now.Device != byHand {
			t.Error("the rule undid what a person did")
		}
	})
}

func TestPlaceholdersFindNothing(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, asset.Wish{Tag: "Asset Tag", Kind: asset.Laptop, UnitID: b.north.ID}, asset.InUse)
		key, _ := b.device(t, machine{name: "pc-1", serial: "System Serial Number", tag: "Asset Tag"})
		b.reported(t, key)
		if now := b.get(t, made.ID); now.Device != 0 {
			t.Error("a placeholder found an asset")
		}
	})
}

func TestAssetHasOneDevice(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		first, _ := b.device(t, machine{name: "pc-1", serial: "SN-A-1"})
		second, uid := b.device(t, machine{name: "pc-2", serial: "SN-A-1"})
		b.reported(t, first, second)
		if now := b.get(t, made.ID); now.Device != first {
			t.Errorf("it is linked to %d", now.Device)
		}
		if w := b.queue(t)["pc-2"]; len(w.Candidates) != 1 || w.Candidates[0].Reason != asset.Taken || w.Candidates[0].Device != "pc-1" {
			t.Errorf("the second waits with %+v", w.Candidates)
		}
		_, err := b.Link(b.ctx, made.ID, uid)
		wants(t, err, fault.Conflict)
		other := b.create(t, b.laptop("A-2"), asset.InUse)
		err = b.db.Tx(b.ctx, func(tx *store.Tx) error { return b.Bind(b.ctx, tx, made.ID, second, asset.ByHand) })
		wants(t, err, fault.Conflict)
		if _, err := b.Link(b.ctx, other.ID, uid); err != nil {
			t.Fatal(err)
		}
		if len(b.queue(t)) != 0 {
			t.Error("something still waits")
		}
	})
}

func TestWhatAPersonPartedStaysApart(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, b.laptop("A-1"), asset.InUse)
		key, uid := b.device(t, machine{name: "pc-1", serial: "SN-A-1"})
		b.reported(t, key)
		if _, err := b.Unlink(b.as(identity.HelpDesk, b.north), made.ID); err != nil {
			t.Fatal(err)
		}
		b.reported(t, key)
		wish := made.Wish()
		wish.Note = "looked at"
		if now, err := b.Change(b.ctx, made.ID, wish); err != nil || now.Device != 0 {
			t.Errorf("the rule linked them again: %d, %v", now.Device, err)
		}
		if w := b.queue(t)["pc-1"]; len(w.Candidates) != 1 || w.Candidates[0].Reason != asset.Parted {
			t.Errorf("it waits with %+v", w.Candidates)
		}
		if now, err := b.Link(b.ctx, made.ID, uid); err != nil || now.Device != key || now.LinkedBy != asset.ByHand {
			t.Errorf("by hand: %+v, %v", now, err)
		}
	})
}

func TestDeviceBecomesAnAssetByOneClick(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		_, tagged := b.device(t, machine{name: "pc-1", maker: "LENOVO", model: "T14", serial: "PF1", tag: "IT-77", unit: b.south})
		_, plain := b.device(t, machine{name: "pc-2", kind: "desktop", serial: "Default string"})
		made, err := b.Own(b.ctx, tagged, "")
		if err != nil || made.Tag != "IT-77" || made.Kind != asset.Laptop || made.Serial != "PF1" || made.Status != asset.InUse ||
			made.UnitID != b.south.ID || made.DeviceName != "pc-1" || made.LinkedBy != asset.ByHand {
			t.Fatalf("it became %+v, %v", made, err)
		}
		if made, err = b.Own(b.ctx, plain, ""); err != nil || made.Tag != "IT-78" || made.Serial != "" || made.Kind != asset.Desktop {
			t.Fatalf("the second became %+v, %v", made, err)
		}
		_, err = b.Own(b.ctx, plain, "")
		wants(t, err, fault.Conflict)
		_, err = b.Own(b.as(identity.HelpDesk, b.north), tagged, "")
		wants(t, err, fault.Missing)
		_, err = b.Own(b.ctx, id.New[device.Mark](), "")
		wants(t, err, fault.Missing)
	})
}

func TestVirtualMachinesDoNotWait(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		b.device(t, machine{name: "vm", kind: "virtual"})
		b.device(t, machine{name: "ct", kind: "container"})
		b.device(t, machine{name: "pc"})
		waiting := b.queue(t)
		if _, waits := waiting["pc"]; !waits || len(waiting) != 1 {
			t.Errorf("waiting are %v", waiting)
		}
	})
}

func TestDecidedAndObservedStandSideBySide(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		wish := b.laptop("A-1")
		wish.CustodianID = b.okafor.ID
		made := b.create(t, wish, asset.InUse)
		key, uid := b.device(t, machine{
			name: "pc-1", kind: "desktop", maker: "Dell Inc.", model: "Dell Latitude 5440", serial: "SN-A-1", tag: "a-1", user: "CORP\\smith", unit: b.south,
		})
		b.reported(t, key)
		now := b.get(t, made.ID)
		want := map[string]asset.Fact{
			"tag":       {Key: "tag", Decided: "A-1", Observed: "a-1"},
			"kind":      {Key: "kind", Decided: "laptop", Observed: "desktop", Drift: true},
			"maker":     {Key: "maker", Decided: "Dell", Observed: "Dell Inc."},
			"model":     {Key: "model", Decided: "Latitude 5440", Observed: "Dell Latitude 5440"},
			"serial":    {Key: "serial", Decided: "SN-A-1", Observed: "SN-A-1"},
			"custodian": {Key: "custodian", Decided: "R. Okafor", Observed: "CORP\\smith"},
			"unit":      {Key: "unit", Decided: "North", Observed: "South", Drift: true},
		}
		if len(now.Facts) != len(want) || now.Drifts() != 2 {
			t.Errorf("the facts are %+v", now.Facts)
		}
		for _, fact := range now.Facts {
			if fact != want[fact.Key] {
				t.Errorf("%+v instead of %+v", fact, want[fact.Key])
			}
		}
		if now.Kind != asset.Laptop || now.Unit != "North" {
			t.Error("what was observed overwrote what was decided")
		}
		panel, err := b.PanelOf(b.ctx, uid)
		if err != nil || panel.Asset == nil || panel.Asset.Tag != "A-1" || panel.MayOwn {
			t.Errorf("the panel is %+v, %v", panel, err)
		}
		// Who may see the asset and not the device sees nothing of the device.
		found, err := b.Get(b.as(identity.HelpDesk, b.north), made.ID)
		if err != nil || found.DeviceName != "" || !found.DeviceID.IsZero() || found.Drifts() != 0 {
			t.Errorf("north sees %+v, %v", found, err)
		}
	})
}

func TestPanelOfADeviceWithoutAnAssetProposesATag(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		_, uid := b.device(t, machine{name: "pc-1", tag: "IT-5"})
		panel, err := b.PanelOf(b.ctx, uid)
		if err != nil || panel.Asset != nil || !panel.MayOwn || panel.Tag != "IT-5" {
			t.Errorf("the panel is %+v, %v", panel, err)
		}
		if panel, err = b.PanelOf(b.as(identity.Manager, b.north), uid); err != nil || panel.MayOwn {
			t.Errorf("a manager's panel is %+v, %v", panel, err)
		}
	})
}
