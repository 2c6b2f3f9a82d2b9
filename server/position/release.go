package position

import (
	"context"
	"fmt"
	"slices"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/licence"
)

// Effect is what becomes of a product's position when assets leave: rights
// that are bound to them leave with them, and others are free again.
type Effect struct {
	Product ProductID
	Key     string
	Name    string
	Unit    licence.Label // what is counted
	Before  Figures
	After   Figures
	Leaving []string // references of the rights that leave
}

// Returning is how many rights are free again.
func (e Effect) Returning() int64 { return max(0, e.After.Available-e.Before.Available) }

// PreviewRelease works out what becomes of positions when assets are disposed
// of: of the products installed on them, and of those whose rights are bound to
// them. Nothing is changed. Fault: Denied.
func (s *Service) PreviewRelease(ctx context.Context, assets []asset.ID) ([]Effect, error) {
	if err := identity.Allow(ctx, identity.LicencesRead); err != nil {
		return nil, err
	}
	if len(assets) == 0 {
		return nil, nil
	}
	db := s.db.Read(ctx)
	bound := entitlement.BoundTo(assets, s.day())
	var products []ProductID
	err := db.Raw(`SELECT DISTINCT r.product_id FROM assets a JOIN installations i ON i.device_id = a.device_id JOIN releases r ON r.id = i.release_id
		JOIN products p ON p.id = r.product_id WHERE a.id IN ? AND `+licensed+`
		UNION SELECT e.product_id FROM entitlements e WHERE `+bound.SQL, append([]any{assets}, bound.Args...)...).Scan(&products).Error
	if err != nil {
		return nil, fmt.Errorf("read what is on %d assets: %w", len(assets), err)
	}
	var leaving []string
	if err := db.Raw("SELECT e.reference FROM entitlements e WHERE "+bound.SQL, bound.Args...).Scan(&leaving).Error; err != nil {
		return nil, fmt.Errorf("read what is bound to %d assets: %w", len(assets), err)
	}
	var devices []device.ID
	if err := db.Raw("SELECT d.uid FROM assets a JOIN devices d ON d.id = a.device_id WHERE a.id IN ?", assets).Scan(&devices).Error; err != nil {
		return nil, fmt.Errorf("read devices of %d assets: %w", len(assets), err)
	}
	l, err := load(ctx, db, s.db.Dialect(), s.now(), products)
	if err != nil {
		return nil, err
	}
	before, err := evaluate(ctx, l)
	if err != nil {
		return nil, err
	}
	effects := make([]Effect, len(before))
	for i := range before {
		p := &before[i]
		effects[i] = Effect{Product: p.product, Key: p.Product.Key, Name: p.Product.Name, Unit: p.Unit, Before: figuresOf(&p.Position)}
	}
	l.release(effects, leaving, devices)
	after, err := evaluate(ctx, l)
	if err != nil {
		return nil, err
	}
	for i := range after { // in the same order: by key
		effects[i].After = figuresOf(&after[i].Position)
	}
	return effects, nil
}

// release takes out of the estate what leaves with devices.
func (l *loader) release(effects []Effect, leaving []string, devices []device.ID) {
	gone := map[string]bool{}
	for _, id := range devices {
		gone[id.String()] = true
	}
	l.estate.Installations = slices.DeleteFunc(l.estate.Installations, func(i licence.Installation) bool { return gone[i.On] })
	l.estate.Entitlements = slices.DeleteFunc(l.estate.Entitlements, func(e licence.Entitlement) bool {
		if !slices.Contains(leaving, e.ID) {
			return false
		}
		at := slices.IndexFunc(effects, func(f Effect) bool { return f.Key == e.Product })
		effects[at].Leaving = append(effects[at].Leaving, e.ID)
		return true
	})
	for i := range effects {
		slices.Sort(effects[i].Leaving)
	}
}
