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
	Nowhere    Area = ""
	Overview   Area = "overview"
	Devices    Area = "devices"
	Software   Area = "software"
	Enrolment  Area = "enrolment"
	Users      Area = "users"
	Units      Area = "units"
	Tokens     Area = "tokens"
	Sessions   Area = "sessions"
	Audit      Area = "audit"
	HelpPages  Area = "help"
	OwnAccount Area = "account"
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
		{"", []place{{Overview, "/", "dashboard", "o", identity.OverviewRead}}},
		{"nav.inventory", []place{
			{Devices, "/devices", "device-desktop", "d", identity.DevicesRead},
			{Software, "/software", "apps", "s", identity.SoftwareRead},
			{Enrolment, "/enrolment", "key", "e", identity.EnrolmentManage},
		}},
		{"nav.access", []place{
			{Users, "/access/users", "users", "", identity.UsersManage},
			{Units, "/access/units", "building", "", identity.UnitsManage},
			{Tokens, "/access/tokens", "plug", "", identity.TokensOwn},
			{Sessions, "/access/sessions", "devices-pc", "", identity.UsersManage},
			{Audit, "/audit", "history", "", identity.AuditRead},
		}},
	}
}

// visible leaves out what the reader may not open.
func visible(ctx context.Context) []group {
	var shown []group
	for _, each := range navigation() {
		kept := group{key: each.key}
		for _, p := range each.places {
			if may(ctx, p.needs) {
				kept.places = append(kept.places, p)
			}
		}
		if len(kept.places) > 0 {
			shown = append(shown, kept)
		}
	}
	return shown
}
