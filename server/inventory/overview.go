package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
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

// countStates sums up what package device counted, and counts the newcomers.
func (r *Reader) countStates(ctx context.Context, o *Overview, reach identity.Scope) error {
	type group struct {
		kind, system               string
		devices, restart, security int
	}
	where := list.All(within(reach), list.Where("1 = 1"))
	groups, err := query(ctx, r, func(g *group) []any {
		return []any{&g.kind, &g.system, &g.devices, &g.restart, &g.security}
	}, "SELECT d.kind, d.system, SUM(d.devices), SUM(d.restart), SUM(d.security) FROM device_counts d WHERE "+where.SQL+" GROUP BY 1, 2", where.Args...)
	if err != nil {
		return fmt.Errorf("count devices: %w", err)
	}
	kinds, systems := map[string]int{}, map[string]int{}
	for _, g := range groups {
		o.Devices += g.devices
		o.RestartRequired += g.restart
		o.SecurityUpdates += g.security
		kinds[g.kind] += g.devices
		systems[g.system] += g.devices
	}
	o.ByKind, o.BySystem = shares(kinds), shares(systems)
	err = r.db.Read(ctx).Raw("SELECT COUNT(*) FROM devices d WHERE d.first_seen_at >= ? AND "+where.SQL,
		append([]any{r.db.Now().Add(-FirstSeenLately)}, where.Args...)...).Row().Scan(&o.FirstSeenLately)
	if err != nil {
		return fmt.Errorf("count new devices: %w", err)
	}
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
	keys, err := query(ctx, r, func(key *device.Key) []any { return []any{key} }, fmt.Sprintf(
		"SELECT d.id FROM devices d WHERE %s ORDER BY d.reported_at DESC, d.id DESC LIMIT %d", where.SQL, devices), where.Args...)
	if err != nil {
		return nil, fmt.Errorf("read devices that reported last: %w", err)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	newest, args := make([]string, len(keys)), make([]any, 0, 2*len(keys))
	for i, key := range keys {
		newest[i] = fmt.Sprintf(`SELECT * FROM (SELECT d.uid, d.name, %s FROM device_changes h JOIN devices d ON d.id = h.device_id
			WHERE h.device_id = ? AND h.section <> ? ORDER BY h.at DESC, h.seq DESC LIMIT %d) n%d`, changeSelect, each, i)
		args = append(args, key, sectionUser)
	}
	changes, err := query(ctx, r, func(c *RecentChange) []any { return append([]any{&c.Device, &c.DeviceName}, c.scan()...) },
		strings.Join(newest, " UNION ALL "), args...)
	if err != nil {
		return nil, fmt.Errorf("read newest changes: %w", err)
	}
	slices.SortStableFunc(changes, func(a, b RecentChange) int { return b.At.Compare(a.At) })
	return changes[:min(len(changes), most)], nil
}
