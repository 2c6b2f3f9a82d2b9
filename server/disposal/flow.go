package disposal

import (
	"context"
	"fmt"

	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Approve says yes to a case as it stands. With enough different people, none
// of them the proposer, it is approved. Faults: Missing, Denied, Conflict when
// an offer is open, or the person has decided or proposed it.
func (s *Service) Approve(ctx context.Context, of ID, note string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalApprove, "disposal.approved", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.only(Offered); err != nil {
			return nil, err
		}
		for _, line := range c.Lines {
			if line.SettledAt.IsZero() {
				return nil, fault.NewConflict("fault.disposal.unsettled", fault.Args{"Tag": line.Tag})
			}
		}
		if err := s.decide(ctx, tx, c, Agreed, note); err != nil {
			return nil, err
		}
		routes, err := ladder(tx.DB)
		if err != nil {
			return nil, err
		}
		fields := audit.Fields{"approvals": len(c.Given()), "wanted": c.approvals(routes)}
		if len(c.Given()) >= c.approvals(routes) {
			return fields, c.move(Approved, tx.Now)
		}
		return fields, nil
	})
}

// Decline says no, with the reason: the case is a draft again. Faults:
// Missing, Denied, Invalid, Conflict.
func (s *Service) Decline(ctx context.Context, of ID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalApprove, "disposal.declined", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.only(Offered); err != nil {
			return nil, err
		}
		reason, err := required("reason", reason, noteLimit)
		if err != nil {
			return nil, err
		}
		if err := s.decide(ctx, tx, c, Declined, reason); err != nil {
			return nil, err
		}
		return audit.Fields{"reason": reason}, c.back(ctx, tx)
	})
}

func (s *Service) decide(ctx context.Context, tx *store.Tx, c *Case, decision Decision, note string) error {
	var fields check.Fields
	note = fields.Note("note", note, noteLimit)
	if err := fields.Err(); err != nil {
		return err
	}
	approver, name, err := signer(ctx, tx)
	if err != nil {
		return err
	}
	if approver == c.ProposedByID {
		return fault.NewConflict("fault.disposal.own", nil)
	}
	// Who agreed to what the case was before may agree to what it is now.
	err = tx.Exec("UPDATE disposal_approvals SET void_at = ? WHERE case_id = ? AND version <> ? AND void_at IS NULL", tx.Now, c.ID, c.Version).Error
	if err != nil {
		return fmt.Errorf("void approvals: %w", err)
	}
	saw, err := s.preview(ctx, tx.DB, c)
	if err != nil {
		return err
	}
	saw.At = tx.Now
	text, err := encode(saw)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO disposal_approvals (id, case_id, version, decision, user_id, name, note, at, saw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New[Approval](), c.ID, c.Version, decision, approver, name, store.Null(note), tx.Now, text).Error
	if store.Duplicate(err) {
		return fault.NewConflict("fault.disposal.decided", nil)
	}
	if err != nil {
		return fmt.Errorf("keep the decision: %w", err)
	}
	c.Approvals = append(c.Approvals, Approval{UserID: approver, Name: name, Decided: decision, At: tx.Now, Version: c.Version})
	return nil
}

// Revise takes a case back to change it: approvals are void, offers end. What
// was recorded of drives stays. Faults: Missing, Denied, Invalid, Conflict.
func (s *Service) Revise(ctx context.Context, of ID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.revised", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if !c.State.May(Draft) {
			return nil, c.move(Draft, tx.Now)
		}
		reason, err := required("reason", reason, noteLimit)
		if err != nil {
			return nil, err
		}
		return audit.Fields{"reason": reason}, c.back(ctx, tx)
	})
}

func (c *Case) back(ctx context.Context, tx *store.Tx) error {
	if err := c.move(Draft, tx.Now); err != nil {
		return err
	}
	c.Version++
	if err := tx.Exec("UPDATE disposal_approvals SET void_at = ? WHERE case_id = ? AND void_at IS NULL", tx.Now, c.ID).Error; err != nil {
		return fmt.Errorf("void approvals: %w", err)
	}
	for _, line := range c.Lines {
		if err := end(ctx, tx, line.ID, OfferWithdrawn, "", ""); err != nil {
			return err
		}
		if err := direct(tx, line.ID, line.Route, line.Reason); err != nil {
			return err
		}
	}
	return nil
}

// Clear says that the data of a case is dealt with. Faults: Missing, Denied,
// Conflict while anything blocks.
func (s *Service) Clear(ctx context.Context, of ID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.cleared", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Cleared, tx.Now); err != nil {
			return nil, err
		}
		drives, _ := c.Drives()
		return audit.Fields{"drives": drives}, c.clear()
	})
}

// Release lets the things of a case go, all in one transaction or not at all:
// custody ends, agents are revoked, alerts closed, rights leave or return, and
// what the body does not keep is disposed of. Faults: Missing, Denied,
// Conflict while anything blocks, approvals are missing, or a thing is not
// surplus any more.
func (s *Service) Release(ctx context.Context, of ID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.released", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Released, tx.Now); err != nil {
			return nil, err
		}
		if err := c.clear(); err != nil {
			return nil, err
		}
		routes, err := ladder(tx.DB)
		if err != nil {
			return nil, err
		}
		if len(c.Given()) < c.approvals(routes) {
			return nil, fault.NewConflict("fault.disposal.unapproved", nil)
		}
		for _, line := range c.Lines {
			if line.Status != asset.Surplus && line.Status != asset.Lost {
				return nil, fault.NewConflict("fault.disposal.not_surplus", fault.Args{"Tag": line.Tag})
			}
		}
		if c.Outcome, err = s.preview(ctx, tx.DB, c); err != nil {
			return nil, err
		}
		c.Outcome.At = tx.Now
		return audit.Fields{"assets": len(c.Lines), "agents": c.Outcome.Agents, "alerts": c.Outcome.Alerts}, s.letGo(ctx, tx, c, routes)
	})
}

func (s *Service) letGo(ctx context.Context, tx *store.Tx, c *Case, routes []Route) error {
	why := c.Number + " " + c.Title
	var leaving []asset.ID
	for _, line := range c.Lines {
		if err := s.peers.EndCustody(ctx, tx, line.AssetID, why); err != nil {
			return err
		}
		if Rung(routes, line.Route).Keeps {
			if err := s.peers.SetStatus(ctx, tx, line.AssetID, asset.InStock); err != nil {
				return err
			}
			continue
		}
		leaving = append(leaving, line.AssetID)
		if err := s.peers.SetStatus(ctx, tx, line.AssetID, asset.Disposed); err != nil {
			return err
		}
	}
	for _, key := range c.leaving(routes) {
		if err := s.peers.RevokeAgent(ctx, tx, key); err != nil {
			return err
		}
		if err := s.peers.CloseAlerts(ctx, tx, key); err != nil {
			return err
		}
	}
	if s.peers.ReleaseRights != nil && len(leaving) > 0 {
		return s.peers.ReleaseRights(ctx, tx, leaving)
	}
	return nil
}

// leaving lists the devices that go with the things that the body does not
// keep.
func (c *Case) leaving(routes []Route) (keys []device.Key) {
	for _, line := range c.Lines {
		if Rung(routes, line.Route).Keeps {
			continue
		}
		for _, one := range line.Devices {
			if one.Other == "" {
				keys = append(keys, one.Key)
			}
		}
	}
	return keys
}

// Collect says that the things were taken away, and by whom. Faults: Missing,
// Denied, Invalid, Conflict, also when a late report shows another drive.
func (s *Service) Collect(ctx context.Context, of ID, collector string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.collected", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Collected, tx.Now); err != nil {
			return nil, err
		}
		collector, err := required("collector", collector, nameLimit)
		if err != nil {
			return nil, err
		}
		c.Collector = collector
		return audit.Fields{"collector": collector}, c.clear()
	})
}

// Close ends a case. Faults: Missing, Denied, Conflict, also when a late
// report shows another drive.
func (s *Service) Close(ctx context.Context, of ID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.closed", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Closed, tx.Now); err != nil {
			return nil, err
		}
		if err := c.clear(); err != nil {
			return nil, err
		}
		return audit.Fields{}, rest(tx, c.ID)
	})
}

// Cancel ends a case without letting anything go: its assets stay surplus.
// Faults: Missing, Denied, Invalid, Conflict after release.
func (s *Service) Cancel(ctx context.Context, of ID, reason string) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.cancelled", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.move(Cancelled, tx.Now); err != nil {
			return nil, err
		}
		reason, err := required("reason", reason, noteLimit)
		if err != nil {
			return nil, err
		}
		for _, line := range c.Lines {
			if err := end(ctx, tx, line.ID, OfferWithdrawn, "", ""); err != nil {
				return nil, err
			}
		}
		return audit.Fields{"reason": reason}, rest(tx, c.ID)
	})
}

// rest lets the assets of a case come into another one.
func rest(tx *store.Tx, of ID) error {
	if err := tx.Exec("UPDATE disposal_lines SET active = ? WHERE case_id = ?", false, of).Error; err != nil {
		return fmt.Errorf("end the lines of case %s: %w", of, err)
	}
	return nil
}

// To gives a case another state by its name, for the door of programs: text is
// what the state asks for, a note, a reason or a name. Faults: as those of the
// use case, Conflict for a state that nothing leads to.
func (s *Service) To(ctx context.Context, of ID, state State, text string) (*Case, error) {
	switch state {
	case Draft:
		return s.Revise(ctx, of, text)
	case Offered:
		return s.Offer(ctx, of)
	case Approved:
		return s.Approve(ctx, of, text)
	case Cleared:
		return s.Clear(ctx, of)
	case Released:
		return s.Release(ctx, of)
	case Collected:
		return s.Collect(ctx, of, text)
	case Closed:
		return s.Close(ctx, of)
	case Cancelled:
		return s.Cancel(ctx, of, text)
	}
	return nil, fault.NewInvalid(fault.Field{Name: "state", Key: "fault.field.choice"})
}
