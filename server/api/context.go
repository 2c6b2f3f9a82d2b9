package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/panel"
	"holdfast/server/ticket"
)

// Context is a device and what surrounds it, found by anything that a caller
// can say.
type Context struct {
	Query  string         `json:"query"`
	Person *ContextPerson `json:"person,omitempty" doc:"Absent unless one person was meant."`
	Device *DevicePanel   `json:"device,omitempty" doc:"The best match; absent when only a person was found."`
	Others []ContextMatch `json:"others" nullable:"false" doc:"Other devices that match."`
}

// ContextPerson is somebody whom a search found.
type ContextPerson struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// ContextMatch is a device that a search found.
type ContextMatch struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Model string `json:"model,omitempty"`
	User  string `json:"user,omitempty"`
	By    string `json:"matched_by"`
	Value string `json:"matched_value"`
}

// DevicePanel is a device and what surrounds it. What the reader may not see
// is absent.
type DevicePanel struct {
	Device         Device          `json:"device"`
	AssetID        string          `json:"asset_id,omitempty" format:"uuid"`
	AssetTag       string          `json:"asset_tag,omitempty"`
	AssetStatus    string          `json:"asset_status,omitempty"`
	Custodian      string          `json:"custodian,omitempty"`
	Place          string          `json:"place,omitempty"`
	PurchasedOn    string          `json:"purchased_on,omitempty" format:"date"`
	WarrantyEndsOn string          `json:"warranty_ends_on,omitempty" format:"date"`
	SupportEndsOn  string          `json:"support_ends_on,omitempty" format:"date" doc:"Last day of updates for its operating system, as far as known."`
	Health         string          `json:"health" enum:"ok,warn,crit,unknown"`
	Findings       []Finding       `json:"findings" nullable:"false" doc:"What is wrong, the worst first."`
	Changes        []PanelChange   `json:"changes" nullable:"false" doc:"What changed within fourteen days, the most unusual first."`
	MoreChanges    int             `json:"more_changes"`
	Estate         int             `json:"estate" doc:"How many devices there are."`
	Alerts         []PanelAlert    `json:"alerts" nullable:"false"`
	Tickets        []PanelTicket   `json:"tickets" nullable:"false" doc:"The newest first."`
	TicketsYear    int             `json:"tickets_in_a_year"`
	ModelYear      int             `json:"tickets_of_model_in_a_year"`
	Licences       []PanelProducts `json:"licences" nullable:"false" doc:"Licensed products on it, and how it stands with each."`
}

// PanelChange is something that changed on a device lately.
type PanelChange struct {
	Change
	Devices int  `json:"devices" doc:"On how many devices the same changed within fourteen days."`
	Counted bool `json:"counted" doc:"False: it is newer than the last count, and devices is 1."`
	Unusual bool `json:"unusual" doc:"Few devices of many have it."`
}

// PanelAlert is an open alert on a device.
type PanelAlert struct {
	ID        string    `json:"id" format:"uuid"`
	Check     string    `json:"check"`
	Severity  string    `json:"severity"`
	Sentence  string    `json:"sentence" doc:"In the reader's language."`
	FirstSeen time.Time `json:"first_seen"`
}

// PanelTicket is a ticket on a device.
type PanelTicket struct {
	ID       string    `json:"id" format:"uuid"`
	Number   string    `json:"number"`
	Title    string    `json:"title"`
	State    string    `json:"state"`
	OpenedAt time.Time `json:"opened_at"`
}

// PanelProducts is a licensed product on a device.
type PanelProducts struct {
	ProductID string `json:"product_id" format:"uuid"`
	Name      string `json:"name"`
	Available *int64 `json:"available,omitempty" doc:"Rights left over in the whole organisation; negative when short; absent while not worked out."`
}

// ContextInput is what a caller said.
type ContextInput struct {
	Text string `query:"q" required:"true" maxLength:"200" doc:"Name, tag, serial number, IP or MAC address of a device, or the name, login or address of who uses it."`
}

func (a *API) context() {
	register(a, operation{
		method: http.MethodGet, path: "/context", name: "get-context", summary: "Find a device by anything, with what surrounds it",
		tag: tagDevices, rule: identity.Needs(identity.DevicesRead),
	}, func(ctx context.Context, in *ContextInput) (*body[Context], error) {
		found, err := a.services.Panels.Find(ctx, in.Text)
		if err != nil {
			return nil, located{err, "query"}
		}
		made := Context{Query: found.Query, Others: each(found.Others, func(m panel.Match) ContextMatch {
			return ContextMatch{m.ID.String(), m.Name, string(m.Kind), m.Model, m.User, m.By, m.Value}
		})}
		if found.Person != nil {
			made.Person = &ContextPerson{found.Person.ID.String(), found.Person.Name, found.Person.Email}
		}
		if found.Best != nil {
			made.Device = a.writePanel(ctx, found.Best)
		}
		return &body[Context]{made}, nil
	})
}

func (a *API) writePanel(ctx context.Context, p *panel.Panel) *DevicePanel {
	made := &DevicePanel{
		Device: writeDevice(p.Device), AssetID: p.Asset.ID.String(), AssetTag: p.Asset.Tag, AssetStatus: string(p.Asset.Status),
		Custodian: p.Asset.Custodian, Place: p.Asset.Place, PurchasedOn: onDay(p.Asset.PurchasedOn), WarrantyEndsOn: onDay(p.Asset.WarrantyEnds),
		SupportEndsOn: onDay(p.Support.EndsOn), Health: string(p.Health.Level),
		Findings: each(p.Findings, func(f health.Finding) Finding { return a.writeFinding(ctx, f) }),
		Changes: each(p.Changes, func(c panel.Change) PanelChange {
			return PanelChange{
				Change:  Change{At: c.At, Section: c.Section, Action: string(c.Action), Subject: c.Subject, Field: c.Field, Before: c.Before, After: c.After},
				Devices: c.Devices, Counted: c.Counted, Unusual: c.Unusual,
			}
		}),
		MoreChanges: p.More, Estate: p.Estate,
		Alerts: each(p.Alerts, func(x health.Alert) PanelAlert {
			return PanelAlert{x.ID.String(), x.Check, string(x.Severity), a.texts.Sentence(languageOf(ctx), x.Sentence(), x.Args), x.FirstSeenAt}
		}),
		Tickets: each(p.Tickets, func(t ticket.Ticket) PanelTicket {
			return PanelTicket{t.ID.String(), t.Name(), a.services.Tickets.Titled(&t, languageOf(ctx)), string(t.State), t.OpenedAt}
		}),
		TicketsYear: p.OnDevice, ModelYear: p.OnModel,
		Licences: each(p.Licences, func(l panel.Licence) PanelProducts {
			made := PanelProducts{ProductID: l.ProductID, Name: l.Name}
			if l.Known {
				made.Available = &l.Available
			}
			return made
		}),
	}
	if made.Health == "" {
		made.Health = string(health.Unknown)
	}
	return made
}

func onDay(when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return when.Format(time.DateOnly)
}
