package asset

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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
	sections, err := sectionsOf(tx, keys)
	if err != nil || len(sections) == 0 {
		return err
	}
	hosts, err := devices(tx.DB, list.Where("d.id IN ?", keys))
	if err != nil {
		return err
	}
	for _, host := range hosts {
		found, told, err := hanging(sections[host.Key])
		if err == nil {
			err = s.followOne(ctx, tx, host, found, told)
		}
		if err != nil {
			return fmt.Errorf("follow the peripherals of device %s: %w", host.Name, err)
		}
	}
	return nil
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

func (s *Service) followOne(ctx context.Context, tx *store.Tx, host observed, found []peripheral, told []Kind) error {
	attached, err := read(tx.DB, list.Where("a.id IN (SELECT t.asset_id FROM asset_attachments t WHERE t.device_id = ? AND t.until IS NULL)", host.Key), 1000)
	if err != nil {
		return err
	}
	still := map[ID]bool{}
	unclear := false
	for _, p := range found {
		one, sure, err := s.assetOf(ctx, tx, host, p, attached)
		if err != nil {
			return err
		}
		if !sure {
			unclear = true
			continue
		}
		still[one] = true
		if slices.ContainsFunc(attached, func(a Row) bool { return a.ID == one }) {
			continue
		}
		if err := hang(tx, one, host.Key); err != nil {
			return err
		}
	}
	for _, a := range attached {
		if !still[a.ID] && slices.Contains(told, a.Kind) {
			if err := unhang(tx, a.ID); err != nil {
				return err
			}
		}
	}
	if !unclear {
		err := tx.Exec("DELETE FROM asset_candidates WHERE device_id = ? AND reason = ?", host.Key, Peripherals).Error
		if err != nil {
			return fmt.Errorf("clear candidates: %w", err)
		}
	}
	return nil
}

// assetOf finds the asset that a peripheral is, and records one when there is
// none. It is not sure when several fit, or when the one that fits wanders so
// often that its serial number cannot be its own; a person sees to it then.
func (s *Service) assetOf(ctx context.Context, tx *store.Tx, host observed, p peripheral, attached []Row) (of ID, sure bool, err error) {
	const most = 20
	fitting, err := read(tx.DB, list.All(list.Where("LOWER(a.serial) = ?", fold(p.serial)), list.Where("a.status <> ?", Disposed)), most)
	if err != nil {
		return ID{}, false, err
	}
	fitting = slices.DeleteFunc(fitting, func(a Row) bool {
		return !sameMaker(a.Maker, p.maker) || a.Kind != p.kind && a.Kind != Peripheral && a.Kind != Other
	})
	for _, a := range fitting {
		if slices.ContainsFunc(attached, func(b Row) bool { return a.ID == b.ID }) {
			return a.ID, true, nil
		}
	}
	switch len(fitting) {
	case 0:
		made, err := s.discover(ctx, tx, host, p)
		return made, true, err
	case 1:
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

// discover records a peripheral that nobody recorded, in the unit of what it
// hangs on and with a tag of the series of peripherals.
func (s *Service) discover(ctx context.Context, tx *store.Tx, host observed, p peripheral) (ID, error) {
	unit := host.UnitID
	if !host.Asset.IsZero() {
		if err := tx.Raw("SELECT unit_id FROM assets WHERE id = ?", host.Asset).Row().Scan(&unit); err != nil {
			return ID{}, fmt.Errorf("read unit of asset %s: %w", host.Asset, err)
		}
	}
	if err := lockTags(tx); err != nil {
		return ID{}, err
	}
	tag, err := after(tx.DB, firstPeripheralTag)
	if err != nil {
		return ID{}, err
	}
	made, err := s.record(identity.WithActor(ctx, rule()), tx, Wish{
		Tag: tag, Kind: p.kind, Maker: clip(p.maker), Model: clip(p.model), Serial: clip(p.serial), UnitID: unit,
	}, InUse)
	return made.ID, err
}

// clip keeps a reported text within what people may type.
func clip(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), textLimit)])
}

// restless reports whether an asset changed hosts so often within a day that
// several things must have its serial number.
func restless(tx *store.Tx, of ID) (bool, error) {
	const most = 6
	var moves int
	err := tx.Raw("SELECT COUNT(*) FROM asset_attachments WHERE asset_id = ? AND since > ?", of, tx.Now.Add(-24*time.Hour)).Scan(&moves).Error
	if err != nil {
		return false, fmt.Errorf("count moves of asset %s: %w", of, err)
	}
	return moves >= most, nil
}

// hang hangs a peripheral on a device, and nowhere else.
func hang(tx *store.Tx, of ID, on device.Key) error {
	var here int
	err := tx.Raw("SELECT COUNT(*) FROM asset_attachments WHERE asset_id = ? AND device_id = ? AND until IS NULL", of, on).Scan(&here).Error
	if err != nil {
		return fmt.Errorf("read attachments of asset %s: %w", of, err)
	}
	if here > 0 {
		return nil
	}
	if err := unhang(tx, of); err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO asset_attachments (asset_id, device_id, since) VALUES (?, ?, ?)
		ON CONFLICT (asset_id, device_id, since) DO UPDATE SET until = NULL`, of, on, tx.Now).Error
	if err != nil {
		return fmt.Errorf("attach asset %s: %w", of, err)
	}
	return nil
}

// unhang ends that a peripheral hangs anywhere.
func unhang(tx *store.Tx, of ID) error {
	if err := tx.Exec("UPDATE asset_attachments SET until = ? WHERE asset_id = ? AND until IS NULL", tx.Now, of).Error; err != nil {
		return fmt.Errorf("detach asset %s: %w", of, err)
	}
	return nil
}
