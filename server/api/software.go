package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/software"
	"holdfast/shared/id"
)

const tagSoftware = "software"

// Title is one software title as lists show it.
type Title struct {
	ID        string    `json:"id" format:"uuid"`
	Title     string    `json:"title"`
	Publisher string    `json:"publisher,omitempty"`
	Source    string    `json:"source,omitempty" doc:"Package manager that it comes from."`
	Versions  int64     `json:"versions" doc:"Versions that some device has."`
	Devices   int64     `json:"devices" doc:"Devices that have it, in the units that the reader sees, as last counted."`
	FirstSeen time.Time `json:"first_seen"`
	Class     string    `json:"class" enum:"product,part,ignored,unrecognised" doc:"What its versions are recognised as; unrecognised when nobody knows one of them."`
	Product   string    `json:"product,omitempty" doc:"Name of what it is; of one, where versions differ."`
	ProductID string    `json:"product_id,omitempty" format:"uuid"`
}

// TitleDetail is one title with its versions.
type TitleDetail struct {
	Title
	CountedAt *time.Time     `json:"counted_at,omitempty" doc:"When devices were last counted."`
	Releases  []TitleVersion `json:"releases" nullable:"false" doc:"Versions that some device has, the most installed first."`
}

// TitleVersion is a version of a title in one edition and architecture.
type TitleVersion struct {
	Version   string    `json:"version,omitempty"`
	Edition   string    `json:"edition,omitempty"`
	Arch      string    `json:"arch,omitempty"`
	Size      *int64    `json:"size,omitempty" doc:"Bytes."`
	Devices   int64     `json:"devices"`
	FirstSeen time.Time `json:"first_seen"`
}

// Holder is a device that has a title.
type Holder struct {
	Device
	Version string `json:"version,omitempty" doc:"Version that it has; several are separated by commas."`
}

func (a *API) software() {
	needs := identity.Needs(identity.SoftwareRead)
	everybody := identity.WithActor(context.Background(), identity.System("documentation"))
	titles := inventory.TitleColumns(everybody)
	registerList(a, operation{path: "/software", name: "list-software", summary: "List software titles", tag: tagSoftware, rule: needs},
		titles.Fields(), titles.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Title]], error) {
			return readPage(in.values, inventory.TitleColumns(ctx), func(q list.Query) (list.Page[inventory.Title], error) {
				return a.services.Inventory.Titles(ctx, q)
			}, writeTitle)
		})
	register(a, operation{method: http.MethodGet, path: "/software/{id}", name: "get-software", summary: "Get a software title", tag: tagSoftware, rule: needs},
		func(ctx context.Context, in *OneInput) (*body[TitleDetail], error) {
			of, err := titleID(in.ID)
			if err != nil {
				return nil, err
			}
			title, versions, err := a.services.Inventory.Title(ctx, of)
			if err != nil {
				return nil, err
			}
			counted, err := a.services.Inventory.CountedAt(ctx)
			if err != nil {
				return nil, err
			}
			return &body[TitleDetail]{TitleDetail{
				Title: writeTitle(title), CountedAt: known(counted),
				Releases: each(versions, func(v inventory.Version) TitleVersion { return TitleVersion(v) }),
			}}, nil
		})
	holders := inventory.HolderColumns(everybody, software.TitleID{})
	registerList(a, operation{path: "/software/{id}/devices", name: "list-software-devices", summary: "List the devices that have a software title", tag: tagSoftware, rule: identity.Needs(identity.DevicesRead)},
		holders.Fields(), holders.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[Holder]], error) {
			of, err := titleID(in.ID)
			if err != nil {
				return nil, err
			}
			return readPage(in.values, inventory.HolderColumns(ctx, of), func(q list.Query) (list.Page[inventory.Holder], error) {
				return a.services.Inventory.Holders(ctx, of, q)
			}, func(h inventory.Holder) Holder { return Holder{Device: writeDevice(h.Device), Version: h.Version} })
		})
}

// titleID reads the identifier in a path; one that is none names no title.
func titleID(text string) (software.TitleID, error) {
	of, err := id.Parse[software.Title](text)
	if err != nil {
		return software.TitleID{}, fault.NewMissing("title")
	}
	return of, nil
}

func writeTitle(t inventory.Title) Title {
	return Title{
		ID: t.ID.String(), Title: t.Name, Publisher: t.Publisher, Source: t.Source,
		Versions: t.Versions, Devices: t.Devices, FirstSeen: t.FirstSeen,
		Class: t.Class, Product: t.Product, ProductID: t.ProductID.String(),
	}
}
