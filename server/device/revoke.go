package device

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// Agents has what people decide about the agents of devices.
type Agents struct{ db *store.DB }

// NewAgents makes it.
func NewAgents(db *store.DB) *Agents { return &Agents{db: db} }

// Revoke makes the credential of a device's agent void, at once: it must
// enrol again to be heard. What the device has reported stays. Revoking it
// again changes nothing. Faults: Missing, also for a device of another unit or
// without an agent, and Denied.
func (a *Agents) Revoke(ctx context.Context, of ID) error {
	reach, err := identity.Reach(ctx, identity.AgentsManage)
	if err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		var found struct {
			ID        Key
			Name      string
			UnitID    identity.UnitID
			RevokedAt *time.Time
		}
		err := tx.Raw(`SELECT d.id, d.name, d.unit_id, c.revoked_at FROM devices d
			JOIN device_contacts c ON c.device_id = d.id WHERE d.uid = ?`, of).Take(&found).Error
		switch {
		case store.Missing(err), err == nil && !reach.Has(found.UnitID):
			return fault.NewMissing("device")
		case err != nil:
			return fmt.Errorf("read agent of device %s: %w", of, err)
		case found.RevokedAt != nil:
			return nil
		}
		if err := tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, found.ID).Error; err != nil {
			return fmt.Errorf("revoke agent of device %s: %w", of, err)
		}
		return audit.Record(ctx, tx, "agent.revoked", audit.Object{Kind: "device", ID: of.String()},
			audit.Fields{"name": found.Name}, audit.Fields{"name": found.Name, "revoked_at": tx.Now})
	})
}

// RevokeIn makes the credential of a device's agent void in the transaction of
// another use case, which has checked who may. A device without an agent, or
// whose agent is revoked already, stays as it is.
func (a *Agents) RevokeIn(ctx context.Context, tx *store.Tx, of Key) error {
	var found struct {
		Name string
		UID  ID
	}
	err := tx.Raw(`SELECT d.name, d.uid FROM devices d JOIN device_contacts c ON c.device_id = d.id
		WHERE d.id = ? AND c.revoked_at IS NULL`, of).Take(&found).Error
	switch {
	case store.Missing(err):
		return nil
	case err != nil:
		return fmt.Errorf("read agent of device %d: %w", of, err)
	}
	if err := tx.Exec("UPDATE device_contacts SET revoked_at = ? WHERE device_id = ?", tx.Now, of).Error; err != nil {
		return fmt.Errorf("revoke agent of device %d: %w", of, err)
	}
	return audit.Record(ctx, tx, "agent.revoked", audit.Object{Kind: "device", ID: found.UID.String()},
		audit.Fields{"name": found.Name}, audit.Fields{"name": found.Name, "revoked_at": tx.Now})
}
