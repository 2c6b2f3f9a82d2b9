package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/server/asset"
	"holdfast/server/attachment"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/person"
	"holdfast/server/ticket"
	"holdfast/shared/id"
)

const tagTickets = "tickets"

// uploadsMost is what a request with files may measure: they come as base64.
const uploadsMost = attachment.Files*attachment.Most*4/3 + 1<<20

func (a *API) tickets() {
	read, handle := identity.Needs(identity.TicketsRead), identity.Needs(identity.TicketsHandle)
	service, all := a.services.Tickets, ticket.Columns(identity.Actor{}, time.Time{})
	registerList(a, operation{path: "/tickets", name: "list-tickets", summary: "List tickets", tag: tagTickets, rule: read},
		all.Fields(), all.Default, true, func(ctx context.Context, in *ListInput) (*body[Page[Ticket]], error) {
			return readPage(in.values, service.Columns(ctx), func(q list.Query) (list.Page[ticket.Row], error) {
				return service.List(ctx, q)
			}, func(r ticket.Row) Ticket { return a.writeTicket(ctx, r) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets", name: "open-ticket", summary: "Open a ticket", tag: tagTickets, rule: handle, status: http.StatusCreated},
		func(ctx context.Context, in *body[TicketWish]) (*body[Ticket], error) {
			wish, err := a.ticketWish(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			made, err := service.Create(ctx, wish)
			return &body[Ticket]{a.writeTicket(ctx, made)}, err
		})
	register(a, operation{method: http.MethodGet, path: "/tickets/{id}", name: "get-ticket", summary: "Get a ticket with all that was said and happened", tag: tagTickets, rule: read},
		func(ctx context.Context, in *OneInput) (*body[TicketDetail], error) {
			of, err := thing[ticket.Mark](in.ID, "ticket")
			if err != nil {
				return nil, err
			}
			found, err := service.Get(ctx, of)
			if err != nil {
				return nil, err
			}
			detail, err := a.writeTicketDetail(ctx, found)
			return &body[TicketDetail]{detail}, err
		})
	register(a, operation{method: http.MethodPatch, path: "/tickets/{id}", name: "change-ticket", summary: "Change what a ticket says", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *TicketBody[TicketChange]) (*body[Ticket], error) {
			change, err := a.ticketChange(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Change(ctx, of, change) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/state", name: "move-ticket", summary: "Give a ticket another state", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *TicketBody[TicketMove]) (*body[Ticket], error) {
			move := ticket.Move{To: ticket.State(in.Body.State), Text: in.Body.Text}
			if in.Body.At != nil {
				move.At = *in.Body.At
			}
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Move(ctx, of, move) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/take", name: "take-ticket", summary: "Take a ticket", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *OneInput) (*body[Ticket], error) {
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Take(ctx, of) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/assign", name: "assign-ticket", summary: "Give a ticket to somebody, or to a team", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *TicketBody[TicketAssignment]) (*body[Ticket], error) {
			owner, err := optionalThing[identity.User](in.Body.OwnerID, "owner_id")
			if err != nil {
				return nil, err
			}
			to := ticket.Assignment{Owner: owner, Team: identity.Role(in.Body.Team)}
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Assign(ctx, of, to) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/escalate", name: "escalate-ticket", summary: "Hand a ticket to the next level", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *TicketBody[TicketEscalation]) (*body[Ticket], error) {
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) {
				return service.Escalate(ctx, of, in.Body.Note, identity.Role(in.Body.Team))
			})
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/messages", name: "write-message", summary: "Answer the requester, or add a note", tag: tagTickets, rule: handle, maxBody: uploadsMost},
		func(ctx context.Context, in *TicketBody[TicketMessage]) (*body[Ticket], error) {
			post := ticket.Post{Body: in.Body.Body, Private: in.Body.Private, Then: ticket.State(in.Body.Then)}
			for _, file := range in.Body.Files {
				post.Files = append(post.Files, attachment.Upload{Name: file.Name, Content: file.Content})
			}
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Write(ctx, of, post) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/merge", name: "merge-ticket", summary: "Make a ticket a part of another", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *TicketBody[TicketMerge]) (*body[Ticket], error) {
			into, err := thing[ticket.Mark](in.Body.Into, "ticket")
			if err != nil {
				return nil, err
			}
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Merge(ctx, of, into) })
		})
	register(a, operation{method: http.MethodPost, path: "/tickets/{id}/unmerge", name: "unmerge-ticket", summary: "Undo the merging of a ticket", tag: tagTickets, rule: handle},
		func(ctx context.Context, in *OneInput) (*body[Ticket], error) {
			return a.worked(ctx, in.ID, func(of ticket.ID) (ticket.Row, error) { return service.Unmerge(ctx, of) })
		})
	register(a, operation{method: http.MethodGet, path: "/ticket-attachments/{id}", name: "get-ticket-attachment", summary: "Get a file of a message", tag: tagTickets, rule: identity.SignedIn}, a.ticketAttachment)
}

// worked does something to a ticket and answers with what it became.
func (a *API) worked(ctx context.Context, text string, do func(ticket.ID) (ticket.Row, error)) (*body[Ticket], error) {
	of, err := thing[ticket.Mark](text, "ticket")
	if err != nil {
		return nil, err
	}
	row, err := do(of)
	if err != nil {
		return nil, err
	}
	return &body[Ticket]{a.writeTicket(ctx, row)}, nil
}

// fileOutput is a file as it is.
type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (a *API) ticketAttachment(ctx context.Context, in *OneInput) (*fileOutput, error) {
	of, err := thing[attachment.File](in.ID, "attachment")
	if err != nil {
		return nil, err
	}
	file, content, err := a.services.Tickets.Attachment(ctx, of)
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: file.MediaType, Disposition: file.Disposition(), Body: content}, nil
}

// optionalThing reads an identifier that may be absent.
func optionalThing[T any](text, field string) (of id.Of[T], err error) {
	if text == "" {
		return of, nil
	}
	if of, err = id.Parse[T](text); err != nil {
		return of, located{fault.NewInvalid(fault.Field{Name: field, Key: "problem.field.uuid"}), "body"}
	}
	return of, nil
}

func (a *API) ticketWish(ctx context.Context, in TicketWish) (wish ticket.Wish, err error) {
	wish = ticket.Wish{
		Kind: desk.Kind(in.Kind), Title: in.Title, Body: in.Body, Impact: desk.Impact(in.Impact), Urgency: desk.Urgency(in.Urgency), Source: ticket.FromAPI,
	}
	if wish.Category, err = optionalThing[desk.CategoryMark](in.CategoryID, "category_id"); err != nil {
		return wish, err
	}
	if wish.Requester, err = optionalThing[person.Mark](in.RequesterID, "requester_id"); err != nil {
		return wish, err
	}
	if wish.Asset, err = optionalThing[asset.Mark](in.AssetID, "asset_id"); err != nil {
		return wish, err
	}
	if wish.Unit, err = optionalThing[identity.Unit](in.UnitID, "unit_id"); err != nil {
		return wish, err
	}
	wish.Device, err = a.deviceKey(ctx, in.DeviceID)
	return wish, err
}

// deviceKey is the key of a device that the reader may see; 0 for none.
func (a *API) deviceKey(ctx context.Context, text string) (device.Key, error) {
	of, err := optionalThing[device.Mark](text, "device_id")
	if err != nil || of.IsZero() {
		return 0, err
	}
	found, err := a.services.Inventory.Device(ctx, of)
	return found.Key, err
}

func (a *API) ticketChange(ctx context.Context, in TicketChange) (change ticket.Change, err error) {
	change = ticket.Change{Title: in.Title, Kind: (*desk.Kind)(in.Kind), Impact: (*desk.Impact)(in.Impact), Urgency: (*desk.Urgency)(in.Urgency)}
	if in.CategoryID != nil {
		of, err := optionalThing[desk.CategoryMark](*in.CategoryID, "category_id")
		if err != nil {
			return change, err
		}
		change.Category = &of
	}
	if in.RequesterID != nil {
		of, err := optionalThing[person.Mark](*in.RequesterID, "requester_id")
		if err != nil {
			return change, err
		}
		change.Requester = &of
	}
	if in.AssetID != nil {
		of, err := optionalThing[asset.Mark](*in.AssetID, "asset_id")
		if err != nil {
			return change, err
		}
		change.Asset = &of
	}
	if in.DeviceID != nil {
		key, err := a.deviceKey(ctx, *in.DeviceID)
		if err != nil {
			return change, err
		}
		change.Device = &key
	}
	return change, nil
}
