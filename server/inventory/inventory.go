// Package inventory shows what was observed: lists of devices and of software,
// the page of one device, search, and the figures of the overview. It reads
// the tables that packages device and software write, joins them as people
// ask, and writes nothing; the rules of what is stored are theirs.
//
// Every answer is for the actor of the context. What lies outside the units
// where the actor has the permission does not exist for them, and who uses a
// device is only told to those who have people.read there.
//
// Each list is one table of columns (see package list): DeviceColumns,
// HolderColumns, InstallationColumns, ChangeColumns and TitleColumns.
package inventory

import (
	"context"
	"errors"
	"fmt"

	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Reader answers questions about the inventory.
type Reader struct{ db *store.DB }

// New makes the reader.
func New(db *store.DB) *Reader { return &Reader{db: db} }

// within keeps to the devices, as d, of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within("d.unit_id", scope) }

// mayKnowUser reports whether the actor may know who uses the device.
func mayKnowUser(ctx context.Context, one Device) bool {
	return identity.AllowIn(ctx, identity.PeopleRead, one.UnitID) == nil
}

// query reads all rows of a statement; scan gives the places of its columns.
func query[T any](ctx context.Context, r *Reader, scan func(*T) []any, statement string, args ...any) (found []T, err error) {
	rows, err := r.db.Read(ctx).Raw(statement, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one T
		if err := rows.Scan(scan(&one)...); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}
