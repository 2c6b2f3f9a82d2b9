package inventory

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// DeviceColumns is the list of devices as far as the actor may see it: who uses a
// device is left out unless the actor has people.read wherever they have
// devices.read.
func DeviceColumns(ctx context.Context) *list.Definition[Device] {
	actor := identity.ActorOf(ctx)
	if actor.Reach(identity.PeopleRead).Covers(actor.Reach(identity.DevicesRead)) {
		return AllDeviceColumns()
	}
	less := AllDeviceColumns().Without("user")
	less.Select = strings.Replace(less.Select, "d.last_user", "NULL", 1)
	less.Search = func(text string) list.Clause { return searched(text, withoutPeople) }
	return less
}

// Devices answers one page of the devices. Faults: Invalid, Denied.
func (r *Reader) Devices(ctx context.Context, q list.Query) (list.Page[Device], error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return list.Page[Device]{}, err
	}
	return list.Run(ctx, r.db, DeviceColumns(ctx), q, within(reach))
}

// LongestSilent gives some of the devices whose agent has not been here within
// SilentAfter, the longest silent first. Fault: Denied.
func (r *Reader) LongestSilent(ctx context.Context, most int) ([]Device, error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return nil, err
	}
	definition := DeviceColumns(ctx)
	q, err := list.Parse(url.Values{"sort": {"last_seen"}, "limit": {strconv.Itoa(most)}}, definition)
	if err != nil {
		return nil, err
	}
	silent := list.Where("c.seen_at < ?", r.db.Now().Add(-SilentAfter))
	page, err := list.RunCounted(ctx, r.db, definition, q, most, within(reach), silent)
	return page.Items, err
}

// CountDevices tells how many devices a query has. Faults as those of Devices.
func (r *Reader) CountDevices(ctx context.Context, q list.Query) (int, error) {
	reach, err := identity.Reach(ctx, identity.DevicesRead)
	if err != nil {
		return 0, err
	}
	return list.Count(ctx, r.db, DeviceColumns(ctx), q, within(reach))
}

// ExportDevices gives all devices of a query. Faults as those of Devices; the actor
// needs devices.export.
func (r *Reader) ExportDevices(ctx context.Context, q list.Query) (iter.Seq2[Device, error], error) {
	if err := identity.Allow(ctx, identity.DevicesRead); err != nil {
		return nil, err
	}
	reach, err := identity.Reach(ctx, identity.DevicesExport)
	if err != nil {
		return nil, err
	}
	return list.Rows(ctx, r.db, DeviceColumns(ctx), q, within(reach)), nil
}

// AllDeviceColumns is the list of devices with every column there is, for the
// documentation of the API.
func AllDeviceColumns() *list.Definition[Device] {
	return &list.Definition[Device]{
		Name:   "devices",
		Select: rowSelect,
		Scan:   func(row *Device) []any { return row.scan() },
		From:   "devices d",
		Joins: []list.Join{
			{Alias: "u", SQL: "JOIN units u ON u.id = d.unit_id"},
			{Alias: "c", SQL: "LEFT JOIN device_contacts c ON c.device_id = d.id"},
			healthJoin,
		},
		ID: "d.id", IDKind: list.Number,
		Default: "-last_seen",
		Search:  func(text string) list.Clause { return searched(text, withPeople) },
		Columns: columns(),
	}
}

// healthJoin is what the checks found: its rank orders devices by how bad it is.
//
//nolint:gochecknoglobals // a constant that Go cannot write as one
var healthJoin = list.Join{Alias: "dh", SQL: "LEFT JOIN device_health dh ON dh.device_id = d.id"}

func levels() []string {
	var levels []string
	for _, level := range health.Levels() {
		levels = append(levels, string(level))
	}
	return levels
}

// hasHealth finds devices by what the checks found; those that were not judged
// yet are not known.
func hasHealth(value string) list.Clause {
	if value == string(health.Unknown) {
		return list.Where("dh.level = ? OR dh.level IS NULL", value)
	}
	return list.Where("dh.level = ?", value)
}

// columns lists the columns in the order in which they are shown.
func columns() []list.Column[Device] {
	kinds := make([]string, 0, len(device.Kinds()))
	for _, kind := range device.Kinds() {
		kinds = append(kinds, string(kind))
	}
	return []list.Column[Device]{
		column(list.Field{Key: "name", SQL: "d.name", Kind: list.Text, Sortable: true, Shown: true}, func(r Device) any { return r.Name }),
		column(list.Field{Key: "last_seen", SQL: "c.seen_at", Tie: "c.device_id", Kind: list.Time, Sortable: true, Shown: true, Nullable: true}, func(r Device) any { return r.LastSeen }),
		column(list.Field{Key: "health", SQL: "dh.rank", Kind: list.Enum, Values: levels(), Sortable: true, Shown: true, Nullable: true, Match: hasHealth}, func(r Device) any { return string(r.Health.Level) }),
		column(list.Field{Key: "user", SQL: "d.last_user", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(r Device) any { return r.LastUser }),
		column(list.Field{Key: "unit", SQL: "u.name", Kind: list.Text, Shown: true, Match: list.InUnit("d.unit_id")}, func(r Device) any { return r.Unit }),
		column(list.Field{Key: "kind", SQL: "d.kind", Kind: list.Enum, Values: kinds, Sortable: true}, func(r Device) any { return string(r.Kind) }),
		column(list.Field{Key: "maker", SQL: "d.maker", Kind: list.Text, Nullable: true}, func(r Device) any { return r.Maker }),
		column(list.Field{Key: "model", SQL: "d.model", Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(r Device) any { return r.Model }),
		column(list.Field{Key: "serial", SQL: "d.serial", Kind: list.Text, Sortable: true, Nullable: true}, func(r Device) any { return r.Serial }),
		column(list.Field{Key: "asset_tag", SQL: "d.asset_tag", Kind: list.Text, Sortable: true, Nullable: true}, func(r Device) any { return r.AssetTag }),
		column(list.Field{Key: "os", SQL: device.SystemSQL, Kind: list.Text, Sortable: true, Shown: true, Nullable: true}, func(r Device) any { return r.OS() }),
		column(list.Field{Key: "kernel", SQL: "d.kernel", Kind: list.Text, Nullable: true}, func(r Device) any { return r.Kernel }),
		column(list.Field{Key: "cpu", SQL: "d.cpu", Kind: list.Text, Nullable: true}, func(r Device) any { return r.CPU }),
		column(list.Field{Key: "cores", SQL: "d.cores", Kind: list.Number, Nullable: true}, func(r Device) any { return r.Cores }),
		column(list.Field{Key: "memory", SQL: "d.memory_bytes", Kind: list.Bytes, Sortable: true, Shown: true, Nullable: true}, func(r Device) any { return r.Memory }),
		column(list.Field{Key: "disk", SQL: "d.disk_bytes", Kind: list.Bytes, Nullable: true}, func(r Device) any { return r.Disk }),
		column(list.Field{Key: "free", SQL: "d.free_bytes", Kind: list.Bytes, Sortable: true, Nullable: true}, func(r Device) any { return r.Free }),
		column(list.Field{Key: "address", SQL: "d.address", Kind: list.IP, Nullable: true, Match: hasAddress}, func(r Device) any { return r.Address }),
		column(list.Field{Key: "mac", SQL: "d.mac", Kind: list.MAC, Nullable: true, Match: hasMAC}, func(r Device) any { return r.MAC }),
		column(list.Field{Key: "updates", SQL: "d.updates", Kind: list.Number, Nullable: true}, func(r Device) any { return r.Updates }),
		column(list.Field{Key: "security_updates", SQL: "d.security_updates", Kind: list.Number, Sortable: true, Nullable: true}, func(r Device) any { return r.SecurityUpdates }),
		column(list.Field{Key: "restart_required", SQL: "d.restart_required", Kind: list.Flag, Nullable: true}, func(r Device) any { return r.RestartRequired }),
		column(list.Field{Key: "booted_at", SQL: "d.booted_at", Kind: list.Time, Nullable: true}, func(r Device) any { return r.BootedAt }),
		column(list.Field{Key: "first_seen", SQL: "d.first_seen_at", Kind: list.Time, Sortable: true}, func(r Device) any { return r.FirstSeen }),
		column(list.Field{Key: "reported_at", SQL: "d.reported_at", Kind: list.Time, Sortable: true, Nullable: true}, func(r Device) any { return r.ReportedAt }),
		column(list.Field{Key: "agent_version", SQL: "c.agent_version", Kind: list.Text, Nullable: true}, func(r Device) any { return r.AgentVersion }),
	}
}

// column is a filterable column: all of the devices' are.
func column(field list.Field, value func(Device) any) list.Column[Device] {
	field.Filterable = true
	return list.Column[Device]{Field: field, Value: value}
}

// hasAddress finds devices by the start of any of their IP addresses.
func hasAddress(value string) list.Clause {
	return keyed(normalAddress(value), device.KeyAddress)
}

// hasMAC finds devices by the start of any of their hardware addresses, in
// any notation.
func hasMAC(value string) list.Clause {
	if mac, is := normalMAC(value); is {
		value = mac
	}
	return keyed(strings.ToLower(value), device.KeyMAC, device.KeyAdapter)
}

// keyed finds devices with a key that starts with prefix.
func keyed(prefix string, kinds ...string) list.Clause {
	return list.Where("d.id IN (SELECT k.device_id FROM device_keys k WHERE k.value >= ? AND k.value < ? AND k.kind IN ?)",
		prefix, prefix+lastRune, kinds)
}

// lastRune sorts after everything that can follow a prefix.
const lastRune = "\U0010FFFF"
