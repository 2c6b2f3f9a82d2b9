package web

import (
	"log/slog"
	"slices"
	"time"

	"holdfast/server/account"
	"holdfast/server/asset"
	"holdfast/server/audit"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/enrolment"
	"holdfast/server/entitlement"
	"holdfast/server/health"
	"holdfast/server/importer"
	"holdfast/server/inventory"
	"holdfast/server/panel"
	"holdfast/server/person"
	"holdfast/server/place"
	"holdfast/server/position"
	"holdfast/server/recognition"
	"holdfast/server/ticket"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/page/access"
	alertpage "holdfast/server/web/page/alert"
	assetpage "holdfast/server/web/page/asset"
	auditpage "holdfast/server/web/page/audit"
	devicepage "holdfast/server/web/page/device"
	disposalpage "holdfast/server/web/page/disposal"
	"holdfast/server/web/page/door"
	enrolmentpage "holdfast/server/web/page/enrolment"
	"holdfast/server/web/page/help"
	importpage "holdfast/server/web/page/importer"
	licencepage "holdfast/server/web/page/licence"
	"holdfast/server/web/page/overview"
	personpage "holdfast/server/web/page/person"
	placepage "holdfast/server/web/page/place"
	portalpage "holdfast/server/web/page/portal"
	"holdfast/server/web/page/profile"
	recognitionpage "holdfast/server/web/page/recognition"
	"holdfast/server/web/page/search"
	"holdfast/server/web/page/software"
	ticketpage "holdfast/server/web/page/ticket"
	"holdfast/server/web/static"
)

// Services are what the pages ask.
type Services struct {
	Inventory  *inventory.Reader
	Agents     *device.Agents
	Accounts   *account.Service
	Units      *unit.Service
	Enrolments *enrolment.Service
	Audit      *audit.Reader
	Views      *view.Service
	Health     *health.Service
	Assets     *asset.Service
	People     *person.Service
	Places     *place.Service
	Imports    *importer.Service

	Recognition *recognition.Service

	Disposal  *disposal.Service
	Rights    *entitlement.Service
	Positions *position.Service

	Tickets *ticket.Service
	Desk    *desk.Service
	Panels  *panel.Reader
}

// Options are what the pages need besides services.
type Options struct {
	Public string           // address under which people and agents reach the server
	Log    *slog.Logger     //
	Now    func() time.Time // time.Now unless a test says otherwise
}

// New makes the pages. It fails when the styles and scripts were not built.
func New(s Services, options Options) (*Pages, error) {
	assets, err := static.Open()
	if err != nil {
		return nil, err
	}
	made := &Pages{assets: assets, log: options.Log, now: options.Now, services: s}
	if made.now == nil {
		made.now = time.Now
	}
	cases := disposalpage.New(s.Disposal, s.Assets, s.Units, s.Views)
	owned := assetpage.New(assetpage.Services{
		Assets: s.Assets, People: s.People, Places: s.Places, Units: s.Units, Views: s.Views, Inventory: s.Inventory, CaseOf: cases.OfAsset,
	})
	bought := licencepage.New(licencepage.Services{
		Positions: s.Positions, Rights: s.Rights, Assets: s.Assets, People: s.People, Units: s.Units, Views: s.Views, Inventory: s.Inventory,
	})
	titles := recognitionpage.New(s.Recognition, s.Inventory, s.Views)
	people := personpage.New(s.People, s.Assets, s.Units, s.Views)
	work := ticketpage.New(ticketpage.Services{
		Tickets: s.Tickets, Desk: s.Desk, Panels: s.Panels, People: s.People, Units: s.Units, Views: s.Views, Inventory: s.Inventory,
	})
	alerts := alertpage.New(s.Health, s.Units, s.Views, work.OfAlert)
	made.pages = slices.Concat(
		door.New(s.Accounts).Pages(),
		overview.New(s.Inventory, overview.Waiting(owned.Tasks, titles.Tasks, cases.Tasks), alerts.Causes).LedBy(work.Queue).Pages(),
		search.New(s.Inventory, owned.Search, people.Search, work.Search).Pages(),
		devicepage.New(s.Inventory, s.Agents, s.Units, s.Views, s.Health, owned.OfDevice, work.OfDevice, bought.OfDevice).Pages(),
		software.New(s.Inventory, s.Views).Pages(),
		titles.Pages(),
		owned.Pages(),
		alerts.Pages(),
		work.Pages(),
		portalpage.New(s.Tickets, s.Desk).Pages(),
		bought.Pages(),
		cases.Pages(),
		people.Pages(),
		placepage.New(s.Places, s.Assets, s.Units).Pages(),
		importpage.New(s.Imports).Pages(),
		enrolmentpage.New(s.Enrolments, s.Units, s.Inventory, options.Public).Pages(),
		access.New(s.Accounts, s.Units, options.Public).Pages(),
		auditpage.New(s.Audit, s.Units).Pages(),
		profile.New(s.Accounts, s.Views).Pages(),
		help.New().Pages(),
	)
	return made, nil
}
