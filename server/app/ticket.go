package app

import (
	"context"

	"golang.org/x/sync/errgroup"

	"holdfast/server/config"
	devicehealth "holdfast/server/health"
	"holdfast/server/job"
	noticing "holdfast/server/notify"
	"holdfast/server/outbox"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
)

// newTickets gives tickets a way to speak to people.
func (a *App) newTickets() *ticket.Service {
	return ticket.New(a.db, a.publish, a.notices, ticket.Options{Public: a.Public, Translate: i18n.Translate, Log: a.log})
}

// newNotices gives notices the mail server of the settings, if there is one.
func (a *App) newNotices(settings config.Mail) *noticing.Service {
	options := noticing.Options{Translate: i18n.Translate, Log: a.log}
	if settings.SMTPHost != "" {
		options.Mail = &noticing.Mail{
			Host: settings.SMTPHost, Port: settings.SMTPPort, User: settings.SMTPUser, Password: settings.SMTPPassword,
			From: settings.SMTPFrom, FromName: settings.SMTPName, Security: noticing.Security(settings.SMTPSecurity),
		}
	}
	return noticing.New(a.db, options)
}

// followAlerts is how tickets hear of alerts.
func (a *App) followAlerts() []outbox.Subscription {
	return []outbox.Subscription{
		{Topic: devicehealth.TopicRaised, Consumer: "ticket", Handle: a.tickets.AlertsChanged},
		{Topic: devicehealth.TopicCleared, Consumer: "ticket", Handle: a.tickets.AlertsChanged},
	}
}

// runDesk runs what tickets do by themselves. Those who listen to live changes
// are let go as soon as the server stops serving, since it waits for them.
func (a *App) runDesk(working, serving context.Context, group *errgroup.Group) {
	group.Go(func() error { return a.notices.Run(working) })
	group.Go(func() error { return a.tickets.Announce(serving) })
}

func (a *App) deskJobs() []job.Job { return append(a.tickets.Jobs(), a.panels.Jobs()...) }
