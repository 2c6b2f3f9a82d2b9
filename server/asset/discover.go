package asset

import (
	"context"
	"fmt"
	"time"

	"holdfast/server/audit"
	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// newcomer is a peripheral that nobody recorded, and the device that it hangs
// on.
type newcomer struct {
	Asset
	on device.Key
}

// discover notes a peripheral that nobody recorded, to be recorded in the unit
// of what it hangs on.
func (m *move) discover(host observed, p peripheral) ID {
	unit, owned := m.units[host.Key]
	if !owned {
		unit = host.UnitID
	}
	one := newcomer{on: host.Key, Asset: Asset{ID: id.New[Mark](), Status: InUse}.decided(Wish{
		Kind: p.kind, Maker: clip(p.maker), Model: clip(p.model), Serial: clip(p.serial), UnitID: unit,
	})}
	m.places[one.ID] = len(m.fresh)
	m.fresh = append(m.fresh, one)
	m.marked[fold(p.serial)] = append(m.marked[fold(p.serial)], Row{Asset: one.Asset})
	return one.ID
}

// known gives the newcomer that an asset is, or nil.
func (m *move) known(of ID) *newcomer {
	i, is := m.places[of]
	if !is {
		return nil
	}
	return &m.fresh[i]
}

// moves lets a newcomer hang on another device, and reports whether the asset
// is one.
func (m *move) moves(of ID, to device.Key) bool {
	one := m.known(of)
	if one != nil {
		one.on = to
	}
	return one != nil
}

// recordNew records peripherals with tags of their series, and where they hang.
func (s *Service) recordNew(ctx context.Context, tx *store.Tx, fresh []newcomer) error {
	if len(fresh) == 0 {
		return nil
	}
	if err := lockTags(tx); err != nil {
		return err
	}
	tags, err := series(tx.DB, firstPeripheralTag, len(fresh))
	if err != nil {
		return err
	}
	ids := make([]ID, len(fresh))
	for i := range fresh {
		ids[i], fresh[i].Tag = fresh[i].ID, tags[i]
	}
	text := func(name string, get func(*newcomer) string) store.Column { return store.ColOf(name, fresh, get) }
	optional := func(name string, get func(*newcomer) string) store.Column {
		return store.ColOf(name, fresh, func(n *newcomer) *string { return store.Null(get(n)) })
	}
	now := func(name string) store.Column {
		return store.ColOf(name, fresh, func(*newcomer) time.Time { return tx.Now })
	}
	err = tx.InsertRows("assets", "",
		text("id", func(n *newcomer) string { return n.ID.String() }).As("uuid"),
		text("tag", func(n *newcomer) string { return n.Tag }),
		text("kind", func(n *newcomer) string { return string(n.Kind) }),
		optional("maker", func(n *newcomer) string { return n.Maker }),
		optional("model", func(n *newcomer) string { return n.Model }),
		optional("serial", func(n *newcomer) string { return n.Serial }),
		text("status", func(n *newcomer) string { return string(n.Status) }),
		text("unit_id", func(n *newcomer) string { return n.UnitID.String() }).As("uuid"),
		now("created_at"), now("updated_at"))
	if err != nil {
		return fmt.Errorf("add peripherals: %w", err)
	}
	err = tx.InsertRows("asset_attachments", "",
		text("asset_id", func(n *newcomer) string { return n.ID.String() }).As("uuid"),
		store.ColOf("device_id", fresh, func(n *newcomer) device.Key { return n.on }), now("since"))
	if err != nil {
		return fmt.Errorf("attach peripherals: %w", err)
	}
	rows, err := read(tx.DB, list.Where("a.id IN ?", ids), len(ids))
	if err != nil {
		return err
	}
	changes := make([]audit.Change, len(rows))
	for i, row := range rows {
		changes[i] = audit.Change{Object: object(row.Asset), After: row.fields().Known()}
		if err := s.publish(tx, Topic, row.ID.String(), nil); err != nil {
			return err
		}
	}
	return audit.RecordAll(identity.WithActor(ctx, rule()), tx, "asset.created", changes)
}
