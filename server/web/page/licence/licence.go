// Package licence has the pages of licences: the positions of all products,
// one product with why its figures are so, the rights that were bought with
// their papers, and what people decide about them.
package licence

import (
	"github.com/gin-gonic/gin"

	"holdfast/server/asset"
	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/person"
	"holdfast/server/position"
	"holdfast/server/recognition"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/page"
	"holdfast/shared/id"
)

// Services are what these pages ask.
type Services struct {
	Positions *position.Service
	Rights    *entitlement.Service
	Assets    *asset.Service
	People    *person.Service
	Units     *unit.Service
	Views     *view.Service
	Inventory *inventory.Reader
}

// Pages are the pages of this package.
type Pages struct{ Services }

// New makes the pages.
func New(services Services) *Pages { return &Pages{services} }

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	read, edit, export := identity.Needs(identity.LicencesRead), identity.Needs(identity.LicencesEdit), identity.Needs(identity.LicencesExport)
	return []page.Page{
		page.Get("/licences", read, p.list),
		page.Get("/licences/export", export, p.export),
		page.Get("/licences/at", read, p.at),

		page.Get("/licences/products/:id", read, p.position),
		page.Get("/licences/products/:id/json", export, p.download),
		page.Get("/licences/products/:id/installations", read, p.installations),
		page.Get("/licences/products/:id/installations/export", identity.Needs(identity.DevicesExport), p.exportInstallations),
		page.Get("/licences/products/:id/rights", read, p.rightsOf),
		page.Get("/licences/products/:id/users", read, p.users),
		page.Post("/licences/products/:id/users", edit, p.assign),
		page.Get("/licences/products/:id/exemptions", read, p.exemptions),
		page.Post("/licences/products/:id/exemptions", edit, p.exempt),
		page.Get("/licences/products/:id/history", read, p.history),
		page.Get("/licences/products/:id/counting", edit, p.counting),
		page.Post("/licences/products/:id/counting", edit, p.count),
		page.Post("/licences/products/:id/counting/undo", edit, p.undoCount),

		page.Get("/licences/rights", read, p.rights),
		page.Get("/licences/rights/export", export, p.exportRights),
		page.Get("/licences/rights/new", edit, p.newRight),
		page.Post("/licences/rights", edit, p.createRight),
		page.Get("/licences/rights/:id", read, p.right),
		page.Get("/licences/rights/:id/edit", edit, p.editRight),
		page.Post("/licences/rights/:id", edit, p.changeRight),
		page.Post("/licences/rights/:id/end", edit, p.endRight),
		page.Post("/licences/rights/:id/remove", edit, p.removeRight),
		page.Post("/licences/rights/:id/undo", edit, p.undoRight),

		page.Get("/licences/papers", read, p.papers),
		page.Get("/licences/papers/export", export, p.exportPapers),
		page.Get("/licences/papers/new", edit, p.newPaper),
		page.Post("/licences/papers", edit, p.createPaper),
		page.Get("/licences/papers/:id", read, p.paper),
		page.Get("/licences/papers/:id/edit", edit, p.editPaper),
		page.Post("/licences/papers/:id", edit, p.changePaper),
		page.Post("/licences/papers/:id/files", edit, p.attach),
		page.Get("/licences/files/:id", read, p.file),

		page.Post("/licences/exemptions/:id/end", edit, p.endExemption),
		page.Post("/licences/exemptions/:id/undo", edit, p.undoExemption),
		page.Post("/licences/assignments/:id/end", edit, p.unassign),
	}
}

func productPath(of position.ProductID) string { return "/licences/products/" + of.String() }

func rightPath(of entitlement.ID) string { return "/licences/rights/" + of.String() }

func paperPath(of entitlement.PaperID) string { return "/licences/papers/" + of.String() }

func productID(c *gin.Context) (position.ProductID, error) {
	return page.ID[recognition.Product](c, "id", "product")
}

// device finds the one device that a text names: by its identifier, or by its
// name or serial number. Fault: Invalid.
func (p *Pages) device(c *gin.Context, text string) (device.ID, error) {
	if of, err := id.Parse[device.Mark](text); err == nil {
		return of, nil
	}
	found, err := p.Inventory.Search(c.Request.Context(), text, 10)
	if err != nil {
		return device.ID{}, err
	}
	var exact []device.ID
	for _, hit := range found.Devices {
		if hit.Rank == inventory.Exact {
			exact = append(exact, hit.ID)
		}
	}
	if len(exact) != 1 {
		return device.ID{}, fault.NewInvalid(fault.Field{Name: "device", Key: "fault.asset.device"})
	}
	return exact[0], nil
}
