package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/identify"
)

// Reason is why the rule left a device and an asset for a person to decide.
type Reason string

// The reasons.
const (
	Several     Reason = "several"     // more than one asset fits
	Taken       Reason = "taken"       // the asset has another device
	Disagree    Reason = "disagree"    // serial number, maker and tag do not say the same
	Parted      Reason = "parted"      // a person parted the two
	Gone        Reason = "disposed"    // the asset is disposed of, and yet there it is
	Peripherals Reason = "peripherals" // more than one asset fits a peripheral of the device
)

// Reasons lists every reason there is.
func Reasons() []Reason { return []Reason{Several, Taken, Disagree, Parted, Gone, Peripherals} }

type candidate struct {
	Asset  ID
	Reason Reason
}

// decide is the rule. An asset belongs to a device when its serial number is
// the device's and nothing speaks against it, or its tag is the one in the
// firmware and nothing speaks against that. Anything less clear is left to a
// person: more than one asset, an asset that has a device, two marks that
// name two assets, a maker that is another, two that a person has parted.
func decide(d observed, fitting []Row, parted []ID) (ID, []candidate) {
	var left []candidate
	var clear []ID
	for _, a := range fitting {
		reason := objection(d, a)
		if slices.Contains(parted, a.ID) {
			reason = Parted
		}
		if reason == "" {
			clear = append(clear, a.ID)
			continue
		}
		left = append(left, candidate{a.ID, reason})
	}
	disagrees := slices.ContainsFunc(left, func(c candidate) bool { return c.Reason == Disagree || c.Reason == Taken })
	if len(clear) == 1 && !disagrees {
		return clear[0], left
	}
	for _, of := range clear {
		reason := Several
		if len(clear) == 1 {
			reason = Disagree
		}
		left = append(left, candidate{of, reason})
	}
	return ID{}, left
}

// objection is what speaks against an asset that has the serial number or the
// tag of a device.
func objection(d observed, a Row) Reason {
	bySerial := d.Serial != "" && fold(d.Serial) == fold(a.Serial)
	byTag := d.AssetTag != "" && fold(d.AssetTag) == fold(a.Tag)
	switch {
	case a.Status == Disposed:
		return Gone
	case a.Device != 0:
		return Taken
	case a.Kind.Hangs():
		return Disagree
	case bySerial && !sameMaker(d.Maker, a.Maker):
		return Disagree
	case byTag && !bySerial && d.Serial != "" && a.Serial != "":
		return Disagree
	}
	return ""
}

// sameMaker reports whether two names of makers are no contradiction: firmware
// says "Dell Inc." where people write "Dell", and either may say nothing.
func sameMaker(a, b string) bool {
	a, b = makerWord(a), makerWord(b)
	return a == "" || b == "" || a == b
}

// makerWord is the word of a maker's name that tells it from others.
func makerWord(name string) string {
	if identify.Placeholder(name) {
		return ""
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(letter rune) bool {
		return !unicode.IsLetter(letter) && !unicode.IsDigit(letter)
	})
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "hewlett", "hpe":
		return "hp"
	case "asustek":
		return "asus"
	case "micro":
		return "msi"
	}
	return words[0]
}

// matched runs the rule on the devices for which an asset just written may be
// the one, and gives the asset as it is then. Where the rule linked another
// asset before, and this one fits as well, it is not clear any more and the
// rule takes its link back; what a person linked stays.
func (s *Service) matched(ctx context.Context, tx *store.Tx, row Row) (Row, error) {
	if row.Device != 0 || row.Status == Disposed || row.Kind.Hangs() {
		return row, nil
	}
	var keys []device.Key
	err := tx.Raw(`SELECT DISTINCT k.device_id FROM device_keys k JOIN devices d ON d.id = k.device_id
		WHERE (k.kind = ? AND k.value = ? OR k.kind = ? AND k.value = ?) AND `+ownable+`
		AND NOT EXISTS (SELECT 1 FROM assets a WHERE a.device_id = d.id AND a.linked_by <> ?) ORDER BY k.device_id`,
		device.KeySerial, strings.ToLower(row.Serial), device.KeyTag, strings.ToLower(row.Tag), ByRule).Scan(&keys).Error
	if err != nil {
		return Row{}, fmt.Errorf("look for the device of asset %s: %w", row.Tag, err)
	}
	if len(keys) == 0 {
		return row, nil
	}
	if err := s.reconsider(ctx, tx, keys); err != nil {
		return Row{}, err
	}
	if err := s.match(ctx, tx, keys); err != nil {
		return Row{}, err
	}
	return stored(tx, row.ID)
}

// reconsider takes back the links of the rule that are not clear any more.
func (s *Service) reconsider(ctx context.Context, tx *store.Tx, keys []device.Key) error {
	found, err := devices(tx.DB, list.Where("d.id IN ?", keys))
	if err != nil {
		return err
	}
	marked, err := markedAs(tx, found)
	if err != nil {
		return err
	}
	for _, d := range found {
		if d.Asset.IsZero() {
			continue
		}
		fitting := fitting(d, marked)
		for i := range fitting {
			if fitting[i].ID == d.Asset {
				fitting[i].Device = 0 // as if it were to be linked now
			}
		}
		if clear, _ := decide(d, fitting, nil); clear == d.Asset {
			continue
		}
		before, err := stored(tx, d.Asset)
		if err != nil {
			return err
		}
		after := before.Asset
		after.Device, after.LinkedBy, after.LinkedAt = 0, "", zeroTime
		if _, err := s.save(identity.WithActor(ctx, rule()), tx, "asset.unlinked", before, after); err != nil {
			return err
		}
	}
	return nil
}

// fitting lists the assets that have the serial number or the tag of a device,
// out of those that markedAs read.
func fitting(d observed, marked map[string][]Row) []Row {
	var found []Row
	for _, row := range marked[fold(d.Serial)] {
		if d.Serial != "" && fold(row.Serial) == fold(d.Serial) {
			found = append(found, row)
		}
	}
	for _, row := range marked[fold(d.AssetTag)] {
		if d.AssetTag != "" && fold(row.Tag) == fold(d.AssetTag) &&
			!slices.ContainsFunc(found, func(other Row) bool { return other.ID == row.ID }) {
			found = append(found, row)
		}
	}
	return found
}

// match runs the rule on those of the devices that have no asset.
func (s *Service) match(ctx context.Context, tx *store.Tx, keys []device.Key) error {
	if len(keys) == 0 {
		return nil
	}
	found, err := devices(tx.DB, list.All(list.Where("d.id IN ?", keys), list.Where(ownable),
		list.Where("NOT EXISTS (SELECT 1 FROM assets a WHERE a.device_id = d.id)")))
	if err != nil || len(found) == 0 {
		return err
	}
	marked, err := markedAs(tx, found)
	if err != nil {
		return err
	}
	waiting, err := candidatesOf(tx, found)
	if err != nil {
		return err
	}
	for _, d := range found {
		linked, err := s.matchOne(ctx, tx, d, fitting(d, marked), waiting[d.Key])
		if err != nil {
			return fmt.Errorf("find the asset of device %s: %w", d.Name, err)
		}
		if !linked.IsZero() { // no other of these devices gets it too
			for mark, rows := range marked {
				for i := range rows {
					if rows[i].ID == linked {
						marked[mark][i].Device, marked[mark][i].DeviceName = d.Key, d.Name
					}
				}
			}
		}
	}
	return nil
}

// markedAs reads the assets that have the serial numbers and tags of devices,
// by either.
func markedAs(tx *store.Tx, found []observed) (map[string][]Row, error) {
	var serials, tags []string
	for _, d := range found {
		if d.Serial != "" {
			serials = append(serials, fold(d.Serial))
		}
		if d.AssetTag != "" {
			tags = append(tags, fold(d.AssetTag))
		}
	}
	var clauses []list.Clause
	if len(serials) > 0 {
		clauses = append(clauses, list.Where("LOWER(a.serial) IN ?", serials))
	}
	if len(tags) > 0 {
		clauses = append(clauses, list.Where("LOWER(a.tag) IN ?", tags))
	}
	marked := map[string][]Row{}
	if len(clauses) == 0 {
		return marked, nil
	}
	const most = 5000
	rows, err := read(tx.DB, list.Any(clauses...), most)
	for _, row := range rows {
		marked[fold(row.Tag)] = append(marked[fold(row.Tag)], row)
		if row.Serial != "" && fold(row.Serial) != fold(row.Tag) {
			marked[fold(row.Serial)] = append(marked[fold(row.Serial)], row)
		}
	}
	return marked, err
}

func (s *Service) matchOne(ctx context.Context, tx *store.Tx, d observed, fitting []Row, known []candidate) (ID, error) {
	var parted []ID
	for _, c := range known {
		if c.Reason == Parted {
			parted = append(parted, c.Asset)
		}
	}
	clear, left := decide(d, fitting, parted)
	if !clear.IsZero() {
		row, err := stored(tx, clear)
		if err != nil {
			return ID{}, err
		}
		_, err = s.bind(identity.WithActor(ctx, rule()), tx, row, d.Key, ByRule)
		return clear, err
	}
	known = slices.DeleteFunc(known, func(c candidate) bool { return c.Reason == Peripherals })
	if slices.Equal(byID(known), byID(left)) {
		return ID{}, nil
	}
	err := tx.Exec("DELETE FROM asset_candidates WHERE device_id = ? AND reason NOT IN ?", d.Key, []Reason{Parted, Peripherals}).Error
	if err != nil {
		return ID{}, fmt.Errorf("clear candidates: %w", err)
	}
	return ID{}, noteCandidates(tx, d.Key, left)
}

// rule is who acts when nobody does.
func rule() identity.Actor { return identity.System("asset rule") }

func byID(candidates []candidate) []candidate {
	slices.SortFunc(candidates, func(a, b candidate) int { return strings.Compare(a.Asset.String(), b.Asset.String()) })
	return candidates
}

// candidatesOf reads what waits for a person, by device.
func candidatesOf(tx *store.Tx, of []observed) (map[device.Key][]candidate, error) {
	keys := make([]device.Key, len(of))
	for i, d := range of {
		keys[i] = d.Key
	}
	var rows []struct {
		DeviceID device.Key
		AssetID  ID
		Reason   Reason
	}
	if err := tx.Raw("SELECT device_id, asset_id, reason FROM asset_candidates WHERE device_id IN ?", keys).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	found := map[device.Key][]candidate{}
	for _, row := range rows {
		found[row.DeviceID] = append(found[row.DeviceID], candidate{row.AssetID, row.Reason})
	}
	return found, nil
}

// noteCandidates lets a device wait for a person with these assets.
func noteCandidates(tx *store.Tx, d device.Key, candidates []candidate) error {
	for _, c := range candidates {
		err := tx.Exec(`INSERT INTO asset_candidates (device_id, asset_id, reason, noted_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (device_id, asset_id) DO UPDATE SET reason = excluded.reason`, d, c.Asset, c.Reason, tx.Now).Error
		if err != nil {
			return fmt.Errorf("note candidates of device %d: %w", d, err)
		}
	}
	return nil
}

func forgetCandidates(tx *store.Tx, d device.Key, of ID) error {
	err := tx.Exec("DELETE FROM asset_candidates WHERE device_id = ? AND (asset_id = ? OR reason = ?)", d, of, Peripherals).Error
	if err != nil {
		return fmt.Errorf("clear candidates of device %d: %w", d, err)
	}
	return nil
}
