package disposal

import (
	"context"
	"fmt"

	"holdfast/server/asset"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// Held names the case that an asset is in.
type Held struct {
	ID     ID
	Number string
}

// Holds gives the case that an asset is in, or by which it left. Faults:
// Missing when there is none that the actor may see, Denied.
func (s *Service) Holds(ctx context.Context, of asset.ID) (Held, error) {
	reach, err := identity.Reach(ctx, identity.DisposalRead)
	if err != nil {
		return Held{}, err
	}
	var found Held
	var unit identity.UnitID
	err = s.db.Read(ctx).Raw(`SELECT c.id, c.number, c.unit_id FROM disposal_lines l JOIN disposal_cases c ON c.id = l.case_id
		WHERE l.asset_id = ? AND l.removed_at IS NULL AND c.state <> ? ORDER BY l.added_at DESC, l.id DESC LIMIT 1`,
		of, Cancelled).Row().Scan(&found.ID, &found.Number, &unit)
	switch {
	case store.Missing(err) || err == nil && !reach.Has(unit):
		return Held{}, fault.NewMissing("disposal_case")
	case err != nil:
		return Held{}, fmt.Errorf("find the case of asset %s: %w", of, err)
	}
	return found, nil
}
