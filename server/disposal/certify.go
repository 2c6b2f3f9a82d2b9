package disposal

import (
	"context"

	"holdfast/server/audit"
	"holdfast/server/store"
)

// Certifiable gives a case of which a certificate may be written: its data is
// dealt with and it is not cancelled. Faults: Missing, Denied, Conflict.
func (s *Service) Certifiable(ctx context.Context, of ID) (*Case, []Route, error) {
	c, err := s.Get(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	if err := c.only(Cleared, Released, Collected, Closed); err != nil {
		return nil, nil, err
	}
	if err := c.clear(); err != nil {
		return nil, nil, err
	}
	routes, err := s.Ladder(ctx)
	return c, routes, err
}

// Certified keeps that a certificate was written, and the hash by which it can
// be told from any other. Faults: Missing, Denied.
func (s *Service) Certified(ctx context.Context, of ID, language, hash string) error {
	if _, err := s.Get(ctx, of); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		return audit.Record(ctx, tx, "disposal.certified", object(of), nil, audit.Fields{"language": language, "sha256": hash})
	})
}
