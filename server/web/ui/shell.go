package ui

import (
	"context"

	"holdfast/server/identity"
)

// Area is the part of the product that a page belongs to: which entry of the
// navigation is current.
type Area string

// The areas.
const (
	AreaNowhere   Area = ""
	AreaOverview  Area = "overview"
	AreaDevices   Area = "devices"
	AreaSoftware  Area = "software"
	AreaProducts  Area = "products"
	AreaAssets    Area = "assets"
	AreaPlaces    Area = "places"
	AreaPeople    Area = "people"
	AreaImport    Area = "import"
	AreaLicences  Area = "licences"
	AreaTickets   Area = "tickets"
	AreaPortal    Area = "portal"
	AreaAlerts    Area = "alerts"
	AreaDisposal  Area = "disposal"
	AreaEnrolment Area = "enrolment"
	AreaUsers     Area = "users"
	AreaUnits     Area = "units"
	AreaTokens    Area = "tokens"
	AreaSessions  Area = "sessions"
	AreaAudit     Area = "audit"
	AreaHelp      Area = "help"
	AreaAccount   Area = "account"

	AreaRecognition Area = "recognition"
)

// Head is what the frame of a page needs to know.
type Head struct {
	Title   string // in the reader's language
	Area    Area
	Refresh int // seconds after which a browser without scripts asks again; 0 means never
}

type place struct {
	area  Area
	href  string
	icon  string
	key   string // the key after G that goes there, if any
	needs identity.Permission
}

type group struct {
	key    string // of its heading, if any
	places []place
}

// navigation lists the places of the product that exist, and those only.
func navigation() []group {
	return []group{
		{"", []place{{AreaOverview, "/", "dashboard", "o", identity.OverviewRead}}},
		{"nav.inventory", []place{
			{AreaDevices, "/devices", "device-desktop", "d", identity.DevicesRead},
			{AreaSoftware, "/software", "apps", "s", identity.SoftwareRead},
			{AreaProducts, "/products?devices.from=1", "package", "", identity.ProductsRead},
			{AreaRecognition, "/recognition", "list-details", "", identity.RecognitionManage},
			{AreaAssets, "/assets", "box", "a", identity.AssetsRead},
			{AreaPlaces, "/places", "map-pin", "", identity.AssetsRead},
			{AreaPeople, "/people", "address-book", "p", identity.PeopleRead},
			{AreaImport, "/import", "upload", "", identity.RecordsImport},
			{AreaEnrolment, "/enrolment", "key", "e", identity.EnrolmentManage},
		}},
		{"nav.compliance", []place{
			{AreaLicences, "/licences", "certificate", "l", identity.LicencesRead},
		}},
		{"nav.care", []place{
			{AreaAlerts, "/alerts?snoozed=no&state=open", "bell", "", identity.AlertsRead},
			{AreaTickets, "/tickets?open=yes", "inbox", "t", identity.TicketsRead},
		}},
		{"nav.future", []place{
			{AreaDisposal, "/disposal", "trash", "", identity.DisposalRead},
		}},
		{"nav.access", []place{
			{AreaUsers, "/access/users", "users", "", identity.UsersManage},
			{AreaUnits, "/access/units", "building", "", identity.UnitsManage},
			{AreaTokens, "/access/tokens", "plug", "", identity.TokensOwn},
			{AreaSessions, "/access/sessions", "devices-pc", "", identity.UsersManage},
			{AreaAudit, "/audit", "history", "", identity.AuditRead},
		}},
	}
}

// visible leaves out what the reader may not open.
func visible(ctx context.Context) []group {
	var shown []group
	for _, each := range navigation() {
		kept := group{key: each.key}
		for _, p := range each.places {
			everywhere := p.area == AreaAudit || p.area == AreaRecognition // of use only to who may everywhere
			if may(ctx, p.needs) && (!everywhere || identity.ActorOf(ctx).Reach(p.needs).All) {
				kept.places = append(kept.places, p)
			}
		}
		if len(kept.places) > 0 {
			shown = append(shown, kept)
		}
	}
	return shown
}
