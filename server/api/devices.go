package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

const tagDevices = "devices"

// Device is one device as lists show it.
type Device struct {
	ID              string     `json:"id" format:"uuid"`
	Name            string     `json:"name" doc:"Name of the device on the network."`
	UnitID          string     `json:"unit_id" format:"uuid" doc:"Unit of the organisation that the device belongs to."`
	Unit            string     `json:"unit" doc:"Name of that unit."`
	Kind            string     `json:"kind" doc:"What sort of machine it is." enum:"desktop,laptop,tablet,handheld,server,virtual,container,other"`
	LastSeen        *time.Time `json:"last_seen,omitempty" doc:"When its agent was last here."`
	Health          string     `json:"health,omitempty" enum:"ok,warn,crit,unknown" doc:"The worst that the checks found; absent until it was judged."`
	User            string     `json:"user,omitempty" doc:"Who signed in last; absent also for readers who may not know."`
	Maker           string     `json:"maker,omitempty"`
	Model           string     `json:"model,omitempty"`
	Serial          string     `json:"serial,omitempty"`
	AssetTag        string     `json:"asset_tag,omitempty"`
	OS              string     `json:"os,omitempty" doc:"Name and version of the operating system."`
	OSFamily        string     `json:"os_family,omitempty" doc:"linux, windows or darwin."`
	OSName          string     `json:"os_name,omitempty"`
	OSVersion       string     `json:"os_version,omitempty"`
	Kernel          string     `json:"kernel,omitempty"`
	Arch            string     `json:"arch,omitempty"`
	CPU             string     `json:"cpu,omitempty"`
	Cores           *int64     `json:"cores,omitempty"`
	Memory          *int64     `json:"memory,omitempty" doc:"Bytes."`
	Disk            *int64     `json:"disk,omitempty" doc:"Bytes of all local file systems."`
	Free            *int64     `json:"free,omitempty" doc:"Bytes of them that are free."`
	Address         string     `json:"address,omitempty" doc:"IP address."`
	MAC             string     `json:"mac,omitempty"`
	Updates         *int64     `json:"updates,omitempty" doc:"Updates that wait."`
	SecurityUpdates *int64     `json:"security_updates,omitempty" doc:"Those of them that mend security."`
	RestartRequired *bool      `json:"restart_required,omitempty"`
	BootedAt        *time.Time `json:"booted_at,omitempty"`
	FirstSeen       time.Time  `json:"first_seen"`
	ReportedAt      *time.Time `json:"reported_at,omitempty" doc:"When it last reported anything new."`
	AgentVersion    string     `json:"agent_version,omitempty"`
}

// DeviceDetail is one device with what there is behind it.
type DeviceDetail struct {
	Device
	EnrolledAt *time.Time   `json:"enrolled_at,omitempty" doc:"When its agent got its credential."`
	RevokedAt  *time.Time   `json:"revoked_at,omitempty" doc:"When that credential was taken away."`
	Counts     DeviceCounts `json:"counts"`
	Notes      []Note       `json:"notes" nullable:"false" doc:"Reported values that were not stored, and why."`
}

// DeviceCounts says how much there is behind a device.
type DeviceCounts struct {
	Software   int `json:"software"`
	Components int `json:"components"`
	Changes    int `json:"changes"`
	Notes      int `json:"notes"`
}

// Note is a value that a report held and that was not stored.
type Note struct {
	Section string    `json:"section"`
	Path    string    `json:"path"`
	Reason  string    `json:"reason"`
	Value   string    `json:"value,omitempty"`
	NotedAt time.Time `json:"noted_at"`
}

// Section is the newest facts of one section of a device.
type Section struct {
	Name       string          `json:"name"`
	Outcome    string          `json:"outcome" enum:"ok,absent,denied,failed,timed_out"`
	Detail     string          `json:"detail,omitempty" doc:"Why the outcome is not ok."`
	Hash       string          `json:"hash"`
	TookMS     int64           `json:"took_ms" doc:"Milliseconds that collecting it took."`
	ReportedAt time.Time       `json:"reported_at"`
	Facts      json.RawMessage `json:"facts,omitempty" doc:"As the specification of the section describes them."`
}

// Change is one entry of a device's history.
type Change struct {
	At      time.Time `json:"at"`
	Section string    `json:"section"`
	Action  string    `json:"action"`
	Subject string    `json:"subject,omitempty" doc:"The thing that it happened to; absent for the device itself."`
	Field   string    `json:"field,omitempty"`
	Before  string    `json:"before,omitempty"`
	After   string    `json:"after,omitempty"`
}

// Installation is a release that a device has.
type Installation struct {
	TitleID     string      `json:"title_id" format:"uuid"`
	Title       string      `json:"title"`
	Version     string      `json:"version,omitempty"`
	Edition     string      `json:"edition,omitempty"`
	Arch        string      `json:"arch,omitempty"`
	Publisher   string      `json:"publisher,omitempty"`
	Source      string      `json:"source,omitempty" doc:"Package manager that installed it."`
	Size        *int64      `json:"size,omitempty" doc:"Bytes."`
	Since       time.Time   `json:"since" doc:"When this version was first reported."`
	InstalledOn report.Date `json:"installed_on,omitempty" format:"date"`
	Class       string      `json:"class" enum:"product,part,ignored,unrecognised" doc:"What it is recognised as."`
	Product     string      `json:"product,omitempty" doc:"Name of the product that it is."`
	ProductID   string      `json:"product_id,omitempty" format:"uuid"`
}

// Component is a part of a device, or a peripheral on it.
type Component struct {
	Kind      string     `json:"kind"`
	Ident     string     `json:"ident" doc:"Tells it from others of its kind."`
	Maker     string     `json:"maker,omitempty"`
	Model     string     `json:"model,omitempty"`
	Serial    string     `json:"serial,omitempty"`
	Size      *int64     `json:"size,omitempty" doc:"Bytes."`
	FirstSeen time.Time  `json:"first_seen"`
	LastSeen  time.Time  `json:"last_seen"`
	RemovedAt *time.Time `json:"removed_at,omitempty" doc:"When it was gone; absent while it is there."`
}

func (a *API) devices() {
	needs := identity.Needs(identity.DevicesRead)
	all := inventory.AllDeviceColumns()
	registerList(a, operation{path: "/devices", name: "list-devices", summary: "List devices", tag: tagDevices, rule: needs},
		all.Fields(), all.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Device]], error) {
			return readPage(in.values, inventory.DeviceColumns(ctx), func(q list.Query) (list.Page[inventory.Device], error) {
				return a.services.Inventory.Devices(ctx, q)
			}, writeDevice)
		})
	register(a, operation{method: http.MethodGet, path: "/devices/{id}", name: "get-device", summary: "Get a device", tag: tagDevices, rule: needs}, a.device)
	register(a, operation{method: http.MethodGet, path: "/devices/{id}/sections", name: "list-device-sections", summary: "List the facts of a device", tag: tagDevices, rule: needs},
		func(ctx context.Context, in *OneInput) (*body[Page[Section]], error) {
			of, err := deviceID(in.ID)
			if err != nil {
				return nil, err
			}
			sections, err := a.services.Inventory.Sections(ctx, of)
			return whole(sections, writeSection), err
		})
	register(a, operation{method: http.MethodGet, path: "/devices/{id}/components", name: "list-device-components", summary: "List the parts and peripherals of a device", tag: tagDevices, rule: needs},
		func(ctx context.Context, in *OneInput) (*body[Page[Component]], error) {
			of, err := deviceID(in.ID)
			if err != nil {
				return nil, err
			}
			components, err := a.services.Inventory.Components(ctx, of)
			return whole(components, writeComponent), err
		})
	changes := inventory.ChangeColumns()
	registerList(a, operation{path: "/devices/{id}/changes", name: "list-device-changes", summary: "List what changed on a device", tag: tagDevices, rule: needs},
		changes.Fields(), changes.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[Change]], error) {
			of, err := deviceID(in.ID)
			if err != nil {
				return nil, err
			}
			return readPage(in.values, changes, func(q list.Query) (list.Page[inventory.Change], error) {
				return a.services.Inventory.Changes(ctx, of, q)
			}, writeChange)
		})
	installed := inventory.InstallationColumns()
	registerList(a, operation{path: "/devices/{id}/software", name: "list-device-software", summary: "List the software of a device", tag: tagDevices, rule: needs},
		installed.Fields(), installed.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[Installation]], error) {
			of, err := deviceID(in.ID)
			if err != nil {
				return nil, err
			}
			return readPage(in.values, installed, func(q list.Query) (list.Page[inventory.Installation], error) {
				return a.services.Inventory.Software(ctx, of, q)
			}, writeInstallation)
		})
}

func (a *API) device(ctx context.Context, in *OneInput) (*body[DeviceDetail], error) {
	of, err := deviceID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.services.Inventory.Device(ctx, of)
	if err != nil {
		return nil, err
	}
	notes, err := a.services.Inventory.Notes(ctx, of)
	if err != nil {
		return nil, err
	}
	return &body[DeviceDetail]{DeviceDetail{
		Device: writeDevice(found.Device), EnrolledAt: known(found.EnrolledAt), RevokedAt: known(found.RevokedAt),
		Counts: DeviceCounts(found.Counts),
		Notes:  each(notes, func(n inventory.Note) Note { return Note(n) }),
	}}, nil
}

// deviceID reads the identifier in a path; one that is none names no device.
func deviceID(text string) (device.ID, error) {
	of, err := id.Parse[device.Mark](text)
	if err != nil {
		return device.ID{}, fault.NewMissing("device")
	}
	return of, nil
}

func writeDevice(d inventory.Device) Device {
	return Device{
		ID: d.ID.String(), Name: d.Name, UnitID: d.UnitID.String(), Unit: d.Unit, Kind: string(d.Kind),
		LastSeen: known(d.LastSeen), Health: string(d.Health.Level), User: d.LastUser, Maker: d.Maker, Model: d.Model, Serial: d.Serial, AssetTag: d.AssetTag,
		OS: d.OS(), OSFamily: d.OSFamily, OSName: d.OSName, OSVersion: d.OSVersion, Kernel: d.Kernel, Arch: d.Arch,
		CPU: d.CPU, Cores: d.Cores, Memory: d.Memory, Disk: d.Disk, Free: d.Free, Address: d.Address, MAC: d.MAC,
		Updates: d.Updates, SecurityUpdates: d.SecurityUpdates, RestartRequired: d.RestartRequired,
		BootedAt: known(d.BootedAt), FirstSeen: d.FirstSeen, ReportedAt: known(d.ReportedAt), AgentVersion: d.AgentVersion,
	}
}

func writeSection(s inventory.Section) Section {
	return Section{
		Name: s.Name, Outcome: string(s.Outcome), Detail: s.Detail, Hash: s.Hash, TookMS: s.TookMS,
		ReportedAt: s.ReportedAt, Facts: s.Facts,
	}
}

func writeChange(c inventory.Change) Change {
	return Change{
		At: c.At, Section: c.Section, Action: string(c.Action), Subject: c.Subject,
		Field: c.Field, Before: c.Before, After: c.After,
	}
}

func writeInstallation(i inventory.Installation) Installation {
	written := Installation{
		TitleID: i.TitleID.String(), Title: i.Title, Version: i.Version, Edition: i.Edition, Arch: i.Arch,
		Publisher: i.Publisher, Source: i.Source, Size: i.Size, Since: i.Since,
		Class: i.Class, Product: i.Product, ProductID: i.ProductID.String(),
	}
	if !i.InstalledOn.IsZero() {
		written.InstalledOn = report.DateOf(i.InstalledOn)
	}
	return written
}

func writeComponent(c inventory.Component) Component {
	return Component{
		Kind: c.Kind, Ident: c.Ident, Maker: c.Maker, Model: c.Model, Serial: c.Serial, Size: c.Size,
		FirstSeen: c.FirstSeen, LastSeen: c.LastSeen, RemovedAt: known(c.RemovedAt),
	}
}

// known leaves a time out when it is not known.
func known(when time.Time) *time.Time {
	if when.IsZero() {
		return nil
	}
	return &when
}
