package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/ticket"
)

// Found is what a search found. What the reader may not see is not there.
type Found struct {
	Devices []FoundDevice `json:"devices" nullable:"false" doc:"The best first."`
	Assets  []Asset       `json:"assets" nullable:"false" doc:"Found by the start of their tag or serial number."`
	People  []Person      `json:"people" nullable:"false" doc:"Found by a part of their name, address or login; not those who have left."`
	Tickets []Ticket      `json:"tickets" nullable:"false" doc:"Found by their number or a part of their title, the last changed first."`
	Titles  []Title       `json:"software" nullable:"false"`
}

// FoundDevice is a device, and what it was found by.
type FoundDevice struct {
	Device
	By    string `json:"matched_by" doc:"What was found: name, serial, tag, user, address, mac, adapter, uuid or model."`
	Value string `json:"matched_value" doc:"What it reads, in lower case."`
}

// Overview is the state of the estate, as far as the reader may see it.
type Overview struct {
	Devices         int     `json:"devices"`
	SeenLately      int     `json:"seen_24_hours" doc:"Devices whose agent was here within 24 hours."`
	Silent          int     `json:"silent_14_days" doc:"Devices whose agent was not here for 14 days."`
	RestartRequired int     `json:"restart_required"`
	SecurityUpdates int     `json:"security_updates" doc:"Devices with updates that mend security waiting."`
	FirstSeenLately int     `json:"first_seen_7_days" doc:"Devices first seen within 7 days."`
	ByKind          []Share `json:"by_kind" nullable:"false"`
	BySystem        []Share `json:"by_os" nullable:"false" doc:"By name and version of the operating system."`
}

// Share is how many devices have a value.
type Share struct {
	Value   string `json:"value,omitempty" doc:"Absent: not known."`
	Devices int    `json:"devices"`
}

// SearchInput is what to look for.
type SearchInput struct {
	Text  string `query:"q" required:"true" maxLength:"200" doc:"What to look for: the start of a name, serial number, tag, user, IP or MAC address or model of a device, of the tag of an asset, or a part of a person's name, of the title of a ticket or of software. At least two characters."`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Most rows of each kind."`
}

func (a *API) search() {
	register(a, operation{method: http.MethodGet, path: "/search", name: "search", summary: "Search everything", tag: "search", rule: identity.SignedIn},
		func(ctx context.Context, in *SearchInput) (*body[Found], error) {
			found, err := a.services.Inventory.Search(ctx, in.Text, in.Limit)
			if err != nil {
				return nil, err
			}
			made := Found{
				Devices: each(found.Devices, func(h inventory.Hit) FoundDevice {
					return FoundDevice{Device: writeDevice(h.Device), By: h.By, Value: h.Value}
				}),
				Titles: each(found.Titles, writeTitle), Assets: []Asset{}, People: []Person{}, Tickets: []Ticket{},
			}
			if utf8.RuneCountInString(strings.TrimSpace(in.Text)) < 2 { // as the inventory has it
				return &body[Found]{made}, nil
			}
			assets, err := a.services.Assets.Search(ctx, in.Text, in.Limit)
			if err != nil {
				return nil, err
			}
			made.Assets = each(assets, writeAsset)
			actor := identity.ActorOf(ctx)
			if actor.May(identity.PeopleRead) {
				people, err := a.services.People.Suggest(ctx, in.Text, in.Limit)
				if err != nil {
					return nil, err
				}
				made.People = each(people, writePerson)
			}
			if actor.May(identity.TicketsRead) {
				tickets, err := a.services.Tickets.List(ctx, list.Query{Text: in.Text, Limit: in.Limit, Sort: list.Sort{Key: "updated_at", Descending: true}})
				if err != nil {
					return nil, err
				}
				made.Tickets = each(tickets.Items, func(r ticket.Row) Ticket { return a.writeTicket(ctx, r) })
			}
			return &body[Found]{made}, nil
		})
}

func (a *API) overview() {
	register(a, operation{method: http.MethodGet, path: "/overview", name: "get-overview", summary: "Get the figures of the estate", tag: tagDevices, rule: identity.Needs(identity.OverviewRead)},
		func(ctx context.Context, _ *struct{}) (*body[Overview], error) {
			o, err := a.services.Inventory.Overview(ctx)
			if err != nil {
				return nil, err
			}
			share := func(s inventory.Share) Share { return Share(s) }
			return &body[Overview]{Overview{
				Devices: o.Devices, SeenLately: o.SeenLately, Silent: o.Silent, RestartRequired: o.RestartRequired,
				SecurityUpdates: o.SecurityUpdates, FirstSeenLately: o.FirstSeenLately,
				ByKind: each(o.ByKind, share), BySystem: each(o.BySystem, share),
			}}, nil
		})
}

// Me is who asks.
type Me struct {
	Kind        string   `json:"kind" enum:"user,token" doc:"A person, or a program with an API token."`
	ID          string   `json:"id" format:"uuid"`
	Name        string   `json:"name"`
	Grants      []Grant  `json:"grants" nullable:"false"`
	Permissions []string `json:"permissions" nullable:"false" doc:"What these roles may do, somewhere."`
}

// Grant is a role in a unit and everything below it.
type Grant struct {
	Role   identity.Role `json:"role" enum:"requester,committee,manager,helpdesk,officesystems,servers,lineofbusiness,administrator"`
	UnitID string        `json:"unit_id" format:"uuid"`
}

func (a *API) me() {
	register(a, operation{method: http.MethodGet, path: "/me", name: "get-me", summary: "Get who asks", tag: tagAccess, rule: identity.SignedIn},
		func(ctx context.Context, _ *struct{}) (*body[Me], error) {
			actor := identity.ActorOf(ctx)
			me := Me{Kind: string(actor.Kind), ID: actor.ID, Name: actor.Name, Grants: each(actor.Grants, writeGrant), Permissions: []string{}}
			for _, permission := range identity.Permissions() {
				if actor.May(permission) {
					me.Permissions = append(me.Permissions, string(permission))
				}
			}
			return &body[Me]{me}, nil
		})
}

func writeGrant(g identity.Grant) Grant { return Grant{Role: g.Role, UnitID: g.UnitID.String()} }
