package inventory

import (
	"strings"
	"time"

	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Device is one device as lists show it. An empty text, a zero time and a nil
// pointer are not known.
type Device struct {
	Key      device.Key
	ID       device.ID
	UnitID   identity.UnitID
	Unit     string // name of the unit
	Name     string
	Kind     device.Kind
	Maker    string
	Model    string
	Serial   string
	AssetTag string

	OSFamily  string
	OSName    string
	OSVersion string
	Kernel    string
	Arch      string
	BootedAt  time.Time

	CPU    string
	Cores  *int64
	Memory *int64 // bytes
	Disk   *int64 // bytes
	Free   *int64 // bytes

	Address  string
	MAC      string
	LastUser string // empty also for readers without people.read

	Updates         *int64
	SecurityUpdates *int64
	RestartRequired *bool

	Health health.Verdict // its level is empty while the device was not judged

	FirstSeen    time.Time
	ReportedAt   time.Time
	LastSeen     time.Time
	AgentVersion string
}

// OS is the name and the version of the operating system.
func (r Device) OS() string { return strings.TrimSpace(r.OSName + " " + r.OSVersion) }

const rowSelect = `d.id, d.uid, d.unit_id, u.name, d.name, d.kind, d.maker, d.model, d.serial, d.asset_tag,
	d.os_family, d.os_name, d.os_version, d.kernel, d.arch, d.booted_at, d.cpu, d.cores, d.memory_bytes, d.disk_bytes,
	d.free_bytes, d.address, d.mac, d.last_user, d.updates, d.security_updates, d.restart_required,
	d.first_seen_at, d.reported_at, c.seen_at, c.agent_version, dh.level, dh.check_id, dh.subject, CAST(dh.args AS text), dh.since`

// scan gives the places of rowSelect.
func (r *Device) scan() []any {
	return []any{
		&r.Key, &r.ID, &r.UnitID, &r.Unit, &r.Name, &r.Kind,
		list.Blank(&r.Maker), list.Blank(&r.Model), list.Blank(&r.Serial), list.Blank(&r.AssetTag),
		list.Blank(&r.OSFamily), list.Blank(&r.OSName), list.Blank(&r.OSVersion), list.Blank(&r.Kernel), list.Blank(&r.Arch),
		list.Blank(&r.BootedAt), list.Blank(&r.CPU), &r.Cores, &r.Memory, &r.Disk, &r.Free,
		list.Blank(&r.Address), list.Blank(&r.MAC), list.Blank(&r.LastUser), &r.Updates, &r.SecurityUpdates, &r.RestartRequired,
		&r.FirstSeen, list.Blank(&r.ReportedAt), list.Blank(&r.LastSeen), list.Blank(&r.AgentVersion),
		list.Blank(&r.Health.Level), list.Blank(&r.Health.Check), list.Blank(&r.Health.Subject), &r.Health.Args, list.Blank(&r.Health.Since),
	}
}
