package asset

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Row is an asset with the names of what it belongs to, as lists show it.
type Row struct {
	Asset
	Unit       string
	Custodian  string    // empty also for readers without people.read
	Place      string    // the names from the top down
	DeviceID   device.ID // empty, as the names of devices are, also for readers who may not see it
	DeviceName string
	Host       string // name of the device that it hangs on
	HostID     device.ID
	deviceUnit identity.UnitID
	hostUnit   identity.UnitID
}

const selected = `a.id, a.tag, a.kind, a.maker, a.model, a.serial, a.status, a.custodian_id, a.place_id, a.unit_id,
	a.purchased_on, a.cost_cents, a.currency, a.warranty_ends_on, a.order_number, a.device_id, a.linked_by, a.linked_at,
	a.note, a.created_at, a.updated_at, u.name, c.name, p.path, d.uid, d.name, d.unit_id, h.uid, h.name, h.unit_id`

// joins are the tables of selected besides assets a.
func joins() []list.Join {
	return []list.Join{
		{Alias: "u", SQL: "JOIN units u ON u.id = a.unit_id"},
		{Alias: "c", SQL: "LEFT JOIN people c ON c.id = a.custodian_id"},
		{Alias: "p", SQL: "LEFT JOIN places p ON p.id = a.place_id"},
		{Alias: "d", SQL: "LEFT JOIN devices d ON d.id = a.device_id"},
		{Alias: "h", SQL: `LEFT JOIN devices h ON h.id = (SELECT MAX(t.device_id) FROM asset_attachments t
			WHERE t.asset_id = a.id AND t.until IS NULL)`},
	}
}

// scan gives the places of selected.
func (r *Row) scan() []any {
	return []any{
		&r.ID, &r.Tag, &r.Kind, list.Blank(&r.Maker), list.Blank(&r.Model), list.Blank(&r.Serial), &r.Status,
		&r.CustodianID, &r.PlaceID, &r.UnitID, list.Day(&r.PurchasedOn), &r.CostCents, list.Blank(&r.Currency),
		list.Day(&r.WarrantyEnds), list.Blank(&r.OrderNumber), list.Blank(&r.Device), list.Blank(&r.LinkedBy),
		list.Blank(&r.LinkedAt), list.Blank(&r.Note), &r.CreatedAt, &r.UpdatedAt,
		&r.Unit, list.Blank(&r.Custodian), list.Blank(&r.Place), &r.DeviceID, list.Blank(&r.DeviceName), &r.deviceUnit,
		&r.HostID, list.Blank(&r.Host), &r.hostUnit,
	}
}

// within keeps to the assets, as a, of a part of the organisation.
func within(scope identity.Scope) list.Clause { return list.Within("a.unit_id", scope) }

// read reads assets by a condition on a, by tag.
func read(db *gorm.DB, where list.Clause, limit int) (found []Row, err error) {
	query := "SELECT " + selected + " FROM assets a"
	for _, join := range joins() {
		query += " " + join.SQL
	}
	query += " WHERE " + where.SQL + fmt.Sprintf(" ORDER BY a.tag, a.id LIMIT %d", limit)
	rows, err := db.Raw(query, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Row
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// find reads one asset of a part of the organisation. Fault: Missing.
func find(db *gorm.DB, of ID, reach identity.Scope) (Row, error) {
	found, err := read(db, list.All(list.Where("a.id = ?", of), within(reach)), 1)
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("asset")
	}
	return found[0], nil
}

// stored reads an asset whatever its unit, and keeps others from changing it
// until the transaction ends. Fault: Missing.
func stored(tx *store.Tx, of ID) (Row, error) {
	if tx.Dialect() == store.Postgres {
		if err := tx.Exec("SELECT id FROM assets WHERE id = ? FOR UPDATE", of).Error; err != nil {
			return Row{}, fmt.Errorf("lock asset %s: %w", of, err)
		}
	}
	return find(tx.DB, of, identity.Scope{All: true})
}

func insert(tx *store.Tx, a Asset) error {
	err := tx.Exec(`INSERT INTO assets (id, tag, kind, maker, model, serial, status, custodian_id, place_id, unit_id,
		purchased_on, cost_cents, currency, warranty_ends_on, order_number, note, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Tag, a.Kind, store.Null(a.Maker), store.Null(a.Model), store.Null(a.Serial), a.Status, a.CustodianID, a.PlaceID, a.UnitID,
		days(a.PurchasedOn), a.CostCents, store.Null(a.Currency), days(a.WarrantyEnds), store.Null(a.OrderNumber), store.Null(a.Note), tx.Now, tx.Now).Error
	return failure("add asset", a.Tag, err)
}

func update(tx *store.Tx, a Asset) error {
	err := tx.Exec(`UPDATE assets SET tag = ?, kind = ?, maker = ?, model = ?, serial = ?, status = ?, custodian_id = ?,
		place_id = ?, unit_id = ?, purchased_on = ?, cost_cents = ?, currency = ?, warranty_ends_on = ?, order_number = ?,
		device_id = ?, linked_by = ?, linked_at = ?, note = ?, updated_at = ? WHERE id = ?`,
		a.Tag, a.Kind, store.Null(a.Maker), store.Null(a.Model), store.Null(a.Serial), a.Status, a.CustodianID,
		a.PlaceID, a.UnitID, days(a.PurchasedOn), a.CostCents, store.Null(a.Currency), days(a.WarrantyEnds), store.Null(a.OrderNumber),
		keyOrNull(a.Device), store.Null(string(a.LinkedBy)), timeOrNull(a.LinkedAt), store.Null(a.Note), tx.Now, a.ID).Error
	return failure("change asset", a.Tag, err)
}

func failure(doing, tag string, err error) error {
	switch {
	case err == nil:
		return nil
	case store.Duplicate(err):
		return errors.Join(fault.NewConflict("fault.asset.tag_taken", fault.Args{"Tag": tag}), err)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return errors.Join(fault.NewConflict("fault.asset.gone", nil), err)
	}
	return fmt.Errorf("%s %s: %w", doing, tag, err)
}

func keyOrNull(key device.Key) *device.Key {
	if key == 0 {
		return nil
	}
	return &key
}

func timeOrNull(when time.Time) *time.Time {
	if when.IsZero() {
		return nil
	}
	return &when
}

// days counts the days since 1970-01-01.
func days(when time.Time) *int64 {
	if when.IsZero() {
		return nil
	}
	return new(when.Unix() / (24 * 60 * 60))
}

// fold gives a text as LOWER does on both databases for tags and serial
// numbers: only ASCII letters change.
func fold(text string) string {
	return strings.Map(func(letter rune) rune {
		if letter >= 'A' && letter <= 'Z' {
			return letter + 'a' - 'A'
		}
		return letter
	}, strings.TrimSpace(text))
}
