package entitlement

import (
	"errors"
	"fmt"

	"gorm.io/gorm"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/list"
	"holdfast/server/store"
)

// Row is an entitlement with the names of what it belongs to, as lists show
// it.
type Row struct {
	Entitlement
	Product    string
	ProductKey string
	Unit       string
	Paper      string // its number
	AssetTag   string
	DeviceID   device.ID // of the asset
	Device     string
	Files      int // of the paper
	before     string
}

const selected = `e.id, e.reference, e.product_id, e.quantity, e.pack_size, e.metric, e.starts_on, e.ends_on, e.maintained_until,
	e.cost_cents, e.currency, e.unit_id, e.paper_id, e.asset_id, e.note, e.before, e.created_at, e.created_by, e.updated_at,
	e.updated_by, e.removed_at, p.name, p.key, u.name, k.number, a.tag, d.uid, d.name,
	(SELECT COUNT(*) FROM attachments f WHERE f.object_kind = 'paper' AND f.object_id = CAST(e.paper_id AS text))`

// joins are the tables of selected besides entitlements e.
func joins() []list.Join {
	return []list.Join{
		{Alias: "p", SQL: "JOIN products p ON p.id = e.product_id"},
		{Alias: "u", SQL: "JOIN units u ON u.id = e.unit_id"},
		{Alias: "k", SQL: "LEFT JOIN papers k ON k.id = e.paper_id"},
		{Alias: "a", SQL: "LEFT JOIN assets a ON a.id = e.asset_id"},
		{Alias: "d", SQL: "LEFT JOIN devices d ON d.id = (SELECT b.device_id FROM assets b WHERE b.id = e.asset_id)"},
	}
}

// scan gives the places of selected.
func (r *Row) scan() []any {
	return []any{
		&r.ID, &r.Reference, &r.ProductID, &r.Quantity, &r.PackSize, list.Blank(&r.Metric), list.Day(&r.StartsOn), list.Day(&r.EndsOn),
		list.Day(&r.MaintainedUntil), &r.CostCents, list.Blank(&r.Currency), &r.UnitID, &r.PaperID, &r.AssetID, &r.Note,
		list.Blank(&r.before), &r.CreatedAt, &r.CreatedBy, &r.UpdatedAt, &r.UpdatedBy, list.Blank(&r.RemovedAt),
		&r.Product, &r.ProductKey, &r.Unit, list.Blank(&r.Paper), list.Blank(&r.AssetTag), &r.DeviceID, list.Blank(&r.Device), &r.Files,
	}
}

// Undoable reports whether the last change is still there to be undone.
func (r Row) Undoable() bool { return r.before != "" }

// read reads entitlements by a condition on e, the newest first.
func read(db *gorm.DB, where list.Clause, limit int) (found []Row, err error) {
	query := "SELECT " + selected + " FROM entitlements e"
	for _, join := range joins() {
		query += " " + join.SQL
	}
	query += " WHERE " + where.SQL + fmt.Sprintf(" ORDER BY e.id DESC LIMIT %d", limit)
	rows, err := db.Raw(query, where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read entitlements: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Row
		if err := rows.Scan(one.scan()...); err != nil {
			return nil, fmt.Errorf("read entitlements: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// find reads one entitlement. Fault: Missing.
func find(db *gorm.DB, of ID) (Row, error) {
	found, err := read(db, list.Where("e.id = ?", of), 1)
	if err != nil {
		return Row{}, err
	}
	if len(found) == 0 {
		return Row{}, fault.NewMissing("entitlement")
	}
	return found[0], nil
}

// stored is find that keeps others from changing it until the transaction
// ends.
func stored(tx *store.Tx, of ID) (Row, error) {
	if err := hold(tx, "entitlements", of); err != nil {
		return Row{}, err
	}
	return find(tx.DB, of)
}

// hold keeps others from changing a row until the transaction ends.
func hold(tx *store.Tx, table string, of fmt.Stringer) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("SELECT id FROM "+table+" WHERE id = ? FOR UPDATE", of.String()).Error; err != nil {
		return fmt.Errorf("lock %s of %s: %w", of, table, err)
	}
	return nil
}

// number gives the next number of a series, such as R-0012.
func number(tx *store.Tx, series, prefix string) (string, error) {
	var next int
	err := tx.Raw("UPDATE licence_numbers SET last = last + 1 WHERE name = ? RETURNING last", series).Scan(&next).Error
	if err != nil {
		return "", fmt.Errorf("take the next number of %s: %w", series, err)
	}
	return fmt.Sprintf("%s-%04d", prefix, next), nil
}

func insert(tx *store.Tx, e Entitlement, before string) error {
	err := tx.Exec(`INSERT INTO entitlements (id, reference, product_id, quantity, pack_size, metric, starts_on, ends_on, maintained_until,
		cost_cents, currency, unit_id, paper_id, asset_id, note, before, created_at, created_by, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.Reference, e.ProductID, e.Quantity, e.PackSize, store.Null(e.Metric), days(e.StartsOn), days(e.EndsOn), days(e.MaintainedUntil),
		e.CostCents, store.Null(e.Currency), e.UnitID, e.PaperID, e.AssetID, e.Note, before, tx.Now, e.UpdatedBy, tx.Now, e.UpdatedBy).Error
	return failure("add entitlement", e.Reference, err)
}

func update(tx *store.Tx, e Entitlement, before *string) error {
	var removed any
	if !e.RemovedAt.IsZero() {
		removed = e.RemovedAt
	}
	err := tx.Exec(`UPDATE entitlements SET product_id = ?, quantity = ?, pack_size = ?, metric = ?, starts_on = ?, ends_on = ?,
		maintained_until = ?, cost_cents = ?, currency = ?, unit_id = ?, paper_id = ?, asset_id = ?, note = ?, before = ?,
		updated_at = ?, updated_by = ?, removed_at = ? WHERE id = ?`,
		e.ProductID, e.Quantity, e.PackSize, store.Null(e.Metric), days(e.StartsOn), days(e.EndsOn), days(e.MaintainedUntil),
		e.CostCents, store.Null(e.Currency), e.UnitID, e.PaperID, e.AssetID, e.Note, before, tx.Now, e.UpdatedBy, removed, e.ID).Error
	return failure("change entitlement", e.Reference, err)
}

func failure(doing, what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return errors.Join(fault.NewConflict("fault.entitlement.gone", nil), err)
	}
	return fmt.Errorf("%s %s: %w", doing, what, err)
}

// reference is something that must be there for what refers to it.
type reference struct {
	name  string // of the field
	key   string // of the message when it is not there
	from  string // table
	where list.Clause
	given bool
}

// checkReferences gives what is not there. Fault: Invalid.
func checkReferences(tx *store.Tx, references ...reference) error {
	var wrong []fault.Field
	for _, each := range references {
		if !each.given {
			continue
		}
		var found int
		if err := tx.Raw("SELECT COUNT(*) FROM "+each.from+" WHERE "+each.where.SQL, each.where.Args...).Scan(&found).Error; err != nil {
			return fmt.Errorf("check %s: %w", each.name, err)
		}
		if found == 0 {
			wrong = append(wrong, fault.Field{Name: each.name, Key: each.key})
		}
	}
	if len(wrong) > 0 {
		return fault.NewInvalid(wrong...)
	}
	return nil
}

func productThere(of ProductID) reference {
	return reference{"product_id", "fault.entitlement.product", "products", list.Where("id = ?", of), true}
}
