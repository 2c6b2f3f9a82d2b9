// Package enrolment has the pages that let agents in: the keys, the lines to
// paste on each kind of system, and the wait for the first report.
package enrolment

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/enrolment"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/unit"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
	"holdfast/shared/id"
)

// Pages are the pages of this package.
type Pages struct {
	keys    *enrolment.Service
	units   *unit.Service
	devices *inventory.Reader
	public  string // address of this server, as agents reach it
}

// New makes the pages; public is the address under which agents reach us.
func New(keys *enrolment.Service, units *unit.Service, devices *inventory.Reader, public string) *Pages {
	return &Pages{keys: keys, units: units, devices: devices, public: public}
}

// Pages lists them.
func (p *Pages) Pages() []page.Page {
	rule := identity.Needs(identity.EnrolmentManage)
	return []page.Page{
		page.Get("/enrolment", rule, p.list),
		page.Post("/enrolment", rule, p.create),
		page.Get("/enrolment/first", rule, p.first),
		page.Post("/enrolment/first", rule, p.createFirst),
		page.Get("/enrolment/first/waiting", rule, p.waiting),
		page.Get("/enrolment/keys/:id/revoke", rule, p.confirmRevoke),
		page.Post("/enrolment/keys/:id/revoke", rule, p.revoke),
	}
}

// keys is what the page of enrolment keys shows.
type keys struct {
	list   []enrolment.Key
	units  []unit.Unit
	form   ui.Form
	lines  Lines // of the key that was just made
	public string
}

func (p *Pages) list(c *gin.Context) error {
	return p.render(c, http.StatusOK, keys{})
}

func (p *Pages) render(c *gin.Context, status int, shown keys) error {
	ctx := c.Request.Context()
	var err error
	if shown.list, err = p.keys.List(ctx); err != nil {
		return err
	}
	if shown.units, err = p.units.List(ctx); err != nil {
		return err
	}
	shown.public = p.public
	return ui.RenderStatus(c, status, Keys(shown))
}

func (p *Pages) create(c *gin.Context) error {
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wish := enrolment.Wish{Name: values.Get("name")}
	if parsed, err := id.Parse[identity.Unit](values.Get("unit")); err == nil {
		wish.UnitID = parsed
	}
	if days, err := strconv.Atoi(values.Get("days")); err == nil && days > 0 {
		end := i18n.LocaleOf(c.Request.Context()).Now.Add(time.Duration(days) * 24 * time.Hour)
		wish.ExpiresAt = &end
	}
	wish.MaxUses, err = uses(values)
	if err == nil {
		var key enrolment.Key
		var secret identity.Secret
		key, secret, err = p.keys.Create(c.Request.Context(), wish)
		if err == nil {
			return p.render(c, http.StatusOK, keys{lines: Lines{Name: key.Name, Server: p.public, Secret: string(secret)}})
		}
	}
	if form, is := ui.Wrong(values, err); is {
		return p.render(c, http.StatusUnprocessableEntity, keys{form: form})
	}
	return err
}

func uses(values url.Values) (*int, error) {
	text := values.Get("max_uses")
	if text == "" {
		return nil, nil //nolint:nilnil // without limit
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return nil, fault.NewInvalid(fault.Field{Name: "max_uses", Key: "fault.field.number"})
	}
	return &number, nil
}

// first is the page after the first run: install the first agent.
func (p *Pages) first(c *gin.Context) error {
	newest, err := p.newest(c)
	if err != nil {
		return err
	}
	return ui.Render(c, First(Lines{}, newest))
}

// createFirst makes a key for a day and ten devices of the whole organisation.
func (p *Pages) createFirst(c *gin.Context) error {
	ctx := c.Request.Context()
	root, err := p.units.Root(ctx)
	if err != nil {
		return err
	}
	most, end := 10, i18n.LocaleOf(ctx).Now.Add(24*time.Hour)
	_, secret, err := p.keys.Create(ctx, enrolment.Wish{
		Name: i18n.T(ctx, "first_agent.key_name"), UnitID: root.ID, MaxUses: &most, ExpiresAt: &end,
	})
	if err != nil {
		return err
	}
	newest, err := p.newest(c)
	if err != nil {
		return err
	}
	return ui.Render(c, First(Lines{Server: p.public, Secret: string(secret)}, newest))
}

// waiting answers the page that waits for the first report: go to the device
// when it has come, keep waiting otherwise.
func (p *Pages) waiting(c *gin.Context) error {
	newest, err := p.newest(c)
	if err != nil {
		return err
	}
	if newest != nil && !newest.ReportedAt.IsZero() && newest.ID.String() != c.Query("after") {
		ui.Redirect(c, "/devices/"+newest.ID.String())
		return nil
	}
	return ui.Render(c, Waiting(newest, c.Query("after")))
}

// after is the device that was there when the page was opened; it is not the
// one that the page waits for.
func after(newest *inventory.Device) string {
	if newest == nil || newest.ReportedAt.IsZero() {
		return ""
	}
	return newest.ID.String()
}

// newest gives the device that came last, or nil while there is none.
func (p *Pages) newest(c *gin.Context) (*inventory.Device, error) {
	found, err := p.devices.Devices(c.Request.Context(), list.Query{Sort: list.Sort{Key: "first_seen", Descending: true}, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		return nil, err
	}
	return &found.Items[0], nil
}

func (p *Pages) key(c *gin.Context) (enrolment.Key, error) {
	wanted, err := page.ID[enrolment.Key](c, "id", "enrolment_key")
	if err != nil {
		return enrolment.Key{}, err
	}
	all, err := p.keys.List(c.Request.Context())
	if err != nil {
		return enrolment.Key{}, err
	}
	for _, key := range all {
		if key.ID == wanted {
			return key, nil
		}
	}
	return enrolment.Key{}, fault.NewMissing("enrolment_key")
}

func (p *Pages) confirmRevoke(c *gin.Context) error {
	key, err := p.key(c)
	if err != nil {
		return err
	}
	return ui.Render(c, Revoke(key, ui.Form{}))
}

func (p *Pages) revoke(c *gin.Context) error {
	key, err := p.key(c)
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	err = ui.WithReason(c, values, func() error { return p.keys.Revoke(c.Request.Context(), key.ID) })
	if form, is := ui.Wrong(values, err); is {
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Revoke(key, form))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, "/enrolment", ui.Notice{Key: "enrolment_key.revoked", Args: i18n.Args{"Name": key.Name}})
}
