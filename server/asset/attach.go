package asset

import (
	"fmt"
	"time"

	"holdfast/server/device"
	"holdfast/server/store"
)

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

// takeOff ends that a peripheral hangs on one device.
func takeOff(tx *store.Tx, of ID, from device.Key) error {
	err := tx.Exec("UPDATE asset_attachments SET until = ? WHERE asset_id = ? AND device_id = ? AND until IS NULL", tx.Now, of, from).Error
	if err != nil {
		return fmt.Errorf("detach asset %s: %w", of, err)
	}
	return nil
}
