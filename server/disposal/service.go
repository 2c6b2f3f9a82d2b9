package disposal

import (
	"context"
	"fmt"
	"strings"

	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/check"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Peers is what other domains do for a disposal, each in its transaction.
type Peers struct {
	EndCustody  func(ctx context.Context, tx *store.Tx, of asset.ID, reason string) error
	SetStatus   func(ctx context.Context, tx *store.Tx, of asset.ID, to asset.Status) error
	RevokeAgent func(ctx context.Context, tx *store.Tx, of device.Key) error
	CloseAlerts func(ctx context.Context, tx *store.Tx, of device.Key) error
	// PreviewRights tells what releasing assets would do to licences, and
	// ReleaseRights does it; nil when nobody counts them.
	PreviewRights func(ctx context.Context, assets []asset.ID) ([]RightChange, error)
	ReleaseRights func(ctx context.Context, tx *store.Tx, assets []asset.ID) error
	// OpenTicket opens a security incident about a device that should be gone;
	// nil when there is no queue.
	OpenTicket func(ctx context.Context, tx *store.Tx, alarm Alarm) (TicketID, error)
}

// Service has the use cases of disposal.
type Service struct {
	db    *store.DB
	peers Peers
}

// New makes the service.
func New(db *store.DB, peers Peers) *Service { return &Service{db: db, peers: peers} }

// Wish is what is to be said about a case.
type Wish struct {
	Title       string
	UnitID      identity.UnitID
	Sensitivity string
	Reason      string
}

func (w Wish) tidied() (Wish, error) {
	var fields check.Fields
	w.Title = fields.Name("title", w.Title, nameLimit)
	w.Sensitivity = fields.Text("sensitivity", w.Sensitivity, nameLimit)
	w.Reason = fields.Note("reason", w.Reason, noteLimit)
	if w.UnitID.IsZero() {
		fields.Add("unit_id", "fault.field.required", nil)
	}
	return w, fields.Err()
}

// Create begins a case. Faults: Invalid, Denied.
func (s *Service) Create(ctx context.Context, wish Wish) (made *Case, err error) {
	wish, err = wish.tidied()
	if err != nil {
		return nil, err
	}
	if err := identity.AllowIn(ctx, identity.DisposalEdit, wish.UnitID); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		made, err = s.create(ctx, tx, wish)
		return err
	})
	return made, err
}

// Begin begins a case with its first assets, or does nothing at all. Faults:
// those of Create and Add.
func (s *Service) Begin(ctx context.Context, wish Wish, route, reason string, assets ...asset.ID) (made *Case, err error) {
	wish, err = wish.tidied()
	if err != nil {
		return nil, err
	}
	if err := identity.AllowIn(ctx, identity.DisposalEdit, wish.UnitID); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if made, err = s.create(ctx, tx, wish); err != nil {
			return err
		}
		made, err = s.actIn(ctx, tx, made.ID, identity.DisposalEdit, "disposal.assets_added", s.adding(ctx, route, reason, assets))
		return err
	})
	return made, err
}

func (s *Service) create(ctx context.Context, tx *store.Tx, wish Wish) (*Case, error) {
	number, err := nextNumber(tx)
	if err != nil {
		return nil, err
	}
	of := id.New[Mark]()
	err = tx.Exec(`INSERT INTO disposal_cases (id, number, title, state, unit_id, sensitivity, reason, version, created_by, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
		of, number, wish.Title, Draft, wish.UnitID, store.Null(wish.Sensitivity), store.Null(wish.Reason), identity.ActorOf(ctx).Name, tx.Now, tx.Now).Error
	if err != nil {
		return nil, fmt.Errorf("begin case: %w", err)
	}
	if err := audit.Record(ctx, tx, "disposal.created", object(of), nil, audit.Fields{"number": number, "title": wish.Title}); err != nil {
		return nil, err
	}
	return load(tx.DB, of)
}

func nextNumber(tx *store.Tx) (string, error) {
	year, last := tx.Now.Year(), 0
	err := tx.Raw(`INSERT INTO disposal_numbers (year, last) VALUES (?, 1)
		ON CONFLICT (year) DO UPDATE SET last = disposal_numbers.last + 1 RETURNING last`, year).Scan(&last).Error
	if err != nil {
		return "", fmt.Errorf("number the case: %w", err)
	}
	return fmt.Sprintf("DC-%d-%03d", year, last), nil
}

// Change says something else about a case; its unit stays. Faults: Missing,
// Denied, Invalid, Conflict once it has ended.
func (s *Service) Change(ctx context.Context, of ID, wish Wish) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.changed", func(_ *store.Tx, c *Case) (audit.Fields, error) {
		wish.UnitID = c.UnitID
		wish, err := wish.tidied()
		if err != nil {
			return nil, err
		}
		if err := c.only(Draft, Offered, Approved, Cleared, Released, Collected); err != nil {
			return nil, err
		}
		c.Title, c.Sensitivity, c.Reason = wish.Title, wish.Sensitivity, wish.Reason
		return audit.Fields{"title": c.Title, "sensitivity": c.Sensitivity, "note": c.Reason}, nil
	})
}

// Get gives a case up to date. Faults: Missing, Denied.
func (s *Service) Get(ctx context.Context, of ID) (*Case, error) {
	if err := identity.Allow(ctx, identity.DisposalRead); err != nil {
		return nil, err
	}
	c, err := s.current(ctx, of)
	if err != nil {
		return nil, err
	}
	return c, seen(ctx, c)
}

// seen checks that the actor may see the case. Faults: Missing, Denied.
func seen(ctx context.Context, c *Case) error {
	reach, err := identity.Reach(ctx, identity.DisposalRead)
	if err != nil {
		return err
	}
	if !reach.Has(c.UnitID) {
		return fault.NewMissing("disposal_case")
	}
	return nil
}

// work is what is done to a case that is locked, and what the history is told.
type work func(tx *store.Tx, c *Case) (audit.Fields, error)

// act does one thing to a case: it is locked, brought up to date, shown to
// do, saved, and the history told of it.
func (s *Service) act(ctx context.Context, of ID, needs identity.Permission, action string, do work) (done *Case, err error) {
	if err := identity.Allow(ctx, needs); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		done, err = s.actIn(ctx, tx, of, needs, action, do)
		return err
	})
	return done, err
}

func (s *Service) actIn(ctx context.Context, tx *store.Tx, of ID, needs identity.Permission, action string, do work) (*Case, error) {
	c, err := watched(tx, of)
	if err != nil {
		return nil, err
	}
	if err := seen(ctx, c); err != nil {
		return nil, err
	}
	if err := identity.AllowIn(ctx, needs, c.UnitID); err != nil {
		return nil, err
	}
	fields, err := do(tx, c)
	if err != nil {
		return nil, err
	}
	if err := c.save(tx); err != nil {
		return nil, err
	}
	if err := audit.Record(ctx, tx, action, object(of), nil, fields); err != nil {
		return nil, err
	}
	return watched(tx, of) // a new line may bring drives
}

func object(of ID) audit.Object { return audit.Object{Kind: "disposal_case", ID: of.String()} }

// signer is the person who acts: a user, or the one whose token it is. Fault:
// Conflict when it is nobody's.
func signer(ctx context.Context, tx *store.Tx) (of identity.UserID, name string, err error) {
	actor := identity.ActorOf(ctx)
	query := "SELECT id, name FROM users WHERE id = ?"
	switch actor.Kind {
	case identity.UserKind:
	case identity.TokenKind:
		query = "SELECT u.id, u.name FROM users u JOIN api_tokens t ON t.created_by = u.id WHERE t.id = ?"
	default:
		return of, "", fault.NewConflict("fault.disposal.person", nil)
	}
	err = tx.Raw(query, actor.ID).Row().Scan(&of, &name)
	switch {
	case store.Missing(err):
		return of, "", fault.NewConflict("fault.disposal.person", nil)
	case err != nil:
		return of, "", fmt.Errorf("read who acts: %w", err)
	}
	return of, name, nil
}

// Add puts assets into a case, on their way to a route; while it is a draft.
// Those that are not surplus yet become so. Faults: Missing, Denied, Invalid,
// Conflict when one is in another case, is gone, or is of a unit that the case
// is not about.
func (s *Service) Add(ctx context.Context, of ID, route, reason string, assets ...asset.ID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.assets_added", s.adding(ctx, route, reason, assets))
}

func (s *Service) adding(ctx context.Context, route, reason string, assets []asset.ID) work {
	return func(tx *store.Tx, c *Case) (audit.Fields, error) {
		if err := c.only(Draft); err != nil {
			return nil, err
		}
		const most = 500 // lines of a case, which is read whole
		if len(c.Lines)+len(assets) > most {
			return nil, fault.NewConflict("fault.disposal.too_many", fault.Args{"Limit": most})
		}
		reason, err := checkRoute(tx, route, reason)
		if err != nil {
			return nil, err
		}
		if len(assets) == 0 {
			return nil, fault.NewInvalid(fault.Field{Name: "assets", Key: "fault.field.required"})
		}
		var tags []string
		for _, one := range assets {
			tag, err := s.add(ctx, tx, c, one, route, reason)
			if err != nil {
				return nil, err
			}
			tags = append(tags, tag)
		}
		c.Version++
		return audit.Fields{"assets": strings.Join(tags, ", "), "route": route}, nil
	}
}

func (s *Service) add(ctx context.Context, tx *store.Tx, c *Case, of asset.ID, route, reason string) (tag string, err error) {
	var status asset.Status
	var unit identity.UnitID
	var below bool
	err = tx.Raw(`SELECT a.tag, a.status, a.unit_id, u.path LIKE o.path || '%' FROM assets a JOIN units u ON u.id = a.unit_id
		JOIN units o ON o.id = ? WHERE a.id = ?`, c.UnitID, of).Row().Scan(&tag, &status, &unit, &below)
	reach, denied := identity.Reach(ctx, identity.AssetsRead)
	switch {
	case store.Missing(err) || err == nil && (denied != nil || !reach.Has(unit)):
		return "", fault.NewMissing("asset")
	case err != nil:
		return "", fmt.Errorf("read asset %s: %w", of, err)
	case !below:
		return "", fault.NewConflict("fault.disposal.other_unit", fault.Args{"Tag": tag})
	}
	if err := identity.AllowIn(ctx, identity.DisposalEdit, unit); err != nil {
		return "", err
	}
	if status != asset.Surplus && status != asset.Lost {
		if err := identity.AllowIn(ctx, identity.AssetsRetire, unit); err != nil {
			return "", err
		}
		if err := s.peers.SetStatus(ctx, tx, of, asset.Surplus); err != nil {
			return "", err
		}
	}
	var taken string
	err = tx.Raw(`SELECT c.number FROM disposal_lines l JOIN disposal_cases c ON c.id = l.case_id WHERE l.asset_id = ? AND l.active`, of).Scan(&taken).Error
	if err != nil {
		return "", fmt.Errorf("look for cases of asset %s: %w", of, err)
	}
	if taken != "" {
		return "", fault.NewConflict("fault.disposal.taken", fault.Args{"Tag": tag, "Number": taken})
	}
	err = tx.Exec(`INSERT INTO disposal_lines (id, case_id, asset_id, route, reason, active, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New[LineMark](), c.ID, of, route, store.Null(reason), true, identity.ActorOf(ctx).Name, tx.Now).Error
	if store.Duplicate(err) {
		return "", fault.NewConflict("fault.disposal.taken", fault.Args{"Tag": tag, "Number": ""})
	}
	if err != nil {
		return "", fmt.Errorf("add asset %s: %w", of, err)
	}
	return tag, nil
}

// Remove takes a line out of a draft. Its drives are remembered, and asked for
// again when the asset comes back in any case. Faults: Missing, Denied,
// Conflict.
func (s *Service) Remove(ctx context.Context, of ID, line LineID) (*Case, error) {
	return s.act(ctx, of, identity.DisposalEdit, "disposal.line_removed", func(tx *store.Tx, c *Case) (audit.Fields, error) {
		l, err := c.lineIn(line, Draft)
		if err != nil {
			return nil, err
		}
		if err := tx.Exec("UPDATE disposal_lines SET active = ?, removed_at = ? WHERE id = ?", false, tx.Now, line).Error; err != nil {
			return nil, fmt.Errorf("take line %s out: %w", line, err)
		}
		c.Version++
		return audit.Fields{"asset": l.Tag}, nil
	})
}

// lineIn finds a line when the case is in one of the states. Faults: Missing,
// Conflict.
func (c *Case) lineIn(of LineID, states ...State) (*Line, error) {
	line := c.line(of)
	if line == nil {
		return nil, fault.NewMissing("disposal_line")
	}
	return line, c.only(states...)
}

// driveIn finds a drive when the case is in one of the states. Faults:
// Missing, Conflict.
func (c *Case) driveIn(of DriveID, states ...State) (*Drive, error) {
	drive := c.drive(of)
	if drive == nil {
		return nil, fault.NewMissing("drive")
	}
	return drive, c.only(states...)
}

// required checks a text that must be given. Fault: Invalid.
func required(name, value string, limit int) (string, error) {
	var fields check.Fields
	value = fields.Note(name, value, limit)
	if value == "" {
		fields.Add(name, "fault.field.required", nil)
	}
	return value, fields.Err()
}

// working lists the states in which drives and things are dealt with.
func working() []State {
	return []State{Draft, Offered, Approved, Cleared, Released, Collected}
}

// recording lists the states in which the removal of data is recorded: from
// approval on, since what was wiped is of no more use to its unit.
func recording() []State { return []State{Approved, Cleared, Released, Collected} }
