package web

import (
	"log/slog"
	"slices"
	"time"

	"holdfast/server/account"
	"holdfast/server/audit"
	"holdfast/server/device"
	"holdfast/server/enrolment"
	"holdfast/server/inventory"
	"holdfast/server/unit"
	"holdfast/server/view"
	"holdfast/server/web/page/access"
	auditpage "holdfast/server/web/page/audit"
	devicepage "holdfast/server/web/page/device"
	"holdfast/server/web/page/door"
	enrolmentpage "holdfast/server/web/page/enrolment"
	"holdfast/server/web/page/help"
	"holdfast/server/web/page/overview"
	"holdfast/server/web/page/profile"
	"holdfast/server/web/page/search"
	"holdfast/server/web/page/software"
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
	made := &Pages{assets: assets, log: options.Log, now: options.Now}
	if made.now == nil {
		made.now = time.Now
	}
	made.pages = slices.Concat(
		door.New(s.Accounts).Pages(),
		overview.New(s.Inventory).Pages(),
		search.New(s.Inventory).Pages(),
		devicepage.New(s.Inventory, s.Agents, s.Units, s.Views).Pages(),
		software.New(s.Inventory, s.Views).Pages(),
		enrolmentpage.New(s.Enrolments, s.Units, s.Inventory, options.Public).Pages(),
		access.New(s.Accounts, s.Units, options.Public).Pages(),
		auditpage.New(s.Audit, s.Units).Pages(),
		profile.New(s.Accounts, s.Views).Pages(),
		help.New().Pages(),
	)
	return made, nil
}
