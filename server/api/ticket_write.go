package api

import (
	"context"

	"holdfast/server/attachment"
	"holdfast/server/health"
	"holdfast/server/notify"
	"holdfast/server/ticket"
)

func (a *API) writeTicket(ctx context.Context, r ticket.Row) Ticket {
	t := &r.Ticket
	return Ticket{
		ID: t.ID.String(), Number: t.Name(), Kind: string(t.Kind), Title: a.services.Tickets.Titled(t, languageOf(ctx)), State: string(t.State),
		Impact: string(t.Impact), Urgency: string(t.Urgency), Priority: string(t.Priority), CategoryID: t.CategoryID.String(),
		Category: r.Category(languageOf(ctx)), Team: string(t.Team), Level: t.Level, OwnerID: t.OwnerID.String(), Owner: r.Owner,
		RequesterID: t.RequesterID.String(), Requester: r.Requester, DeviceID: r.DeviceID.String(), Device: r.DeviceName,
		AssetID: t.AssetID.String(), Asset: r.AssetTag, UnitID: t.UnitID.String(), Unit: r.Unit, Source: string(t.Source), OpenedBy: t.OpenedBy,
		OpenedAt: t.OpenedAt, UpdatedAt: t.UpdatedAt, Own: writeClock(r.Own), Resolve: writeClock(r.Resolve),
		PlannedFor: known(t.PlannedFor), Reason: t.PendingReason, WakesAt: known(t.WakeAt), SolvedAt: known(t.SolvedAt),
		ConfirmedAt: known(t.ConfirmedAt), ClosedAt: known(t.ClosedAt), AskedAt: known(t.AskedAt), Reopened: t.Reopened,
		MergedInto: t.MergedInto.String(), Storm: t.Storm,
	}
}

func writeClock(f ticket.Face) TicketClock {
	return TicketClock{State: string(f.Hand), TargetHours: f.Target.Hours(), UsedHours: f.Used.Hours(), DueAt: known(f.Due)}
}

func (a *API) writeTicketDetail(ctx context.Context, d ticket.Detail) (TicketDetail, error) {
	language := languageOf(ctx)
	made := TicketDetail{
		Ticket: a.writeTicket(ctx, d.Row), Next: each(d.Next, func(s ticket.State) string { return string(s) }), Escalates: string(d.Level2),
		Thread: each(d.Thread, writeTicketEntry),
		Followers: each(d.Followers, func(f ticket.Follower) TicketFollower {
			return TicketFollower{f.ID.String(), f.Name}
		}),
		Alerts: each(d.Alerts, func(x ticket.Alert) TicketAlert {
			return TicketAlert{
				ID: x.ID.String(), Check: x.Check, Severity: string(x.Severity), State: string(x.State), Sentence: a.texts.Sentence(language, x.Sentence(), x.Args),
				DeviceID: x.DeviceID.String(), Device: x.Name, Subject: x.Subject, FirstSeen: x.FirstSeenAt, ClearedAt: known(x.ClearedAt),
			}
		}),
		Notices: each(d.Notices, func(n notify.Notice) TicketNotice {
			return TicketNotice{n.Template, n.To.Name, n.To.Address, n.To.Language, n.Subject, string(n.State), n.Error, n.CreatedAt, known(n.SentAt)}
		}),
	}
	if d.Opening == nil {
		return made, nil
	}
	made.Opening = &TicketOpening{Level: string(d.Opening.Level), Findings: []Finding{}}
	for _, then := range d.Opening.Findings {
		found, err := then.Finding()
		if err != nil {
			return TicketDetail{}, err
		}
		made.Opening.Findings = append(made.Opening.Findings, a.writeFinding(ctx, found))
	}
	return made, nil
}

func (a *API) writeFinding(ctx context.Context, f health.Finding) Finding {
	return Finding{
		Check: f.Check, Subject: f.Subject, Level: string(f.Level), Args: f.Args, Since: f.Since, SeenAt: f.SeenAt,
		Sentence: a.texts.Sentence(languageOf(ctx), f.Sentence(), f.Args),
	}
}

func writeTicketEntry(e ticket.Entry) TicketEntry {
	made := TicketEntry{
		At: e.At, Author: e.Author, Kind: "event", Body: e.Body, Asks: e.Asks, Via: string(e.Via), From: e.From, Action: e.Action, Args: e.Args,
		Files: each(e.Files, func(f attachment.File) AttachmentFile {
			return AttachmentFile{f.ID.String(), f.Name, f.MediaType, f.Size}
		}),
	}
	if e.Message {
		made.Kind = string(e.Sort)
	}
	return made
}
