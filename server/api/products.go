package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/recognition"
)

const tagProducts = "products"

// Product is what is licensed, or known to be free.
type Product struct {
	ID        string    `json:"id" format:"uuid"`
	Key       string    `json:"key" doc:"What rules and people call it by."`
	Product   string    `json:"product" doc:"Its name."`
	Publisher string    `json:"publisher,omitempty"`
	Category  string    `json:"category"`
	Licence   string    `json:"licence" enum:"licensed,free" doc:"Whether it needs rights."`
	Family    string    `json:"family,omitempty" doc:"What its versions and editions have in common."`
	Edition   string    `json:"edition,omitempty"`
	Version   string    `json:"version,omitempty" doc:"Where each version is a product of its own."`
	Origin    string    `json:"origin" enum:"bundled,local"`
	Versions  int64     `json:"versions" doc:"Versions that some device has."`
	Devices   int64     `json:"devices" doc:"Devices that have it, in the units that the reader sees, as last counted."`
	Retired   bool      `json:"retired" doc:"No longer in the bundle."`
	UpdatedAt time.Time `json:"updated_at"`
}

// ProductChange is what is decided about a local product.
type ProductChange struct {
	Name      string `json:"name"`
	Publisher string `json:"publisher,omitempty"`
	Category  string `json:"category"`
	Licence   string `json:"licence" enum:"licensed,free"`
}

func (p *ProductChange) wish() *recognition.ProductWish {
	if p == nil {
		return nil
	}
	return &recognition.ProductWish{Name: p.Name, Publisher: p.Publisher, Category: p.Category, Class: recognition.Licence(p.Licence)}
}

// Release is a release that is recognised as a product.
type Release struct {
	TitleID      string `json:"title_id" format:"uuid"`
	Title        string `json:"title"`
	Publisher    string `json:"publisher,omitempty"`
	Source       string `json:"source,omitempty"`
	Version      string `json:"version,omitempty"`
	Edition      string `json:"edition,omitempty"`
	Arch         string `json:"arch,omitempty"`
	Devices      int64  `json:"devices"`
	RuleID       string `json:"rule_id" format:"uuid" doc:"Rule that says so."`
	Rule         string `json:"rule" doc:"Its name."`
	RulesVersion string `json:"rules_version" doc:"Version of the bundle and number of the last change of rules when it was recognised."`
	RivalID      string `json:"rival_id,omitempty" format:"uuid" doc:"Rule that has as good a claim and says otherwise."`
}

func (a *API) products() {
	needs := identity.Needs(identity.ProductsRead)
	everybody := identity.WithActor(context.Background(), identity.System("documentation"))
	service := a.services.Recognition
	products := recognition.ProductColumns(everybody)
	registerList(a, operation{path: "/products", name: "list-products", summary: "List products", tag: tagProducts, rule: needs},
		products.Fields(), products.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Product]], error) {
			return readPage(in.values, recognition.ProductColumns(ctx), func(q list.Query) (list.Page[recognition.ProductRow], error) {
				return service.Products(ctx, q)
			}, writeProduct)
		})
	register(a, operation{method: http.MethodGet, path: "/products/{id}", name: "get-product", summary: "Get a product", tag: tagProducts, rule: needs},
		func(ctx context.Context, in *OneInput) (*body[Product], error) { return a.product(ctx, in.ID) })
	register(a, operation{method: http.MethodPut, path: "/products/{id}", name: "change-product", summary: "Change a local product", tag: tagProducts, rule: identity.Needs(identity.RecognitionManage)},
		func(ctx context.Context, in *struct {
			OneInput
			Body ProductChange
		}) (*body[Product], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			if _, err := service.ChangeProduct(ctx, of, *in.Body.wish()); err != nil {
				return nil, err
			}
			return a.product(ctx, in.ID)
		})
	releases := recognition.ReleaseColumns(everybody)
	registerList(a, operation{path: "/products/{id}/releases", name: "list-product-releases", summary: "List the releases that are recognised as a product", tag: tagProducts, rule: needs},
		releases.Fields(), releases.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[Release]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			return readPage(in.values, recognition.ReleaseColumns(ctx), func(q list.Query) (list.Page[recognition.Release], error) {
				return service.Releases(ctx, of, q)
			}, writeRelease)
		})
	holders := inventory.ProductHolderColumns(everybody, recognition.ProductID{})
	registerList(a, operation{path: "/products/{id}/devices", name: "list-product-devices", summary: "List the devices that have a product", tag: tagProducts, rule: identity.Needs(identity.DevicesRead)},
		holders.Fields(), holders.Default, true, func(ctx context.Context, in *OneListInput) (*body[Page[Holder]], error) {
			of, err := thing[recognition.Product](in.ID, "product")
			if err != nil {
				return nil, err
			}
			return readPage(in.values, inventory.ProductHolderColumns(ctx, of), func(q list.Query) (list.Page[inventory.Holder], error) {
				return a.services.Inventory.ProductHolders(ctx, of, q)
			}, func(h inventory.Holder) Holder { return Holder{Device: writeDevice(h.Device), Version: h.Version} })
		})
}

func (a *API) product(ctx context.Context, text string) (*body[Product], error) {
	of, err := thing[recognition.Product](text, "product")
	if err != nil {
		return nil, err
	}
	found, err := a.services.Recognition.Product(ctx, of)
	return &body[Product]{writeProduct(found)}, err
}

func writeProduct(p recognition.ProductRow) Product {
	return Product{
		ID: p.ID.String(), Key: p.Key, Product: p.Name, Publisher: p.Publisher, Category: p.Category, Licence: string(p.Class),
		Family: p.Family, Edition: p.Edition, Version: p.Version, Origin: string(p.Origin), Versions: p.Versions, Devices: p.Held,
		Retired: p.RetiredAt != nil, UpdatedAt: p.UpdatedAt,
	}
}

func writeRelease(r recognition.Release) Release {
	return Release{
		TitleID: r.TitleID.String(), Title: r.Title, Publisher: r.Publisher, Source: r.Source, Version: r.Version, Edition: r.Edition,
		Arch: r.Arch, Devices: r.Devices, RuleID: r.Rule.String(), Rule: r.RuleName, RulesVersion: r.RulesVersion, RivalID: r.Rival.String(),
	}
}
