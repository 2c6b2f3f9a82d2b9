package asset

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// peripheral is a thing with a serial number of its own that hangs on a device.
type peripheral struct {
	kind                 Kind
	maker, model, serial string
}

// hanging gives the peripherals in the sections of a device, and of which
// kinds the device told all that it has. Built-in panels belong to the device,
// and of the things on USB only docks, printers and scanners are told apart
// well enough: the cameras of a whole series share one serial number.
func hanging(sections map[string]section) (found []peripheral, told []Kind, err error) {
	if s, has := sections["monitor"]; has && s.complete() {
		var facts report.Monitor
		if err := s.decode(&facts); err != nil {
			return nil, nil, err
		}
		told = append(told, Monitor)
		for _, m := range facts.Monitors {
			if !m.Builtin {
				found = append(found, peripheral{Monitor, m.Maker, m.Model, m.Serial})
			}
		}
	}
	usb, hasUSB := sections["usb"]
	printers, hasPrinters := sections["printer"]
	if hasUSB && usb.complete() {
		var facts report.USB
		if err := usb.decode(&facts); err != nil {
			return nil, nil, err
		}
		told = append(told, Dock, Scanner)
		for _, d := range facts.Devices {
			if kind, is := usbKinds[d.Class]; is {
				found = append(found, peripheral{kind, d.Maker, d.Model, d.Serial})
			}
		}
	}
	if hasPrinters && printers.complete() {
		var facts report.Printer
		if err := printers.decode(&facts); err != nil {
			return nil, nil, err
		}
		for _, p := range facts.Printers {
			if strings.HasPrefix(p.URI, "usb:") { // a printer on the network hangs on no device
				found = append(found, peripheral{Printer, "", p.Model, p.Serial})
			}
		}
	}
	if hasUSB && usb.complete() && (!hasPrinters || printers.complete()) {
		told = append(told, Printer)
	}
	return distinct(found), told, nil
}

// usbKinds are the things on USB that become assets, by class.
//
//nolint:gochecknoglobals // a constant in disguise
var usbKinds = map[string]Kind{"dock": Dock, "printer": Printer, "imaging": Scanner}

// distinct keeps each peripheral once, and only those whose serial number
// tells them apart. 16843009 is 0x01010101, which monitors without a number
// say in its place.
func distinct(all []peripheral) []peripheral {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(p peripheral) bool {
		const least = 4 // shorter ones are counters and versions
		key := string(p.kind) + " " + fold(p.serial)
		if identify.Placeholder(p.serial) || p.serial == "16843009" || len(p.serial) < least || seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}

// section is the stored facts of one section of a device.
type section struct {
	outcome report.Outcome
	facts   []byte
}

// complete reports whether the section was read in full, so that what it does
// not list is not there.
func (s section) complete() bool { return s.outcome == report.OK || s.outcome == report.Absent }

func (s section) decode(into any) error {
	if len(s.facts) == 0 {
		return nil
	}
	if err := json.Unmarshal(s.facts, into); err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	return nil
}

// follow brings the peripherals of devices where the devices say that they
// are: new ones become assets, and those gone hang nowhere.
func (s *Service) follow(ctx context.Context, tx *store.Tx, keys []device.Key) error {
	if len(keys) == 0 {
		return nil
	}
	sections, err := sectionsOf(tx, keys)
	if err != nil || len(sections) == 0 {
		return err
	}
	hosts, err := devices(tx.DB, list.Where("d.id IN ?", keys))
	if err != nil {
		return err
	}
	m := move{attached: map[device.Key][]Row{}, places: map[ID]int{}}
	found, told := make([][]peripheral, len(hosts)), make([][]Kind, len(hosts))
	var serials []string
	for i, host := range hosts {
		if found[i], told[i], err = hanging(sections[host.Key]); err != nil {
			return fmt.Errorf("read the peripherals of device %s: %w", host.Name, err)
		}
		for _, p := range found[i] {
			serials = append(serials, fold(p.serial))
		}
	}
	if err := m.read(tx, keys, serials); err != nil {
		return err
	}
	for i, host := range hosts {
		if err := followOne(tx, host, found[i], told[i], &m); err != nil {
			return fmt.Errorf("follow the peripherals of device %s: %w", host.Name, err)
		}
	}
	if len(m.settled) > 0 {
		err := tx.Exec("DELETE FROM asset_candidates WHERE device_id IN ? AND reason = ?", m.settled, Peripherals).Error
		if err != nil {
			return fmt.Errorf("clear candidates: %w", err)
		}
	}
	return s.recordNew(ctx, tx, m.fresh)
}

// move is what is known of assets while peripherals find their places.
type move struct {
	attached map[device.Key][]Row           // what hangs on each device now
	marked   map[string][]Row               // by serial number
	units    map[device.Key]identity.UnitID // of the devices' assets
	fresh    []newcomer                     // what is to be recorded
	places   map[ID]int                     // in fresh
	settled  []device.Key                   // devices of whose peripherals all are clear
}

func (m *move) read(tx *store.Tx, keys []device.Key, serials []string) error {
	var owned []struct {
		DeviceID device.Key
		UnitID   identity.UnitID
	}
	if err := tx.Raw("SELECT device_id, unit_id FROM assets WHERE device_id IN ?", keys).Scan(&owned).Error; err != nil {
		return fmt.Errorf("read units of assets: %w", err)
	}
	m.units = make(map[device.Key]identity.UnitID, len(owned))
	for _, one := range owned {
		m.units[one.DeviceID] = one.UnitID
	}
	var hangs []struct {
		DeviceID device.Key
		AssetID  ID
	}
	err := tx.Raw("SELECT device_id, asset_id FROM asset_attachments WHERE device_id IN ? AND until IS NULL", keys).Scan(&hangs).Error
	if err != nil {
		return fmt.Errorf("read attachments: %w", err)
	}
	on := map[ID]device.Key{}
	ids := make([]ID, len(hangs))
	for i, hang := range hangs {
		on[hang.AssetID], ids[i] = hang.DeviceID, hang.AssetID
	}
	var clauses []list.Clause
	if len(ids) > 0 {
		clauses = append(clauses, list.Where("a.id IN ?", ids))
	}
	if len(serials) > 0 {
		clauses = append(clauses, list.Where("LOWER(a.serial) IN ?", serials))
	}
	m.marked = map[string][]Row{}
	if len(clauses) == 0 {
		return nil
	}
	const most = 50_000
	rows, err := read(tx.DB, list.Any(clauses...), most)
	for _, row := range rows {
		if host, hangs := on[row.ID]; hangs {
			m.attached[host] = append(m.attached[host], row)
		}
		if row.Serial != "" && row.Status != Disposed {
			m.marked[fold(row.Serial)] = append(m.marked[fold(row.Serial)], row)
		}
	}
	return err
}

func sectionsOf(tx *store.Tx, keys []device.Key) (map[device.Key]map[string]section, error) {
	var rows []struct {
		DeviceID device.Key
		Name     string
		Outcome  report.Outcome
		Facts    string
	}
	err := tx.Raw(`SELECT device_id, name, outcome, COALESCE(CAST(facts AS text), '') AS facts FROM device_sections
		WHERE device_id IN ? AND name IN ('monitor', 'usb', 'printer')`, keys).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read sections: %w", err)
	}
	sections := map[device.Key]map[string]section{}
	for _, row := range rows {
		if sections[row.DeviceID] == nil {
			sections[row.DeviceID] = map[string]section{}
		}
		sections[row.DeviceID][row.Name] = section{row.Outcome, []byte(row.Facts)}
	}
	return sections, nil
}

func followOne(tx *store.Tx, host observed, found []peripheral, told []Kind, m *move) error {
	attached := m.attached[host.Key]
	still := map[ID]bool{}
	unclear := false
	for _, p := range found {
		one, sure, err := assetOf(tx, host, p, m)
		if err != nil {
			return err
		}
		if !sure {
			unclear = true
			continue
		}
		still[one] = true
		if m.moves(one, host.Key) || slices.ContainsFunc(attached, func(a Row) bool { return a.ID == one }) {
			continue
		}
		if err := hang(tx, one, host.Key); err != nil {
			return err
		}
	}
	for _, a := range attached {
		if !still[a.ID] && slices.Contains(told, a.Kind) {
			if err := takeOff(tx, a.ID, host.Key); err != nil {
				return err
			}
		}
	}
	if !unclear {
		m.settled = append(m.settled, host.Key)
	}
	return nil
}

// assetOf finds the asset that a peripheral is, which is new when there is
// none. It is not sure when several fit, or when the one that fits wanders so
// often that its serial number cannot be its own; a person sees to it then.
func assetOf(tx *store.Tx, host observed, p peripheral, m *move) (of ID, sure bool, err error) {
	var fitting []Row
	for _, a := range m.marked[fold(p.serial)] {
		if sameMaker(a.Maker, p.maker) && (a.Kind == p.kind || a.Kind == Peripheral || a.Kind == Other) {
			fitting = append(fitting, a)
		}
	}
	for _, a := range fitting {
		if slices.ContainsFunc(m.attached[host.Key], func(b Row) bool { return a.ID == b.ID }) {
			return a.ID, true, nil
		}
	}
	switch len(fitting) {
	case 0:
		return m.discover(host, p), true, nil
	case 1:
		if m.known(fitting[0].ID) != nil {
			return fitting[0].ID, true, nil
		}
		restless, err := restless(tx, fitting[0].ID)
		if err != nil || !restless {
			return fitting[0].ID, err == nil, err
		}
	}
	candidates := make([]candidate, len(fitting))
	for i, a := range fitting {
		candidates[i] = candidate{a.ID, Peripherals}
	}
	return ID{}, false, noteCandidates(tx, host.Key, candidates)
}

// clip keeps a reported text within what people may type.
func clip(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), textLimit)])
}
