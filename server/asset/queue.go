package asset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Waiting is a device in the queue: it has no asset, or something on it is not
// clear.
type Waiting struct {
	Key        device.Key
	ID         device.ID
	Name       string
	Kind       device.Kind
	Maker      string
	Model      string
	Serial     string
	AssetTag   string // in the firmware
	UnitID     identity.UnitID
	Unit       string
	FirstSeen  time.Time
	Asset      ID // that it has; then only a peripheral of it is not clear
	Candidates []Candidate
	fitting    int
}

// Candidate is an asset that a device may be.
type Candidate struct {
	ID     ID
	Tag    string
	Kind   Kind
	Model  string
	Serial string
	Status Status
	Reason Reason
	Device string // name of the device that the asset has already
}

const candidatesSQL = "(SELECT COUNT(*) FROM asset_candidates k WHERE k.device_id = d.id)"

// QueueColumns is the list of devices that have no asset yet, virtual machines
// and containers left out.
func QueueColumns() *list.Definition[Waiting] {
	waits := func(field list.Field, value func(Waiting) any) list.Column[Waiting] {
		field.Filterable = true
		return list.Column[Waiting]{Field: field, Value: value}
	}
	return &list.Definition[Waiting]{
		Name: "unowned",
		Select: `d.id, d.uid, d.name, d.kind, d.maker, d.model, d.serial, d.asset_tag, d.unit_id, u.name, d.first_seen_at,
			(SELECT a.id FROM assets a WHERE a.device_id = d.id), ` + candidatesSQL,
		Scan: func(w *Waiting) []any {
			return []any{
				&w.Key, &w.ID, &w.Name, &w.Kind, list.Blank(&w.Maker), list.Blank(&w.Model), list.Blank(&w.Serial),
				list.Blank(&w.AssetTag), &w.UnitID, &w.Unit, &w.FirstSeen, &w.Asset, &w.fitting,
			}
		},
		From:  "devices d",
		Joins: []list.Join{{Alias: "u", SQL: "JOIN units u ON u.id = d.unit_id"}},
		ID:    "d.id", IDKind: list.Number,
		Default: "-first_seen",
		Search: func(text string) list.Clause {
			return list.Any(list.Contains("d.name", text), list.Contains("d.serial", text), list.Contains("d.model", text), list.Contains("d.asset_tag", text))
		},
		Columns: []list.Column[Waiting]{
			waits(list.Field{Key: "name", SQL: "d.name", Kind: list.Text, Sortable: true, Shown: true}, func(w Waiting) any { return w.Name }),
			waits(list.Field{Key: "kind", SQL: "d.kind", Kind: list.Enum, Sortable: true}, func(w Waiting) any { return string(w.Kind) }),
			waits(list.Field{Key: "model", SQL: "d.model", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(w Waiting) any { return w.Model }),
			waits(list.Field{Key: "serial", SQL: "d.serial", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(w Waiting) any { return w.Serial }),
			waits(list.Field{Key: "asset_tag", SQL: "d.asset_tag", Kind: list.Text, Sortable: true, Nullable: true}, func(w Waiting) any { return w.AssetTag }),
			waits(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Match: deviceInUnit}, func(w Waiting) any { return w.Unit }),
			waits(list.Field{Key: "first_seen", SQL: "d.first_seen_at", Kind: list.Time, Sortable: true, Shown: true}, func(w Waiting) any { return w.FirstSeen }),
			waits(list.Field{Key: "candidates", SQL: candidatesSQL, Kind: list.Number, Shown: true}, func(w Waiting) any { return w.fitting }),
		},
	}
}

func deviceInUnit(value string) list.Clause {
	if unit, err := uuid.Parse(value); err == nil {
		return list.Where("d.unit_id IN (SELECT id FROM units WHERE path LIKE ?)", "%/"+unit.String()+"/%")
	}
	named := list.Contains("name", value)
	return list.Where("d.unit_id IN (SELECT id FROM units WHERE "+named.SQL+")", named.Args...)
}

// waiting is what puts a device into the queue.
func waiting() list.Clause {
	return list.Where(ownable + ` AND d.id NOT IN (SELECT a.device_id FROM assets a WHERE a.device_id IS NOT NULL)
		OR d.id IN (SELECT k.device_id FROM asset_candidates k WHERE k.reason = 'peripherals')`)
}

// Queue answers one page of the devices that wait for an asset, with the
// assets that they may be. Faults: Invalid, Denied.
func (s *Service) Queue(ctx context.Context, q list.Query) (list.Page[Waiting], error) {
	clauses, err := mayQueue(ctx)
	if err != nil {
		return list.Page[Waiting]{}, err
	}
	page, err := list.Run(ctx, s.db, QueueColumns(), q, clauses...)
	if err != nil {
		return list.Page[Waiting]{}, err
	}
	return page, s.addCandidates(ctx, page.Items)
}

// CountQueue tells how many devices wait for an asset. Faults: Denied.
func (s *Service) CountQueue(ctx context.Context) (int, error) {
	clauses, err := mayQueue(ctx)
	if err != nil {
		return 0, err
	}
	return list.Count(ctx, s.db, QueueColumns(), list.Query{}, clauses...)
}

// CountUnclear tells how many devices may be one or another of several assets,
// so that only a person can say. Faults: Denied.
func (s *Service) CountUnclear(ctx context.Context) (count int, err error) {
	clauses, err := mayQueue(ctx)
	if err != nil {
		return 0, err
	}
	where := list.All(append(clauses, list.Where("d.id IN (SELECT k.device_id FROM asset_candidates k WHERE k.reason <> ?)", Parted))...)
	if err := s.db.Read(ctx).Raw("SELECT COUNT(*) FROM devices d WHERE "+where.SQL, where.Args...).Row().Scan(&count); err != nil {
		return 0, fmt.Errorf("count devices that are not clear: %w", err)
	}
	return count, nil
}

// ExportQueue gives all devices of a query that wait. Faults as those of
// Queue; the actor needs assets.export.
func (s *Service) ExportQueue(ctx context.Context, q list.Query) (iter.Seq2[Waiting, error], error) {
	clauses, err := mayQueue(ctx)
	if err != nil {
		return nil, err
	}
	export, err := identity.Reach(ctx, identity.AssetsExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, s.db, QueueColumns(), q, append(clauses, list.Within("d.unit_id", export))...), nil
}

// mayQueue narrows the queue to where the actor may see devices and assets.
func mayQueue(ctx context.Context) ([]list.Clause, error) {
	assets, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	devices, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return nil, err
	}
	return []list.Clause{waiting(), list.Within("d.unit_id", assets), list.Within("d.unit_id", devices)}, nil
}

// addCandidates reads the assets that the devices of a page may be, as far as
// the actor may see them.
func (s *Service) addCandidates(ctx context.Context, page []Waiting) (err error) {
	places := map[device.Key]int{}
	var keys []device.Key
	for i, w := range page {
		if w.fitting > 0 {
			places[w.Key], keys = i, append(keys, w.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := s.candidates(ctx, keys)
	for key, candidates := range found {
		page[places[key]].Candidates = candidates
	}
	return err
}

func (s *Service) candidates(ctx context.Context, keys []device.Key) (found map[device.Key][]Candidate, err error) {
	reach, err := identity.Reach(ctx, identity.AssetsRead)
	if err != nil {
		return nil, err
	}
	where := list.All(list.Where("k.device_id IN ?", keys), within(reach))
	rows, err := s.db.Read(ctx).Raw(`SELECT k.device_id, a.id, a.tag, a.kind, a.model, a.serial, a.status, k.reason, d.name
		FROM asset_candidates k JOIN assets a ON a.id = k.asset_id LEFT JOIN devices d ON d.id = a.device_id
		WHERE `+where.SQL+" ORDER BY a.tag", where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found = map[device.Key][]Candidate{}
	for rows.Next() {
		var key device.Key
		var c Candidate
		err := rows.Scan(&key, &c.ID, &c.Tag, &c.Kind, list.Blank(&c.Model), list.Blank(&c.Serial), &c.Status, &c.Reason, list.Blank(&c.Device))
		if err != nil {
			return nil, fmt.Errorf("read candidates: %w", err)
		}
		found[key] = append(found[key], c)
	}
	return found, rows.Err()
}
