package device

import (
	"context"
	"fmt"

	"holdfast/server/store"
)

// forgetUsers erases who uses the devices: the section, its history, what the
// devices are found by, what lists show.
func forgetUsers(tx *store.Tx, devices []Key) error {
	for _, statement := range []string{
		"DELETE FROM device_sections WHERE name = '" + UserSection + "' AND ",
		"DELETE FROM device_notes WHERE section = '" + UserSection + "' AND ",
		"DELETE FROM device_keys WHERE kind = '" + KeyUser + "' AND ",
		"DELETE FROM device_changes WHERE section = '" + UserSection + "' AND ",
	} {
		if err := tx.Exec(statement+"device_id IN ?", devices).Error; err != nil {
			return err
		}
	}
	return tx.Exec("UPDATE devices SET last_user = NULL WHERE id IN ?", devices).Error
}

// ForgetPrivateUsers erases who uses the devices of units that do not want to
// know, for the time between the wish and the next report. A job calls it.
func ForgetPrivateUsers(ctx context.Context, db *store.DB) error {
	const most = 500 // devices in one transaction
	for {
		var devices []Key
		err := db.Tx(ctx, func(tx *store.Tx) error {
			devices = nil
			err := tx.Raw(`SELECT d.id FROM devices d JOIN units u ON u.id = d.unit_id
				WHERE EXISTS (SELECT 1 FROM units p WHERE p.users_private AND u.path LIKE p.path || '%')
				AND (d.last_user IS NOT NULL
					OR EXISTS (SELECT 1 FROM device_sections s WHERE s.device_id = d.id AND s.name = ?)
					OR EXISTS (SELECT 1 FROM device_keys k WHERE k.device_id = d.id AND k.kind = ?))
				ORDER BY d.id LIMIT ?`, UserSection, KeyUser, most).Scan(&devices).Error
			if err != nil || len(devices) == 0 {
				return err
			}
			return forgetUsers(tx, devices)
		})
		if err != nil {
			return fmt.Errorf("forget users of private units: %w", err)
		}
		if len(devices) < most {
			return nil
		}
	}
}
