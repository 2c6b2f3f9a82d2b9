package ticket

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	gopath "path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/attachment"
	"holdfast/server/desk"
	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/panel"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// subject is one ticket with what its page shows.
type subject struct {
	ticket.Detail
	service  *ticket.Service
	panel    *panel.Panel // of its device, if the reader may see it
	then     []then       // what was wrong with the device at the opening
	handlers []ticket.Handler
	mine     bool // whether the reader owns it
	may      bool // whether the reader may handle it
	form     ui.Form
	refused  string // which deed the form was: the last part of its address, and the state that it asked for
}

// refuse keeps what was wrong with a deed; several forms of the page have fields
// of one name, so that the links of the summary need those of this form.
func (s *subject) refuse(deed string, form ui.Form) {
	ids := map[string]string{
		"move solved text": "solve-body", "move pending text": "pend-text", "move pending at": "pend-at", "move planned at": "plan-at",
		"escalate body": "escalate-body", "escalate team": "escalate-team", "assign to": "assign-to",
	}
	for i, wrong := range form.Faults {
		if field, is := ids[deed+" "+wrong.Name]; is {
			form.Faults[i].Name = field
		}
	}
	s.form, s.refused = form, deed
}

// typed gives what somebody typed into a field of a deed that was refused.
func (s subject) typed(deed, field string) string {
	if s.refused != deed {
		return ""
	}
	return s.form.Get(field)
}

func (p *Pages) load(c *gin.Context) (subject, error) {
	ctx := c.Request.Context()
	of, err := page.ID[ticket.Mark](c, "id", "ticket")
	if err != nil {
		return subject{}, err
	}
	found, err := p.Tickets.Get(ctx, of)
	if err != nil {
		return subject{}, err
	}
	actor := identity.ActorOf(ctx)
	one := subject{
		Detail: found, service: p.Tickets, mine: found.OwnerID.String() == actor.ID && actor.ID != "",
		may: actor.Reach(identity.TicketsHandle).Has(found.UnitID),
	}
	if found.Device != 0 {
		shown, err := p.Panels.ByKey(ctx, found.Device)
		if err == nil {
			one.panel = &shown
		} else if refused(err) == nil {
			return subject{}, err
		}
	}
	if one.then, err = findingsThen(ctx, found.Opening); err != nil {
		return subject{}, err
	}
	if one.may {
		one.handlers, err = p.Tickets.Handlers(ctx, found.UnitID)
	}
	return one, err
}

// refused is the fault of an error that tells the reader no, or nil for one
// that something broke.
func refused(err error) *fault.Fault { return fault.Of(err) }

func (p *Pages) show(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	return ui.Render(c, One(one))
}

// deed does something to a ticket by what a form says.
type deed func(ctx context.Context, of ticket.ID, form url.Values, files []attachment.Upload) (ui.Notice, error)

// deeds are what the forms of a ticket's page do, by the last part of their
// address.
func (p *Pages) deeds() map[string]deed {
	return map[string]deed{
		"take": func(ctx context.Context, of ticket.ID, _ url.Values, _ []attachment.Upload) (ui.Notice, error) {
			row, err := p.Tickets.Take(ctx, of)
			notice, err := named("notice.ticket_taken", nil)(row, err)
			notice.Undo = &ui.Undo{Action: path(of) + "/assign", Values: map[string]string{"to": toTeam + string(row.Team)}}
			return notice, err
		},
		"assign":   p.assign,
		"escalate": p.escalate,
		"move":     p.move,
		"message":  p.message,
		"merge":    p.merge,
		"unmerge": func(ctx context.Context, of ticket.ID, _ url.Values, _ []attachment.Upload) (ui.Notice, error) {
			return named("notice.ticket_unmerged", nil)(p.Tickets.Unmerge(ctx, of))
		},
	}
}

// named makes the notice of what was done to a ticket, with its number.
func named(key string, args i18n.Args) func(ticket.Row, error) (ui.Notice, error) {
	return func(row ticket.Row, err error) (ui.Notice, error) {
		notice := ui.Notice{Key: key, Args: i18n.Args{"Number": row.Ticket.Name()}}
		for name, value := range args {
			notice.Args[name] = value
		}
		return notice, err
	}
}

func (p *Pages) deed(do deed) func(*gin.Context) error {
	return func(c *gin.Context) error {
		of, err := page.ID[ticket.Mark](c, "id", "ticket")
		if err != nil {
			return err
		}
		values, files, err := Files(c)
		if err != nil {
			return err
		}
		notice, err := do(c.Request.Context(), of, values, files)
		form, is := ui.Wrong(values, err)
		switch {
		case is:
			one, loading := p.load(c)
			if loading != nil {
				return loading
			}
			one.refuse(strings.TrimSpace(gopath.Base(c.FullPath())+" "+values.Get("state")), form)
			return ui.RenderStatus(c, http.StatusUnprocessableEntity, One(one))
		case err != nil:
			return err
		}
		return ui.Done(c, path(of), notice)
	}
}

// toTeam stands before a team in the list of those to whom a ticket can go.
const toTeam = "team."

func (p *Pages) assign(ctx context.Context, of ticket.ID, form url.Values, _ []attachment.Upload) (ui.Notice, error) {
	// One list offers people and teams.
	to := ticket.Assignment{}
	if team, is := strings.CutPrefix(form.Get("to"), toTeam); is {
		to.Team = identity.Role(team)
	} else if owner, err := id.Parse[identity.User](form.Get("to")); err == nil {
		to.Owner = owner
	} else {
		return ui.Notice{}, fault.NewInvalid(fault.Field{Name: "to", Key: "fault.ticket.owner"})
	}
	row, err := p.Tickets.Assign(ctx, of, to)
	who := row.Owner
	if who == "" {
		who = i18n.T(ctx, "role."+string(row.Team))
	}
	return named("notice.ticket_assigned", i18n.Args{"Name": who})(row, err)
}

func (p *Pages) escalate(ctx context.Context, of ticket.ID, form url.Values, _ []attachment.Upload) (ui.Notice, error) {
	row, err := p.Tickets.Escalate(ctx, of, form.Get("body"), identity.Role(form.Get("team")))
	return named("notice.ticket_assigned", i18n.Args{"Name": i18n.T(ctx, "role."+string(row.Team))})(row, err)
}

func (p *Pages) move(ctx context.Context, of ticket.ID, form url.Values, _ []attachment.Upload) (ui.Notice, error) {
	move := ticket.Move{To: ticket.State(form.Get("state")), Text: form.Get("text")}
	if move.To == ticket.Solved {
		move.Text = form.Get("body")
	}
	if text := form.Get("at"); text != "" {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, i18n.LocaleOf(ctx).Zone)
		if err != nil {
			return ui.Notice{}, fault.NewInvalid(fault.Field{Name: "at", Key: "fault.field.date"})
		}
		move.At = at
	}
	row, err := p.Tickets.Move(ctx, of, move)
	notice, err := named("notice.ticket_moved", i18n.Args{"State": i18n.T(ctx, "value.state."+string(row.State))})(row, err)
	switch row.State {
	case ticket.Pending, ticket.Planned, ticket.Solved:
		notice.Undo = &ui.Undo{Action: path(of) + "/move", Values: map[string]string{"state": string(goesOn(&row.Ticket))}}
	case ticket.Fresh, ticket.Assigned, ticket.Closed:
	}
	return notice, err
}

func (p *Pages) message(ctx context.Context, of ticket.ID, form url.Values, files []attachment.Upload) (ui.Notice, error) {
	post := ticket.Post{Body: form.Get("body"), Private: form.Has("private"), Files: files, Then: ticket.State(form.Get("then"))}
	key := "notice.ticket_answered"
	if post.Private {
		key = "notice.ticket_noted"
	}
	return named(key, nil)(p.Tickets.Write(ctx, of, post))
}

func (p *Pages) merge(ctx context.Context, of ticket.ID, form url.Values, _ []attachment.Upload) (ui.Notice, error) {
	number, is := ticket.Number(form.Get("into"))
	if !is {
		return ui.Notice{}, fault.NewInvalid(fault.Field{Name: "into", Key: "fault.ticket.number"})
	}
	into, err := p.Tickets.Numbered(ctx, number)
	if fault.Is(err, fault.Missing) {
		return ui.Notice{}, fault.NewInvalid(fault.Field{Name: "into", Key: "fault.ticket.number"})
	}
	if err != nil {
		return ui.Notice{}, err
	}
	notice, err := named("notice.ticket_merged", nil)(p.Tickets.Merge(ctx, of, into.ID))
	notice.Undo = &ui.Undo{Action: path(of) + "/unmerge"}
	return notice, err
}

// uploadsMost is what a form with files may measure.
const uploadsMost = attachment.Files*attachment.Most + 1<<20

// Files reads a form that may bring files, as "files". Faults: TooLarge,
// Invalid.
func Files(c *gin.Context) (url.Values, []attachment.Upload, error) {
	if !strings.HasPrefix(c.ContentType(), "multipart/") {
		values, err := page.Form(c)
		return values, nil, err
	}
	const inMemory = 1 << 20
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, uploadsMost)
	var large *http.MaxBytesError
	switch err := c.Request.ParseMultipartForm(inMemory); {
	case errors.As(err, &large):
		return nil, nil, fault.NewTooLarge(attachment.Most)
	case err != nil:
		return nil, nil, fault.NewInvalid(fault.Field{Name: "files", Key: "fault.attachment.unreadable"})
	}
	var uploads []attachment.Upload
	for _, header := range c.Request.MultipartForm.File["files"] {
		if header.Size == 0 && header.Filename == "" {
			continue
		}
		content, err := content(header)
		if err != nil {
			return nil, nil, fault.NewInvalid(fault.Field{Name: "files", Key: "fault.attachment.unreadable"})
		}
		uploads = append(uploads, attachment.Upload{Name: header.Filename, Content: content})
	}
	return c.Request.PostForm, uploads, c.Request.MultipartForm.RemoveAll()
}

func content(header *multipart.FileHeader) ([]byte, error) {
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

func (p *Pages) attachment(c *gin.Context) error {
	of, err := page.ID[attachment.File](c, "id", "attachment")
	if err != nil {
		return err
	}
	file, content, err := p.Tickets.Attachment(c.Request.Context(), of)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", file.Disposition())
	c.Data(http.StatusOK, file.MediaType, content)
	return nil
}

// devices lists what a ticket could be about, by what somebody typed.
func (p *Pages) devices(c *gin.Context) error {
	one, err := p.load(c)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(c.Query("q"))
	var matches []panel.Match
	if len([]rune(text)) >= 2 {
		if matches, err = p.Panels.Matches(c.Request.Context(), text); err != nil {
			return err
		}
	}
	return ui.Render(c, Devices(one, text, matches))
}

func (p *Pages) setDevice(c *gin.Context) error {
	of, err := page.ID[ticket.Mark](c, "id", "ticket")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	ctx, key, name := c.Request.Context(), device.Key(0), i18n.T(c.Request.Context(), "ticket.no_device")
	if text := values.Get("device"); text != "" {
		wanted, err := id.Parse[device.Mark](text)
		if err != nil {
			return fault.NewMissing("device")
		}
		found, err := p.Inventory.Device(ctx, wanted)
		if err != nil {
			return err
		}
		key, name = found.Key, found.Name
	}
	row, err := p.Tickets.Change(ctx, of, ticket.Change{Device: &key})
	if err != nil {
		return err
	}
	notice, _ := named("notice.ticket_device", i18n.Args{"Name": name})(row, nil)
	return ui.Done(c, path(of), notice)
}

// teamChoices are the support groups.
func teamChoices(ctx context.Context) []ui.Choice {
	choices := make([]ui.Choice, 0, len(desk.Teams()))
	for _, team := range desk.Teams() {
		choices = append(choices, ui.Choice{Value: string(team), Label: i18n.T(ctx, "role."+string(team))})
	}
	return choices
}
