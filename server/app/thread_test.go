package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/server/config"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/disposal"
	"holdfast/server/enrolment"
	"holdfast/server/identity"
	"holdfast/server/list"
	"holdfast/server/notify/notifytest"
	"holdfast/server/person"
	"holdfast/server/store/storetest"
	"holdfast/server/ticket"
	"holdfast/shared/id"
	evidence "holdfast/shared/identify"
	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// laptop is a machine that speaks the protocol, over all that stands before
// the handlers.
type laptop struct {
	a      *App
	key    identity.Secret
	device device.ID
	agent  identity.Secret
}

// says sends one message of the protocol.
func (l *laptop) says(t *testing.T, path string, message, answer any) int {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	show := nothing
	if l.agent != "" && path != protocol.EnrolPath {
		show = bearer(l.agent)
	}
	w := l.a.ask(t, http.MethodPost, path, string(body), show)
	if w.Code == http.StatusOK && answer != nil {
		if err := json.Unmarshal(w.Body.Bytes(), answer); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code
}

// comes enrols the laptop and has it report itself and its drive.
func (l *laptop) comes(t *testing.T) {
	t.Helper()
	var enrolled protocol.Enrolled
	status := l.says(t, protocol.EnrolPath, protocol.Enrol{
		Protocol: protocol.Version, Key: string(l.key), Agent: report.Agent{Version: "1.0"}, Hostname: "pc-old",
		Evidence: evidence.Evidence{Serial: "SN-OLD-1", UUID: "4c4c4544-0035-4b10-8051-b4c04f4d3132"},
	}, &enrolled)
	if status != http.StatusOK {
		t.Fatalf("enrol: %d", status)
	}
	l.agent = identity.Secret(enrolled.Credential)
	of, err := id.Parse[device.Mark](enrolled.Device)
	if err != nil {
		t.Fatal(err)
	}
	l.device = of
	var parts []report.Part
	for _, section := range []report.Section{
		&report.System{Maker: "Dell Inc.", Model: "Latitude 7400", Serial: "SN-OLD-1"},
		&report.Storage{Drives: []report.Drive{{Device: "nvme0n1", Model: "Samsung SSD 970", Serial: "S4DYNX0M", Media: "ssd", SizeBytes: 256 << 30}}},
	} {
		facts, err := json.Marshal(section)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, report.Part{Name: section.Name(), Outcome: report.OK, Hash: report.Hash(report.OK, section), Facts: facts})
	}
	status = l.says(t, protocol.ReportPath, report.Report{
		ID: uuid.Must(uuid.NewV7()).String(), TakenAt: time.Now().UTC(), Agent: report.Agent{Version: "1.0", OS: "linux", Arch: "amd64"},
		Digest: report.StateDigest(parts), Sections: parts,
	}, nil)
	if status != http.StatusOK {
		t.Fatalf("report: %d", status)
	}
}

// heard has the outbox deliver what happened.
func (a *App) heard(t *testing.T) {
	t.Helper()
	if err := a.outbox.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// as is a user with a role everywhere.
func (a *App) as(t *testing.T, role identity.Role, root identity.UnitID) context.Context {
	t.Helper()
	return identity.WithActor(t.Context(), identity.Actor{
		Kind: identity.UserKind, ID: a.user(t, role, root).String(), Name: string(role),
		Grants: []identity.Grant{{Role: role, UnitID: root, Reach: identity.Scope{All: true}}},
	})
}

// released sees the asset of a device out of the door.
func (a *App) released(t *testing.T, of device.ID, root identity.UnitID) *disposal.Case {
	t.Helper()
	must := func(c *disposal.Case, err error) *disposal.Case {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	technician, manager, second := a.as(t, identity.Servers, root), a.as(t, identity.Manager, root), a.as(t, identity.HelpDesk, root)
	owned, err := a.assets.Own(technician, of, "A-1")
	if err != nil {
		t.Fatal(err)
	}
	c := must(a.disposal.Create(technician, disposal.Wish{Title: "Refresh", UnitID: root}))
	c = must(a.disposal.Add(technician, c.ID, "recycling", "worn out", owned.ID))
	c = must(a.disposal.Offer(technician, c.ID))
	c = must(a.disposal.Approve(manager, c.ID, ""))
	if len(c.Lines) != 1 || len(c.Lines[0].Drives) != 1 || c.Lines[0].Drives[0].Medium != disposal.SSD {
		t.Fatalf("its drives are %+v", c.Lines)
	}
	drive := c.Lines[0].Drives[0].ID
	must(a.disposal.Record(technician, c.ID, drive, disposal.RecordWish{
		Outcome: disposal.Purge, Technique: "block_erase", Tool: "nvme-cli", PerformedOn: time.Now().AddDate(0, 0, -1),
	}))
	must(a.disposal.Validate(second, c.ID, drive, "full", ""))
	must(a.disposal.Clear(technician, c.ID))
	return must(a.disposal.Release(technician, c.ID))
}

// TestReleasedDeviceThatComesBackBecomesOneSecurityTicket goes from the agent
// through the outbox to the queue, with everything as the server wires it.
func TestReleasedDeviceThatComesBackBecomesOneSecurityTicket(t *testing.T) {
	comesBack := map[string]func(t *testing.T, l *laptop){
		disposal.Refused: func(t *testing.T, l *laptop) {
			if status := l.says(t, protocol.CheckinPath, protocol.Checkin{Digest: "0123456789abcdef"}, nil); status != http.StatusUnauthorized {
				t.Fatalf("its revoked agent gets %d", status)
			}
		},
		disposal.Reported: func(t *testing.T, l *laptop) { l.comes(t) },
	}
	for _, dialect := range storetest.Dialects() {
		for how, back := range comesBack {
			t.Run(fmt.Sprint(dialect, " ", how), func(t *testing.T) {
				a := build(t, settings(t, storetest.URL(t, dialect)), io.Discard, nil)
				working, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- a.intake.Run(working) }()
				defer func() {
					stop()
					if err := <-ended; err != nil {
						t.Error(err)
					}
				}()
				root, err := a.units.Root(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, key, err := a.enrolments.Create(a.as(t, identity.Administrator, root.ID), enrolment.Wish{Name: "all", UnitID: root.ID})
				if err != nil {
					t.Fatal(err)
				}
				l := &laptop{a: a, key: key}
				l.comes(t)
				a.heard(t)
				c := a.released(t, l.device, root.ID)
				a.heard(t)
				desks := a.as(t, identity.HelpDesk, root.ID)
				queue := func() []ticket.Row {
					t.Helper()
					page, err := a.tickets.List(desks, list.Query{})
					if err != nil {
						t.Fatal(err)
					}
					return page.Items
				}
				if found := queue(); len(found) != 0 {
					t.Fatalf("before it comes back there are tickets: %+v", found)
				}
				for range 2 {
					back(t, l)
					a.heard(t)
				}
				found := queue()
				if len(found) != 1 {
					t.Fatalf("%d tickets", len(found))
				}
				one, err := a.tickets.Get(desks, found[0].ID)
				if err != nil {
					t.Fatal(err)
				}
				if one.Source != ticket.FromDisposal || one.Kind != desk.Incident || one.Category.Key != "security" || one.TitleKey != "ticket.disposal."+how {
					t.Errorf("the ticket is %+v", one.Ticket)
				}
				for language, words := range map[string]string{"en": "pc-old was disposed of with ", "fr": "pc-old est sorti avec "} {
					if title := a.tickets.Titled(&one.Ticket, language); !strings.HasPrefix(title, words+c.Number) {
						t.Errorf("in %s it is called %q", language, title)
					}
				}
				c, err = a.disposal.Get(a.as(t, identity.Servers, root.ID), c.ID)
				if err != nil {
					t.Fatal(err)
				}
				if len(c.Sightings) != 1 || c.Sightings[0].How != how || c.Sightings[0].Ticket != one.Number {
					t.Errorf("the case tells of %+v, the ticket is %d", c.Sightings, one.Number)
				}
			})
		}
	}
}

// TestRequesterReadsInTheirLanguageWhatBecomesOfATicket goes from the queue
// through the notices to the mail server.
func TestRequesterReadsInTheirLanguageWhatBecomesOfATicket(t *testing.T) {
	for _, dialect := range storetest.Dialects() {
		t.Run(string(dialect), func(t *testing.T) {
			server := notifytest.New(t)
			s, mail := settings(t, storetest.URL(t, dialect)), server.Mail()
			s.PublicURL = "https://holdfast.example.org"
			s.Mail = config.Mail{SMTPHost: mail.Host, SMTPPort: mail.Port, SMTPSecurity: string(mail.Security), SMTPFrom: mail.From, SMTPName: mail.FromName}
			a := build(t, s, io.Discard, nil)
			root, err := a.units.Root(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			office, help := a.as(t, identity.OfficeSystems, root.ID), a.as(t, identity.HelpDesk, root.ID)
			for language, want := range map[string][]string{
				"en": {"] We have your request: VPN drops", "] Somebody else sees to it: VPN drops", "] Passed to ", "] Solved: VPN drops"},
				"fr": {"] Nous avons votre demande", "] Quelqu’un d’autre s’en occupe", "] Transmise à ", "] Résolue"},
			} {
				address := "herrera." + language + "@example.org"
				herrera, err := a.people.Create(office, person.Wish{Name: "T. Herrera", Email: address, UnitID: root.ID, Language: language, Active: true})
				if err != nil {
					t.Fatal(err)
				}
				made, err := a.tickets.Create(help, ticket.Wish{Title: "VPN drops", Requester: herrera.ID, Keyed: "network", Source: ticket.FromDesk})
				if err != nil {
					t.Fatal(err)
				}
				owner, err := id.Parse[identity.User](identity.ActorOf(office).ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, do := range []func() (ticket.Row, error){
					func() (ticket.Row, error) { return a.tickets.Take(help, made.ID) },
					func() (ticket.Row, error) {
						return a.tickets.Assign(help, made.ID, ticket.Assignment{Owner: owner})
					},
					func() (ticket.Row, error) { return a.tickets.Escalate(office, made.ID, "The gateway", "") },
					func() (ticket.Row, error) {
						return a.tickets.Move(office, made.ID, ticket.Move{To: ticket.Solved, Text: "Restarted it"})
					},
				} {
					if _, err := do(); err != nil {
						t.Fatal(err)
					}
				}
				if err := a.notices.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				var got []notifytest.Received
				for _, mail := range server.Received() {
					if mail.To == address {
						got = append(got, mail)
					}
				}
				if len(got) != len(want) {
					t.Fatalf("in %s they were told %+v", language, got)
				}
				for i, mail := range got {
					if !strings.HasPrefix(mail.Subject, "["+made.Name()+want[i]) || !strings.Contains(mail.Body, s.PublicURL+"/portal/requests/"+made.ID.String()) {
						t.Errorf("in %s they read %q: %s", language, mail.Subject, mail.Body)
					}
				}
				if !strings.Contains(got[3].Body, "Restarted it") || strings.Contains(got[2].Body, "The gateway") {
					t.Errorf("in %s they read %q and %q", language, got[2].Body, got[3].Body)
				}
			}
		})
	}
}
