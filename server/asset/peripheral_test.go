package asset_test

import (
	"testing"

	"holdfast/server/asset"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/shared/report"
)

func screens(serials ...string) *report.Monitor {
	facts := &report.Monitor{}
	for _, serial := range serials {
		facts.Monitors = append(facts.Monitors, report.Screen{Maker: "Dell Inc.", Model: "U2723QE", Serial: serial})
	}
	return facts
}

func (b body) monitors(t *testing.T) []asset.Row {
	t.Helper()
	page, err := b.List(b.ctx, list.Query{Filters: []list.Filter{{Key: "kind", Values: []string{"monitor"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestMonitorBecomesAnAssetAndFollowsItsDevice(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first, uid := b.device(t, machine{name: "pc-1", unit: b.south})
		second, _ := b.device(t, machine{name: "pc-2"})
		b.section(t, first, report.OK, screens("CN0H3K"))
		b.reported(t, first)
		found := b.monitors(t)
		if len(found) != 1 || found[0].Serial != "CN0H3K" || found[0].Host != "pc-1" || found[0].Tag != "P-00001" || found[0].UnitID != b.south.ID {
			t.Fatalf("there are %+v", found)
		}
		panel, err := b.PanelOf(b.ctx, uid)
		if err != nil || len(panel.Peripherals) != 1 {
			t.Errorf("the page of the device shows %+v, %v", panel.Peripherals, err)
		}

		// It is plugged in elsewhere before the first device says that it is gone.
		b.section(t, second, report.OK, screens("cn0h3k"))
		b.reported(t, second)
		b.section(t, first, report.OK, screens())
		b.reported(t, first)
		moved := b.get(t, found[0].ID)
		if len(b.monitors(t)) != 1 || moved.Host != "pc-2" || len(moved.Attachments) != 2 || !moved.Attachments[0].Until.IsZero() || moved.Attachments[1].Until.IsZero() {
			t.Errorf("it hung on %+v", moved.Attachments)
		}
		if moved.UnitID != b.south.ID {
			t.Error("what was observed overwrote the unit")
		}

		// A section that could not be read takes nothing away.
		b.section(t, second, report.Failed, screens())
		b.reported(t, second)
		if now := b.get(t, moved.ID); now.Host != "pc-2" {
			t.Error("a failed section took the monitor away")
		}
		b.section(t, second, report.OK, screens())
		b.reported(t, second)
		if now := b.get(t, moved.ID); now.Host != "" || len(now.Attachments) != 2 {
			t.Errorf("gone it hangs on %q", now.Host)
		}
		events, err := b.History(b.ctx, moved.ID)
		if err != nil || len(events) != 5 {
			t.Errorf("the history is %+v, %v", events, err)
		}
	})
}

func TestOnlyWhatCanBeToldApartBecomesAnAsset(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		key, _ := b.device(t, machine{name: "pc-1"})
		facts := screens("", "0", "16843009", "To be filled by O.E.M.", "REAL-1", "REAL-1")
		facts.Monitors = append(facts.Monitors, report.Screen{Model: "Panel", Serial: "PANEL-1", Builtin: true})
		b.section(t, key, report.OK, facts)
		b.section(t, key, report.OK, &report.USB{Devices: []report.USBDevice{
			{Class: "camera", Model: "Integrated", Serial: "200901010001"}, {Class: "dock", Maker: "Lenovo", Model: "ThinkPad Dock", Serial: "DOCK-9"},
			{Class: "storage", Serial: "STICK-1"},
		}})
		b.section(t, key, report.OK, &report.Printer{Printers: []report.Queue{
			{Title: "near", Model: "HP LaserJet", URI: "usb://HP/LaserJet?serial=PRN-1", Serial: "PRN-1"},
			{Title: "far", Model: "Canon", URI: "ipp://printer.example.org/ipp", Serial: "PRN-2"},
		}})
		b.reported(t, key)
		b.reported(t, key)
		page, err := b.List(b.ctx, list.Query{Sort: list.Sort{Key: "serial"}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]asset.Kind{}
		for _, row := range page.Items {
			got[row.Serial] = row.Kind
		}
		if len(got) != 3 || got["REAL-1"] != asset.Monitor || got["DOCK-9"] != asset.Dock || got["PRN-1"] != asset.Printer {
			t.Errorf("assets are %v", got)
		}
	})
}

func TestPeripheralThatIsRecordedIsTheOneRecorded(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		made := b.create(t, asset.Wish{Tag: "M-1", Kind: asset.Monitor, Maker: "Dell", Serial: "S-REAL", UnitID: b.north.ID}, asset.InStock)
		key, _ := b.device(t, machine{name: "pc-1"})
		b.section(t, key, report.OK, screens("s-real"))
		b.reported(t, key)
		if now := b.get(t, made.ID); len(b.monitors(t)) != 1 || now.Host != "pc-1" || now.Status != asset.InStock {
			t.Errorf("it is %+v", now.Row)
		}
	})
}

func TestUnclearPeripheralWaitsForAPerson(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		for _, tag := range []string{"M-1", "M-2"} {
			b.create(t, asset.Wish{Tag: tag, Kind: asset.Monitor, Serial: "SAME", UnitID: b.north.ID}, asset.InUse)
		}
		key, uid := b.device(t, machine{name: "pc-1"})
		if _, err := b.Own(b.ctx, uid, ""); err != nil {
			t.Fatal(err)
		}
		b.section(t, key, report.OK, screens("SAME"))
		b.reported(t, key)
		w := b.queue(t)["pc-1"]
		if len(w.Candidates) != 2 || w.Candidates[0].Reason != asset.Peripherals || len(b.monitors(t)) != 2 {
			t.Fatalf("it waits with %+v", w.Candidates)
		}
		if now, err := b.Link(b.as(identity.HelpDesk, b.north), w.Candidates[1].ID, uid); err != nil || now.Host != "pc-1" {
			t.Fatalf("by hand: %+v, %v", now, err)
		}
		b.reported(t, key)
		if len(b.queue(t)) != 0 {
			t.Error("it still waits")
		}
	})
}

func TestSharedSerialNumberStopsWandering(t *testing.T) {
	each(t, func(t *testing.T, b body) {
		first, _ := b.device(t, machine{name: "pc-1"})
		second, _ := b.device(t, machine{name: "pc-2"})
		b.section(t, first, report.OK, screens("CLONE"))
		b.section(t, second, report.OK, screens("CLONE"))
		for range 20 {
			b.reported(t, first)
			b.reported(t, second)
		}
		found := b.monitors(t)
		if len(found) != 1 {
			t.Fatalf("there are %d", len(found))
		}
		if moves := len(b.get(t, found[0].ID).Attachments); moves > 6 {
			t.Errorf("it moved %d times", moves)
		}
		if len(b.queue(t)) == 0 {
			t.Error("nobody hears of it")
		}
	})
}
