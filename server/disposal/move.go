package disposal

import (
	"database/sql"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/device"
	"holdfast/server/list"
)

// holder is a device that reports, or reported, a drive with some serial
// number.
type holder struct {
	Move
	serial, model string
	size          int64
	removed       bool
	silent        bool // its agent is revoked: it says no more
}

// readMoves finds the drives that are in another device now. The device that
// they left says no more of them, one device alone says that it has them, it
// had not said so before they were last seen here, and it can still speak. Then
// that device answers for them, in this case or when its own day comes. A
// device that was parted from the asset and is evidence for another answers
// for its drives as well.
func (c *Case) readMoves(db *gorm.DB) error {
	var serials []string
	var keys []device.Key
	for _, line := range c.Lines {
		for _, drive := range line.Drives {
			if drive.Device != 0 && genuine(drive.Serial) {
				serials = append(serials, drive.Serial)
			}
			keys = append(keys, drive.Device)
		}
	}
	holders, err := readHolders(db, serials)
	if err != nil {
		return err
	}
	heard, err := readHeard(db, keys)
	if err != nil {
		return err
	}
	here := map[device.Key]bool{}
	for _, line := range c.Lines {
		for _, one := range line.Devices {
			here[one.Key] = one.Other == ""
		}
	}
	for i := range c.Lines {
		line := &c.Lines[i]
		for j := range line.Drives {
			drive := &line.Drives[j]
			if drive.Device == 0 {
				continue
			}
			if drive.Moved = line.parted(*drive); drive.Moved != nil {
				continue
			}
			drive.Moved = drive.movedTo(holders[drive.Serial], heard[drive.Device], here)
		}
	}
	return nil
}

// parted tells that the device of a drive belongs to another asset now.
func (l *Line) parted(d Drive) *Move {
	for _, one := range l.Devices {
		if one.Key == d.Device && one.Other != "" {
			return &Move{Device: one.Key, DeviceID: one.ID, Name: one.Name, FirstSeen: d.FirstSeen, LastSeen: d.LastSeen, Tag: one.Other}
		}
	}
	return nil
}

// movedTo finds the one device that has the drive now, if there is.
func (d Drive) movedTo(holders []holder, heard time.Time, here map[device.Key]bool) *Move {
	left := d.LastSeen
	if d.RemovedAt.IsZero() && heard.After(left) {
		left = heard // it was still there when its device last spoke
	}
	var found *Move
	for _, h := range holders {
		if h.Device == d.Device || h.removed {
			continue
		}
		if found != nil {
			return nil // two devices say so: one of the two is another drive
		}
		if h.FirstSeen.Before(left) || h.silent && !here[h.Device] || !agree(h.model, d.Model) || h.size != 0 && d.SizeBytes != 0 && h.size != d.SizeBytes {
			return nil
		}
		move := h.Move
		move.Here = here[h.Device]
		found = &move
	}
	return found
}

func agree(a, b string) bool { return a == "" || b == "" || strings.EqualFold(a, b) }

func readHolders(db *gorm.DB, serials []string) (map[string][]holder, error) {
	found := map[string][]holder{}
	if len(serials) == 0 {
		return found, nil
	}
	err := each(db, "look for drives in other devices", func(rows *sql.Rows) error {
		var h holder
		var removed, revoked time.Time
		err := rows.Scan(&h.Device, &h.DeviceID, &h.Name, &h.serial, list.Blank(&h.model), list.Blank(&h.size), &h.FirstSeen, &h.LastSeen,
			list.Blank(&removed), list.Blank(&revoked))
		h.removed, h.silent = !removed.IsZero(), !revoked.IsZero()
		found[h.serial] = append(found[h.serial], h)
		return err
	}, `SELECT d.id, d.uid, d.name, c.serial, c.model, c.size_bytes, c.first_seen_at, c.last_seen_at, c.removed_at, k.revoked_at
		FROM components c JOIN devices d ON d.id = c.device_id LEFT JOIN device_contacts k ON k.device_id = d.id
		WHERE c.serial IN ? AND c.kind = 'drive' ORDER BY c.serial, d.id`, serials)
	return found, err
}

// readHeard tells when devices last sent a report.
func readHeard(db *gorm.DB, keys []device.Key) (map[device.Key]time.Time, error) {
	heard := map[device.Key]time.Time{}
	if len(keys) == 0 {
		return heard, nil
	}
	err := each(db, "read when devices were heard", func(rows *sql.Rows) error {
		var key device.Key
		var at time.Time
		err := rows.Scan(&key, &at)
		heard[key] = at
		return err
	}, "SELECT device_id, seen_at FROM device_contacts WHERE device_id IN ?", keys)
	return heard, err
}
