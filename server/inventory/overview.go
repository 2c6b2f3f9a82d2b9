package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Overview is the state of the estate, as far as the actor has overview.read.
type Overview struct {
	Devices         int
	SeenLately      int // within SeenLately
	Silent          int // not within SilentAfter
	RestartRequired int
	SecurityUpdates int // devices with updates that mend security waiting
	FirstSeenLately int // within FirstSeenLately
	ByKind          []Share
	BySystem        []Share // name and version of the operating system
	Changes         []RecentChange
}

// What the figures of the overview count by.
const (
	SeenLately      = 24 * time.Hour
	SilentAfter     = 14 * 24 * time.Hour
	FirstSeenLately = 7 * 24 * time.Hour
)

// Share is how many devices have a value; an empty value is not known.
type Share struct {
	Value   string
	Devices int
}

// RecentChange is a change, and the device that it happened to.
type RecentChange struct {
	Change
	Device     device.ID
	DeviceName string
}

// Overview gives the figures of the estate; the changes are left out for
// readers who may not see single devices. Faults: Denied.
func (r *Reader) Overview(ctx context.Context) (Overview, error) {
	reach, err := identity.Reach(ctx, identity.OverviewRead)
	if err != nil {
		return Overview{}, err
	}
	var o Overview
	if err := r.countStates(ctx, &o, reach); err != nil {
		return Overview{}, err
	}
	if err := r.countSeen(ctx, &o, reach); err != nil {
		return Overview{}, err
	}
	if devices := identity.ActorOf(ctx).Reach(identity.DevicesRead); !devices.Empty() {
		if o.Changes, err = r.recent(ctx, devices); err != nil {
			return Overview{}, err
		}
	}
	return o, nil
}

// countStates counts devices by what they are, in one pass over the table.
func (r *Reader) countStates(ctx context.Context, o *Overview, reach identity.Scope) error {
	type group struct {
		kind, system                       string
		devices, restart, security, lately int
	}
	where := list.All(within(reach), list.Where("1 = 1"))
	groups, err := query(ctx, r, func(g *group) []any {
		return []any{&g.kind, list.Blank(&g.system), &g.devices, &g.restart, &g.security, &g.lately}
	}, `SELECT d.kind, `+osSQL+`, COUNT(*), COUNT(CASE WHEN d.restart_required THEN 1 END),
		COUNT(CASE WHEN d.security_updates > 0 THEN 1 END), COUNT(CASE WHEN d.first_seen_at >= ? THEN 1 END)
		FROM devices d WHERE `+where.SQL+` GROUP BY 1, 2`, append([]any{r.db.Now().Add(-FirstSeenLately)}, where.Args...)...)
	if err != nil {
		return fmt.Errorf("count devices: %w", err)
	}
	kinds, systems := map[string]int{}, map[string]int{}
	for _, g := range groups {
		o.Devices += g.devices
		o.RestartRequired += g.restart
		o.SecurityUpdates += g.security
		o.FirstSeenLately += g.lately
		kinds[g.kind] += g.devices
		systems[g.system] += g.devices
	}
	o.ByKind, o.BySystem = shares(kinds), shares(systems)
	return nil
}

// countSeen counts devices by when their agent was last here. Devices
// without an agent are neither seen nor silent.
func (r *Reader) countSeen(ctx context.Context, o *Overview, reach identity.Scope) error {
	from, where := "device_contacts c", list.Where("1 = 1")
	if !reach.All {
		from, where = from+" JOIN devices d ON d.id = c.device_id", within(reach)
	}
	now := r.db.Now()
	args := append([]any{now.Add(-SeenLately), now.Add(-SilentAfter)}, where.Args...)
	err := r.db.Read(ctx).Raw(`SELECT COUNT(CASE WHEN c.seen_at >= ? THEN 1 END), COUNT(CASE WHEN c.seen_at < ? THEN 1 END)
		FROM `+from+` WHERE `+where.SQL, args...).Row().Scan(&o.SeenLately, &o.Silent)
	if err != nil {
		return fmt.Errorf("count devices by when they were seen: %w", err)
	}
	return nil
}

func shares(counts map[string]int) []Share {
	all := make([]Share, 0, len(counts))
	for value, devices := range counts {
		all = append(all, Share{Value: value, Devices: devices})
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Devices, a.Devices), cmp.Compare(a.Value, b.Value))
	})
	return all
}

// recent gives the newest changes of the devices that reported last. The
// history has no index by time alone, which every report would have to write;
// a change is made by a report, so the newest ones are on these devices.
func (r *Reader) recent(ctx context.Context, reach identity.Scope) ([]RecentChange, error) {
	const devices, each, most = 30, 5, 15
	where := list.All(list.Where("d.reported_at IS NOT NULL"), within(reach))
	rows, err := query(ctx, r, func(c *RecentChange) []any {
		return []any{&c.Seq, &c.Device, &c.DeviceName}
	}, fmt.Sprintf("SELECT d.id, d.uid, d.name FROM devices d WHERE %s ORDER BY d.reported_at DESC, d.id DESC LIMIT %d",
		where.SQL, devices), where.Args...)
	if err != nil {
		return nil, fmt.Errorf("read devices that reported last: %w", err)
	}
	var changes []RecentChange
	for _, device := range rows {
		found, err := query(ctx, r, func(c *Change) []any { return c.scan() }, fmt.Sprintf(`SELECT %s FROM device_changes h
			WHERE h.device_id = ? AND h.section <> ? ORDER BY h.at DESC, h.seq DESC LIMIT %d`, changeSelect, each), device.Seq, sectionUser)
		if err != nil {
			return nil, fmt.Errorf("read newest changes of device %s: %w", device.Device, err)
		}
		for _, change := range found {
			changes = append(changes, RecentChange{Change: change, Device: device.Device, DeviceName: device.DeviceName})
		}
	}
	slices.SortStableFunc(changes, func(a, b RecentChange) int { return b.At.Compare(a.At) })
	return changes[:min(len(changes), most)], nil
}
