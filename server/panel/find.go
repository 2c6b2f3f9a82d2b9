package panel

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
)

// Match is a device that a search found.
type Match struct {
	ID    device.ID
	Name  string
	Kind  device.Kind
	Model string
	User  string // who uses or holds it
	By    string // by what it was found: name, serial, tag, address, mac, user, model, holder
	Value string // what of it matched
}

// Answer is what Find gives: the panel of the best match, and the others.
type Answer struct {
	Query  string
	Person *Person // when a person was meant
	Best   *Panel
	Others []Match
}

// Person is somebody whom a search found.
type Person struct {
	ID    person.ID
	Name  string
	Email string
}

// most is how many devices a search gives besides the best.
const most = 10

// Find finds a device by anything that a caller can say: its name, tag, serial
// number, IP or MAC address, or who uses or holds it. Faults: Invalid, Missing,
// Denied.
func (r *Reader) Find(ctx context.Context, text string) (Answer, error) {
	if err := identity.Allow(ctx, identity.DevicesRead); err != nil {
		return Answer{}, err
	}
	text = strings.TrimSpace(text)
	if len([]rune(text)) < 2 {
		return Answer{}, fault.NewInvalid(fault.Field{Name: "q", Key: "fault.panel.too_short"})
	}
	answer := Answer{Query: text}
	matches, err := r.Matches(ctx, text)
	if err != nil {
		return Answer{}, err
	}
	if answer.Person, err = r.person(ctx, text); err != nil {
		return Answer{}, err
	}
	if len(matches) == 0 {
		if answer.Person != nil {
			return answer, nil
		}
		return Answer{}, fault.NewMissing("device")
	}
	best, err := r.Of(ctx, matches[0].ID)
	if err != nil {
		return Answer{}, err
	}
	answer.Best, answer.Others = &best, matches[1:]
	return answer, nil
}

// Matches lists the devices that a text means, the best first.
func (r *Reader) Matches(ctx context.Context, text string) ([]Match, error) {
	var matches []Match
	seen := map[device.ID]bool{}
	add := func(found ...Match) {
		for _, m := range found {
			if !seen[m.ID] && len(matches) <= most {
				seen[m.ID] = true
				matches = append(matches, m)
			}
		}
	}
	if of, is := deviceID(text); is {
		if one, err := r.inventory.Device(ctx, of); err == nil {
			add(matched(one.Device.ID, one.Name, one.Kind, one.Model, one.LastUser, "id", text))
		} else if !fault.Is(err, fault.Missing) {
			return nil, err
		}
	}
	decided, err := r.decided(ctx, text)
	if err != nil {
		return nil, err
	}
	add(decided...)
	found, err := r.inventory.Search(ctx, text, most+1)
	if err != nil {
		return nil, err
	}
	for _, hit := range found.Devices {
		add(matched(hit.ID, hit.Name, hit.Kind, hit.Model, hit.LastUser, hit.By, hit.Value))
	}
	return matches, nil
}

func matched(of device.ID, name string, kind device.Kind, model, user, by, value string) Match {
	return Match{ID: of, Name: name, Kind: kind, Model: model, User: user, By: by, Value: value}
}

// decided finds devices by what is decided about them: the whole tag or serial
// number of their asset, or who holds it.
func (r *Reader) decided(ctx context.Context, text string) (found []Match, err error) {
	actor := identity.ActorOf(ctx)
	reach := actor.Reach(identity.AssetsRead)
	if reach.Empty() {
		return nil, nil
	}
	lower := strings.ToLower(text)
	named := list.Where("1 = 0")
	if actor.Reach(identity.PeopleRead).Covers(reach) {
		named = list.Any(list.Where("p.login = ? OR p.email = ?", lower, lower), list.Contains("p.name", text))
	}
	where := list.All(list.Where("d.id IS NOT NULL"), list.Within("a.unit_id", reach), list.Within("d.unit_id", actor.Reach(identity.DevicesRead)),
		list.Any(list.Where("LOWER(a.tag) = ? OR LOWER(a.serial) = ?", lower, lower), named))
	err = each(r.db.Read(ctx), fmt.Sprintf(`SELECT d.uid, d.name, d.kind, COALESCE(d.model, ''), COALESCE(p.name, ''), LOWER(a.tag), LOWER(COALESCE(a.serial, '')), a.tag
		FROM assets a JOIN devices d ON d.id = a.device_id LEFT JOIN people p ON p.id = a.custodian_id
		WHERE %s ORDER BY a.tag, a.id LIMIT %d`, where.SQL, most), where.Args, func(rows *sql.Rows) error {
		var m Match
		var tag, serial, shown string
		if err := rows.Scan(&m.ID, &m.Name, &m.Kind, &m.Model, &m.User, &tag, &serial, &shown); err != nil {
			return err
		}
		switch lower {
		case tag:
			m.By, m.Value = "tag", shown
		case serial:
			m.By, m.Value = "serial", text
		default:
			m.By, m.Value = "holder", m.User
		}
		found = append(found, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search assets: %w", err)
	}
	return found, nil
}

// person finds the one person that a text means by address, login or name.
func (r *Reader) person(ctx context.Context, text string) (*Person, error) {
	reach := identity.ActorOf(ctx).Reach(identity.PeopleRead)
	if reach.Empty() {
		return nil, nil //nolint:nilnil // nobody is meant, which is no failure
	}
	lower := strings.ToLower(text)
	where := list.All(list.Within("p.unit_id", reach), list.Any(list.Where("p.login = ? OR p.email = ?", lower, lower), list.Contains("p.name", text)))
	var found []Person
	err := each(r.db.Read(ctx), "SELECT p.id, p.name, COALESCE(p.email, '') FROM people p WHERE p.active AND "+where.SQL+" ORDER BY p.name, p.id LIMIT 2", where.Args,
		func(rows *sql.Rows) error {
			var one Person
			err := rows.Scan(&one.ID, &one.Name, &one.Email)
			found = append(found, one)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("search people: %w", err)
	}
	if len(found) != 1 {
		return nil, nil //nolint:nilnil // nobody in particular is meant
	}
	return &found[0], nil
}
