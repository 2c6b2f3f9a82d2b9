package disposal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// news is what a case does not know yet: devices that are evidence for its
// assets, and drives that those reported.
type news struct {
	devices []noted
	drives  []Drive // without an identifier when new
}

type noted struct {
	line   LineID
	device device.Key
}

func (n news) empty() bool { return len(n.devices) == 0 && len(n.drives) == 0 }

// watch finds what a case does not know yet. It only reads.
func (c *Case) watch(db *gorm.DB) (news, error) {
	var found news
	if c.State.Ended() || len(c.Lines) == 0 {
		return found, nil
	}
	if err := c.watchDevices(db, &found); err != nil {
		return news{}, err
	}
	if err := c.watchDrives(db, &found); err != nil {
		return news{}, err
	}
	return found, nil
}

// watchDevices finds the devices that are, or ever were, evidence for the
// assets. The history of an asset tells of those that were parted from it; one
// that has become evidence for another asset since is that one's.
func (c *Case) watchDevices(db *gorm.DB, into *news) error {
	byAsset, assets := map[string]*Line{}, []asset.ID{}
	for i := range c.Lines {
		byAsset[c.Lines[i].AssetID.String()] = &c.Lines[i]
		assets = append(assets, c.Lines[i].AssetID)
	}
	note := func(line *Line, key device.Key) {
		one := noted{line.ID, key}
		known := slices.ContainsFunc(line.Devices, func(e Evidence) bool { return e.Key == key })
		if !known && !slices.Contains(into.devices, one) {
			into.devices = append(into.devices, one)
		}
	}
	err := each(db, "find the devices of assets", func(rows *sql.Rows) error {
		var of asset.ID
		var key device.Key
		err := rows.Scan(&of, &key)
		if line := byAsset[of.String()]; line != nil {
			note(line, key)
		}
		return err
	}, "SELECT id, device_id FROM assets WHERE id IN ? AND device_id IS NOT NULL", assets)
	if err != nil {
		return err
	}
	past, all := map[string][]device.ID{}, []device.ID{}
	texts := make([]string, len(assets))
	for i, of := range assets {
		texts[i] = of.String()
	}
	err = each(db, "read the history of assets", func(rows *sql.Rows) error {
		var of string
		var before, after json.RawMessage
		if err := rows.Scan(&of, list.JSON(&before), list.JSON(&after)); err != nil {
			return err
		}
		for _, text := range []json.RawMessage{before, after} {
			var values struct {
				Device string `json:"device_id"`
			}
			if len(text) == 0 || json.Unmarshal(text, &values) != nil || values.Device == "" {
				continue // other values are of other types
			}
			if uid, err := id.Parse[device.Mark](values.Device); err == nil {
				past[of], all = append(past[of], uid), append(all, uid)
			}
		}
		return nil
	}, `SELECT object_id, before, after FROM audit_entries WHERE object_kind = 'asset' AND object_id IN ?
		AND action IN ('asset.created', 'asset.changed', 'asset.linked', 'asset.unlinked')`, texts)
	if err != nil || len(all) == 0 {
		return err
	}
	keys := map[device.ID]device.Key{}
	err = each(db, "find past devices of assets", func(rows *sql.Rows) error {
		var uid device.ID
		var key device.Key
		err := rows.Scan(&uid, &key)
		keys[uid] = key
		return err
	}, "SELECT d.uid, d.id FROM devices d WHERE d.uid IN ? AND NOT EXISTS (SELECT 1 FROM assets x WHERE x.device_id = d.id)", all)
	for of, devices := range past {
		for _, uid := range devices {
			if key := keys[uid]; key != 0 {
				note(byAsset[of], key)
			}
		}
	}
	return err
}

// watchDrives finds the drives of those devices that are new to the case, or
// of which more is known now.
func (c *Case) watchDrives(db *gorm.DB, into *news) error {
	lines, keys := map[device.Key][]*Line{}, []device.Key{}
	add := func(line *Line, key device.Key) {
		lines[key] = append(lines[key], line)
		keys = append(keys, key)
	}
	for i := range c.Lines {
		for _, one := range c.Lines[i].Devices {
			add(&c.Lines[i], one.Key)
		}
	}
	for _, one := range into.devices {
		add(c.line(one.line), one.device)
	}
	if len(keys) == 0 {
		return nil
	}
	media, err := mediaOf(db, keys)
	if err != nil {
		return err
	}
	return each(db, "read drives of devices", func(rows *sql.Rows) error {
		var d Drive
		err := rows.Scan(&d.Device, &d.Ident, list.Blank(&d.Maker), list.Blank(&d.Model), list.Blank(&d.Serial), list.Blank(&d.SizeBytes),
			&d.FirstSeen, &d.LastSeen, list.Blank(&d.RemovedAt))
		if err != nil {
			return err
		}
		d.Medium = Unknown
		if known := media[d.Device][trait(d.Serial, d.Model)]; known != "" {
			d.Medium = known
		} else if d.Model != "" {
			d.Medium = guess(d.Model)
		}
		for _, line := range lines[d.Device] {
			if next, changed := line.learn(d); changed {
				into.drives = append(into.drives, next)
			}
		}
		return nil
	}, `SELECT device_id, ident, maker, model, serial, size_bytes, first_seen_at, last_seen_at, removed_at FROM components
		WHERE kind = 'drive' AND device_id IN ? ORDER BY device_id, first_seen_at, ident`, keys)
}

// learn compares what a device reports of a drive with what the line knows of
// it. A drive that a person knew of by its serial number is the one that the
// device reports.
func (l *Line) learn(d Drive) (Drive, bool) {
	d.LineID, d.NotedAt = l.ID, time.Time{}
	for _, known := range l.Drives {
		byHand := known.Device == 0 && genuine(d.Serial) && strings.EqualFold(known.Serial, d.Serial)
		if !byHand && (known.Device != d.Device || known.Ident != d.Ident) {
			continue
		}
		next := known
		next.Device, next.Ident, next.Maker, next.Model, next.Serial = d.Device, d.Ident, d.Maker, d.Model, d.Serial
		next.SizeBytes, next.FirstSeen, next.LastSeen, next.RemovedAt = d.SizeBytes, d.FirstSeen, d.LastSeen, d.RemovedAt
		if known.Medium == Unknown && known.Record == nil {
			next.Medium = d.Medium
		}
		changed := next.Device != known.Device || next.Ident != known.Ident || next.Maker != known.Maker || next.Model != known.Model ||
			next.Serial != known.Serial || next.SizeBytes != known.SizeBytes || next.Medium != known.Medium ||
			!next.FirstSeen.Equal(known.FirstSeen) || !next.LastSeen.Equal(known.LastSeen) || !next.RemovedAt.Equal(known.RemovedAt)
		return next, changed
	}
	return d, true
}

// mediaOf tells what the drives of devices keep data on, as far as their last
// reports say.
func mediaOf(db *gorm.DB, keys []device.Key) (map[device.Key]map[string]Medium, error) {
	media := map[device.Key]map[string]Medium{}
	err := each(db, "read storage of devices", func(rows *sql.Rows) error {
		var key device.Key
		var facts json.RawMessage
		if err := rows.Scan(&key, list.JSON(&facts)); err != nil {
			return err
		}
		var storage report.Storage
		if len(facts) == 0 || json.Unmarshal(facts, &storage) != nil {
			return nil // the name of the model has to do
		}
		media[key] = map[string]Medium{}
		for _, drive := range storage.Drives {
			media[key][trait(drive.Serial, drive.Model)] = Medium(drive.Media)
		}
		return nil
	}, "SELECT device_id, facts FROM device_sections WHERE name = 'storage' AND device_id IN ?", keys)
	return media, err
}

func trait(serial, model string) string { return serial + "/" + model }

// genuine reports whether a serial number tells one thing from another.
func genuine(serial string) bool {
	return len(strings.TrimSpace(serial)) >= 4 && !identify.Placeholder(serial)
}

// note writes down what a case did not know yet.
func (n news) note(tx *store.Tx) error {
	for _, one := range n.devices {
		err := tx.Exec("INSERT INTO disposal_devices (line_id, device_id, noted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			one.line, one.device, tx.Now).Error
		if err != nil {
			return fmt.Errorf("note a device: %w", err)
		}
	}
	for _, d := range n.drives {
		var err error
		if d.ID.IsZero() {
			d.ID, d.NotedAt = id.New[DriveMark](), tx.Now
			err = insertDrive(tx, d)
		} else {
			err = tx.Exec(`UPDATE disposal_drives SET device_id = ?, ident = ?, maker = ?, model = ?, serial = ?, size_bytes = ?, medium = ?,
				first_seen_at = ?, last_seen_at = ?, removed_at = ? WHERE id = ?`,
				d.Device, d.Ident, store.Null(d.Maker), store.Null(d.Model), store.Null(d.Serial), sizeOrNull(d.SizeBytes), d.Medium,
				timeOrNull(d.FirstSeen), timeOrNull(d.LastSeen), timeOrNull(d.RemovedAt), d.ID).Error
		}
		if err != nil {
			return fmt.Errorf("note a drive: %w", err)
		}
	}
	return nil
}

func insertDrive(tx *store.Tx, d Drive) error {
	var key *device.Key
	if d.Device != 0 {
		key = &d.Device
	}
	return tx.Exec(`INSERT INTO disposal_drives (id, line_id, device_id, ident, maker, model, serial, size_bytes, medium,
		first_seen_at, last_seen_at, removed_at, note, noted_by, noted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.LineID, key, d.Ident, store.Null(d.Maker), store.Null(d.Model), store.Null(d.Serial), sizeOrNull(d.SizeBytes), d.Medium,
		timeOrNull(d.FirstSeen), timeOrNull(d.LastSeen), timeOrNull(d.RemovedAt), store.Null(d.Note), store.Null(d.NotedBy), d.NotedAt).Error
}

func sizeOrNull(size int64) *int64 {
	if size == 0 {
		return nil
	}
	return &size
}

// watched gives a case up to date, in a transaction: what its devices reported
// since is noted first.
func watched(tx *store.Tx, of ID) (*Case, error) {
	c, err := locked(tx, of)
	if err != nil {
		return nil, err
	}
	found, err := c.watch(tx.DB)
	if err != nil || found.empty() {
		return c, err
	}
	if err := found.note(tx); err != nil {
		return nil, err
	}
	return load(tx.DB, of)
}

// current is watched for readers: it writes only when there is something new.
func (s *Service) current(ctx context.Context, of ID) (*Case, error) {
	c, err := load(s.db.Read(ctx), of)
	if err != nil {
		return nil, err
	}
	found, err := c.watch(s.db.Read(ctx))
	if err != nil || found.empty() {
		return c, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		c, err = watched(tx, of)
		return err
	})
	return c, err
}
