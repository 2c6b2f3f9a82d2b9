package inventory

import (
	"context"
	"fmt"
	"iter"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/recognition"
)

// ProductHolderColumns is the list of the devices that have a product: the
// columns of devices and the version.
func ProductHolderColumns(ctx context.Context, product recognition.ProductID) *list.Definition[Holder] {
	return holderColumns(ctx, fmt.Sprintf("r.product_id = '%s'", product)) // an identifier needs no quoting
}

// ProductHolders answers one page of the devices that have a product. Faults:
// Missing, Invalid, Denied.
func (r *Reader) ProductHolders(ctx context.Context, product recognition.ProductID, q list.Query) (list.Page[Holder], error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return list.Page[Holder]{}, err
	}
	held, err := r.productSpread(ctx, product)
	if err != nil {
		return list.Page[Holder]{}, err
	}
	return list.Run(ctx, r.db, ProductHolderColumns(ctx, product), q, held.clause(r.db.Dialect()), within(reach))
}

// ExportProductHolders gives all devices that have a product and fit a query.
// Faults as those of ProductHolders; the actor needs devices.export.
func (r *Reader) ExportProductHolders(ctx context.Context, product recognition.ProductID, q list.Query) (iter.Seq2[Holder, error], error) {
	reach, err := identity.Reach(ctx, identity.DevicesExport)
	if err != nil {
		return nil, err
	}
	held, err := r.productSpread(ctx, product)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, ProductHolderColumns(ctx, product), q, held.clause(r.db.Dialect()), within(reach)), nil
}

// productSpread tells how widely a product is installed.
func (r *Reader) productSpread(ctx context.Context, of recognition.ProductID) (spread, error) {
	found, err := query(ctx, r, func(s *spread) []any { return []any{&s.everywhere} }, "SELECT devices FROM products WHERE id = ?", of)
	switch {
	case err != nil:
		return spread{}, fmt.Errorf("read product %s: %w", of, err)
	case len(found) == 0:
		return spread{}, fault.NewMissing("product")
	}
	held := found[0]
	held.releases, err = query(ctx, r, func(text *string) []any { return []any{text} },
		"SELECT CAST(r.id AS text) FROM releases r WHERE r.product_id = ? ORDER BY r.id", of)
	if err != nil {
		return spread{}, fmt.Errorf("read releases of product %s: %w", of, err)
	}
	return held, nil
}
