package position

import (
	"context"
	"fmt"

	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/store"
)

// hide takes the names of devices and people from an explanation that the
// actor may not see. The lines stay, so that they add up for every reader.
func (s *Service) hide(ctx context.Context, p *licence.Position) error {
	devices, people := reachOf(ctx, identity.DevicesRead), reachOf(ctx, identity.PeopleRead)
	if devices.All && people.All {
		return nil
	}
	refs := refsOf(p)
	seenDevices, err := s.seen(ctx, "uid", "devices", refs["device"], devices)
	if err != nil {
		return err
	}
	seenPeople, err := s.seen(ctx, "id", "people", refs["user"], people)
	if err != nil {
		return err
	}
	each(p, func(ref *licence.Ref) {
		switch ref.Kind {
		case "host", "virtual_machine", "device":
			if !seenDevices[ref.ID] {
				ref.ID, ref.Name = "", ""
			}
		case "user":
			if !seenPeople[ref.ID] {
				ref.ID, ref.Name = "", ""
			}
		}
	})
	if !devices.All {
		hideBound(p)
	}
	return nil
}

// reachOf is where the actor has a permission; nowhere is no fault here.
func reachOf(ctx context.Context, permission identity.Permission) identity.Scope {
	return identity.ActorOf(ctx).Reach(permission)
}

// hideBound takes the names of machines out of the terms of rights.
func hideBound(p *licence.Position) {
	for _, root := range []*licence.Node{&p.Explanation.Owned, &p.Explanation.NotInForce} {
		root.Walk(func(n *licence.Node) {
			for i := range n.Notes {
				if _, named := n.Notes[i].Args["Name"]; named {
					n.Notes[i].Args["Name"] = "…"
				}
			}
		})
	}
}

// each visits everything that a position refers to.
func each(p *licence.Position, visit func(*licence.Ref)) {
	e := &p.Explanation
	for _, root := range []*licence.Node{&e.Needed, &e.NotCounted, &e.Owned, &e.NotInForce} {
		root.Walk(func(n *licence.Node) {
			if n.Ref != nil {
				visit(n.Ref)
			}
		})
	}
	for i := range p.Problems {
		if p.Problems[i].Ref != nil {
			visit(p.Problems[i].Ref)
		}
	}
}

// refsOf gives the identifiers of devices and of users.
func refsOf(p *licence.Position) map[string][]string {
	refs := map[string][]string{}
	each(p, func(ref *licence.Ref) {
		switch ref.Kind {
		case "host", "virtual_machine", "device":
			refs["device"] = append(refs["device"], ref.ID)
		case "user":
			refs["user"] = append(refs["user"], ref.ID)
		}
	})
	return refs
}

// seen gives those of the identifiers that lie in a part of the organisation.
func (s *Service) seen(ctx context.Context, column, table string, ids []string, within identity.Scope) (map[string]bool, error) {
	seen := map[string]bool{}
	if len(ids) == 0 || within.Empty() {
		return seen, nil
	}
	text := column
	if s.db.Dialect() == store.Postgres {
		text = column + "::text"
	}
	where, listed := amongTexts(s.db.Dialect(), text, ids)
	args := []any{listed}
	if !within.All {
		where += " AND unit_id IN ?"
		args = append(args, within.Units)
	}
	var found []string
	if err := s.db.Read(ctx).Raw("SELECT "+text+" FROM "+table+" WHERE "+where, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read which %s may be named: %w", table, err)
	}
	for _, id := range found {
		seen[id] = true
	}
	return seen, nil
}
