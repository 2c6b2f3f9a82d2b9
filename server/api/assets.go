package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/money"
)

const tagAssets = "assets"

// Asset is one thing that the body owns, as decided.
type Asset struct {
	ID             string    `json:"id" format:"uuid"`
	Tag            string    `json:"tag" doc:"What the sticker says; unique whatever the case."`
	Status         string    `json:"status" enum:"ordered,in_stock,in_use,in_repair,lost,surplus,disposed"`
	Kind           string    `json:"kind" enum:"laptop,desktop,tablet,handheld,server,monitor,printer,scanner,dock,peripheral,network,storage,phone,other"`
	Maker          string    `json:"maker,omitempty"`
	Model          string    `json:"model,omitempty"`
	Serial         string    `json:"serial,omitempty"`
	CustodianID    string    `json:"custodian_id,omitempty" format:"uuid" doc:"Person who holds it; absent also for readers who may not know."`
	Custodian      string    `json:"custodian,omitempty" doc:"Name of that person."`
	PlaceID        string    `json:"place_id,omitempty" format:"uuid"`
	Place          string    `json:"place,omitempty" doc:"Names of the place from the top down, separated by slashes."`
	UnitID         string    `json:"unit_id" format:"uuid"`
	Unit           string    `json:"unit"`
	PurchasedOn    string    `json:"purchased_on,omitempty" format:"date"`
	Cost           string    `json:"cost,omitempty" doc:"Amount such as 1499.00." example:"1499.00"`
	Currency       string    `json:"currency,omitempty" doc:"ISO 4217."`
	WarrantyEndsOn string    `json:"warranty_ends_on,omitempty" format:"date"`
	OrderNumber    string    `json:"order_number,omitempty"`
	DeviceID       string    `json:"device_id,omitempty" format:"uuid" doc:"Device that is evidence for it."`
	Device         string    `json:"device,omitempty" doc:"Name of that device."`
	LinkedBy       string    `json:"linked_by,omitempty" enum:"rule,hand" doc:"How the device came to it."`
	HostID         string    `json:"host_id,omitempty" format:"uuid" doc:"Device that a peripheral hangs on."`
	Host           string    `json:"host,omitempty" doc:"Name of that device."`
	Note           string    `json:"note,omitempty"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

// AssetDetail is one asset with what is observed beside what is decided.
type AssetDetail struct {
	Asset
	Facts       []AssetFact       `json:"facts" nullable:"false" doc:"What is decided beside what its device says."`
	Attachments []AssetAttachment `json:"attachments" nullable:"false" doc:"Devices that a peripheral hangs on and hung on, the newest first."`
	Next        []string          `json:"next" nullable:"false" doc:"Statuses that you may give it now."`
}

// AssetFact is one thing about an asset, as decided and as observed.
type AssetFact struct {
	Key      string `json:"key"`
	Decided  string `json:"decided,omitempty"`
	Observed string `json:"observed,omitempty"`
	Drift    bool   `json:"drift" doc:"Both say something, and not the same."`
}

// AssetAttachment is a time that a peripheral hung on a device.
type AssetAttachment struct {
	DeviceID string     `json:"device_id,omitempty" format:"uuid"`
	Device   string     `json:"device,omitempty"`
	Since    time.Time  `json:"since"`
	Until    *time.Time `json:"until,omitempty" doc:"Absent while it hangs there."`
}

// AssetEvent is one entry in the history of an asset.
type AssetEvent struct {
	At      time.Time     `json:"at"`
	Actor   string        `json:"actor,omitempty"`
	ByRule  bool          `json:"by_rule" doc:"The server did it by its rule, nobody by hand."`
	Action  string        `json:"action"`
	Reason  string        `json:"reason,omitempty"`
	Changes []AssetChange `json:"changes" nullable:"false"`
	Device  string        `json:"device,omitempty"`
}

// AssetChange is one value before and after.
type AssetChange struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// AssetWish is what is to be decided about an asset. In a change, what is
// absent stays and what is empty is emptied.
type AssetWish struct {
	Tag            *string `json:"tag,omitempty" doc:"Absent for a new asset: the next of the series."`
	Status         *string `json:"status,omitempty" doc:"Of a new asset; later it has an operation of its own." enum:"ordered,in_stock,in_use,in_repair,lost,surplus"`
	Kind           *string `json:"kind,omitempty" enum:"laptop,desktop,tablet,handheld,server,monitor,printer,scanner,dock,peripheral,network,storage,phone,other"`
	Maker          *string `json:"maker,omitempty"`
	Model          *string `json:"model,omitempty"`
	Serial         *string `json:"serial,omitempty"`
	CustodianID    *string `json:"custodian_id,omitempty" doc:"Identifier of a person, or empty."`
	PlaceID        *string `json:"place_id,omitempty" doc:"Identifier of a place, or empty."`
	UnitID         *string `json:"unit_id,omitempty" format:"uuid"`
	PurchasedOn    *string `json:"purchased_on,omitempty" doc:"Day such as 2026-03-14, or empty."`
	Cost           *string `json:"cost,omitempty" doc:"Amount such as 1499.00, or empty."`
	Currency       *string `json:"currency,omitempty" doc:"ISO 4217."`
	WarrantyEndsOn *string `json:"warranty_ends_on,omitempty" doc:"Day such as 2029-03-13, or empty."`
	OrderNumber    *string `json:"order_number,omitempty"`
	Note           *string `json:"note,omitempty"`
}

// AssetStatus is the status that an asset is to have.
type AssetStatus struct {
	Status string `json:"status" enum:"ordered,in_stock,in_use,in_repair,lost,surplus,disposed"`
}

// AssetDevice is the device that is to be evidence for an asset.
type AssetDevice struct {
	DeviceID string `json:"device_id" format:"uuid"`
}

// OwnedDevice is how a device is recorded as an asset.
type OwnedDevice struct {
	Tag string `json:"tag,omitempty" doc:"Absent: the tag in its firmware if that is free, else the next of the series."`
}

// UnownedDevice is a device that waits for an asset.
type UnownedDevice struct {
	DeviceID   string           `json:"device_id" format:"uuid"`
	Name       string           `json:"name"`
	Kind       string           `json:"kind"`
	Maker      string           `json:"maker,omitempty"`
	Model      string           `json:"model,omitempty"`
	Serial     string           `json:"serial,omitempty"`
	AssetTag   string           `json:"asset_tag,omitempty" doc:"In its firmware."`
	UnitID     string           `json:"unit_id" format:"uuid"`
	Unit       string           `json:"unit"`
	FirstSeen  time.Time        `json:"first_seen"`
	Candidates []AssetCandidate `json:"candidates" nullable:"false" doc:"Assets that it may be, which the rule leaves to a person."`
}

// AssetCandidate is an asset that a device may be.
type AssetCandidate struct {
	AssetID string `json:"asset_id" format:"uuid"`
	Tag     string `json:"tag"`
	Reason  string `json:"reason" enum:"several,taken,disagree,parted,disposed,peripherals"`
}

func (a *API) assets() {
	read, edit := identity.Needs(identity.AssetsRead), identity.Needs(identity.AssetsEdit)
	all, service := asset.AllColumns(), a.services.Assets
	registerList(a, operation{path: "/assets", name: "list-assets", summary: "List assets", tag: tagAssets, rule: read},
		all.Fields(), all.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Asset]], error) {
			return readPage(in.values, asset.Columns(ctx), func(q list.Query) (list.Page[asset.Row], error) {
				return service.List(ctx, q)
			}, writeAsset)
		})
	queue := asset.QueueColumns()
	registerList(a, operation{path: "/assets/queue", name: "list-unowned-devices", summary: "List devices that wait for an asset", tag: tagAssets, rule: read},
		queue.Fields(), queue.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[UnownedDevice]], error) {
			return readPage(in.values, queue, func(q list.Query) (list.Page[asset.Waiting], error) {
				return service.Queue(ctx, q)
			}, writeUnowned)
		})
	register(a, operation{method: http.MethodPost, path: "/assets", name: "create-asset", summary: "Record an asset", tag: tagAssets, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *body[AssetWish]) (*body[Asset], error) {
			wish, err := in.Body.apply(asset.Wish{})
			if err != nil {
				return nil, err
			}
			status := asset.InStock
			if in.Body.Status != nil {
				status = asset.Status(*in.Body.Status)
			}
			made, err := service.Create(ctx, wish, status)
			return &body[Asset]{writeAsset(made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/assets/{id}", name: "get-asset", summary: "Get an asset", tag: tagAssets, rule: read}, a.asset)
	register(a, operation{method: http.MethodGet, path: "/assets/{id}/history", name: "list-asset-history", summary: "List what happened to an asset", tag: tagAssets, rule: read},
		func(ctx context.Context, in *OneInput) (*body[Page[AssetEvent]], error) {
			of, err := thing[asset.Mark](in.ID, "asset")
			if err != nil {
				return nil, err
			}
			events, err := service.History(ctx, of)
			return whole(events, writeAssetEvent), err
		})
	register(a, operation{method: http.MethodPatch, path: "/assets/{id}", name: "change-asset", summary: "Decide about an asset", tag: tagAssets, rule: edit}, a.changeAsset)
	register(a, operation{method: http.MethodPut, path: "/assets/{id}/status", name: "move-asset", summary: "Give an asset another status", tag: tagAssets, rule: edit},
		func(ctx context.Context, in *struct {
			OneInput
			Body AssetStatus
		}) (*body[Asset], error) {
			of, err := thing[asset.Mark](in.ID, "asset")
			if err != nil {
				return nil, err
			}
			moved, err := service.Move(ctx, of, asset.Status(in.Body.Status))
			return &body[Asset]{writeAsset(moved)}, err
		})
	register(a, operation{method: http.MethodPut, path: "/assets/{id}/device", name: "link-asset", summary: "Link an asset to a device, or hang a peripheral on it", tag: tagAssets, rule: edit},
		func(ctx context.Context, in *struct {
			OneInput
			Body AssetDevice
		}) (*body[Asset], error) {
			of, err := thing[asset.Mark](in.ID, "asset")
			if err != nil {
				return nil, err
			}
			to, err := thing[device.Mark](in.Body.DeviceID, "device")
			if err != nil {
				return nil, err
			}
			linked, err := service.Link(ctx, of, to)
			return &body[Asset]{writeAsset(linked)}, err
		})
	register(a, operation{method: http.MethodDelete, path: "/assets/{id}/device", name: "unlink-asset", summary: "Part an asset from its device", tag: tagAssets, rule: edit},
		func(ctx context.Context, in *OneInput) (*body[Asset], error) {
			of, err := thing[asset.Mark](in.ID, "asset")
			if err != nil {
				return nil, err
			}
			parted, err := service.Unlink(ctx, of)
			return &body[Asset]{writeAsset(parted)}, err
		})
	register(a, operation{method: http.MethodPost, path: "/devices/{id}/asset", name: "own-device", summary: "Record a device as an asset", tag: tagAssets, rule: edit, status: http.StatusCreated},
		func(ctx context.Context, in *struct {
			OneInput
			Body OwnedDevice
		}) (*body[Asset], error) {
			of, err := thing[device.Mark](in.ID, "device")
			if err != nil {
				return nil, err
			}
			made, err := service.Own(ctx, of, in.Body.Tag)
			return &body[Asset]{writeAsset(made)}, err
		})
}

func (a *API) asset(ctx context.Context, in *OneInput) (*body[AssetDetail], error) {
	of, err := thing[asset.Mark](in.ID, "asset")
	if err != nil {
		return nil, err
	}
	found, err := a.services.Assets.Get(ctx, of)
	if err != nil {
		return nil, err
	}
	written := AssetDetail{
		Asset: writeAsset(found.Row), Facts: each(found.Facts, writeAssetFact), Attachments: each(found.Attachments, writeAttachment),
		Next: each(found.Next, func(t asset.Transition) string { return string(t.To) }),
	}
	return &body[AssetDetail]{written}, nil
}

func (a *API) changeAsset(ctx context.Context, in *struct {
	OneInput
	Body AssetWish
},
) (*body[Asset], error) {
	of, err := thing[asset.Mark](in.ID, "asset")
	if err != nil {
		return nil, err
	}
	if in.Body.Status != nil {
		return nil, fault.NewInvalid(fault.Field{Name: "status", Key: "fault.asset.status_apart"})
	}
	changed, err := a.services.Assets.Alter(ctx, of, in.Body.apply)
	return &body[Asset]{writeAsset(changed)}, err
}

// apply puts what is given into a wish. Fault: Invalid.
func (w AssetWish) apply(to asset.Wish) (asset.Wish, error) {
	set(w.Tag, &to.Tag)
	set(w.Maker, &to.Maker)
	set(w.Model, &to.Model)
	set(w.Serial, &to.Serial)
	set(w.Currency, &to.Currency)
	set(w.OrderNumber, &to.OrderNumber)
	set(w.Note, &to.Note)
	if w.Kind != nil {
		to.Kind = asset.Kind(*w.Kind)
	}
	var wrong []fault.Field
	wrong = append(wrong, setID(w.CustodianID, "custodian_id", &to.CustodianID)...)
	wrong = append(wrong, setID(w.PlaceID, "place_id", &to.PlaceID)...)
	wrong = append(wrong, setID(w.UnitID, "unit_id", &to.UnitID)...)
	wrong = append(wrong, setDay(w.PurchasedOn, "purchased_on", &to.PurchasedOn)...)
	wrong = append(wrong, setDay(w.WarrantyEndsOn, "warranty_ends_on", &to.WarrantyEnds)...)
	wrong = append(wrong, setCost(w.Cost, &to.CostCents)...)
	if len(wrong) > 0 {
		return asset.Wish{}, fault.NewInvalid(wrong...)
	}
	return to, nil
}

func writeAsset(r asset.Row) Asset {
	written := Asset{
		ID: r.ID.String(), Tag: r.Tag, Status: string(r.Status), Kind: string(r.Kind), Maker: r.Maker, Model: r.Model, Serial: r.Serial,
		CustodianID: r.CustodianID.String(), Custodian: r.Custodian, PlaceID: r.PlaceID.String(), Place: r.Place,
		UnitID: r.UnitID.String(), Unit: r.Unit, PurchasedOn: dayText(r.PurchasedOn), Currency: r.Currency,
		WarrantyEndsOn: dayText(r.WarrantyEnds), OrderNumber: r.OrderNumber, DeviceID: r.DeviceID.String(), Device: r.DeviceName,
		LinkedBy: string(r.LinkedBy), HostID: r.HostID.String(), Host: r.Host, Note: r.Note, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.CostCents != nil {
		written.Cost = money.Format(*r.CostCents)
	}
	return written
}

func dayText(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
}

func writeAssetFact(f asset.Fact) AssetFact {
	return AssetFact{Key: f.Key, Decided: f.Decided, Observed: f.Observed, Drift: f.Drift}
}

func writeAttachment(t asset.Attachment) AssetAttachment {
	return AssetAttachment{DeviceID: t.DeviceID.String(), Device: t.Device, Since: t.Since, Until: known(t.Until)}
}

func writeAssetEvent(e asset.Event) AssetEvent {
	return AssetEvent{
		At: e.At, Actor: e.Actor, ByRule: e.ByRule, Action: e.Action, Reason: e.Reason, Device: e.Device,
		Changes: each(e.Changes, func(c asset.Change) AssetChange { return AssetChange{c.Field, c.Before, c.After} }),
	}
}

func writeUnowned(w asset.Waiting) UnownedDevice {
	return UnownedDevice{
		DeviceID: w.ID.String(), Name: w.Name, Kind: string(w.Kind), Maker: w.Maker, Model: w.Model, Serial: w.Serial,
		AssetTag: w.AssetTag, UnitID: w.UnitID.String(), Unit: w.Unit, FirstSeen: w.FirstSeen,
		Candidates: each(w.Candidates, func(c asset.Candidate) AssetCandidate {
			return AssetCandidate{AssetID: c.ID.String(), Tag: c.Tag, Reason: string(c.Reason)}
		}),
	}
}
