package licence

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/server/entitlement"
	"holdfast/server/fault"
	"holdfast/server/licence"
	"holdfast/server/web/i18n"
	"holdfast/server/web/page"
	"holdfast/server/web/ui"
)

func (p *Pages) counting(c *gin.Context) error {
	one, err := p.load(c, "counting")
	if err != nil {
		return err
	}
	return ui.Render(c, Counting(one))
}

// count decides how a product is counted.
func (p *Pages) count(c *gin.Context) error {
	one, err := p.load(c, "counting")
	if err != nil {
		return err
	}
	values, err := page.Form(c)
	if err != nil {
		return err
	}
	wish, err := countedWish(values)
	if err == nil {
		_, err = p.Rights.CountBy(c.Request.Context(), one.ID, wish)
	}
	if form, is := ui.Wrong(values, err); is {
		one.form = form
		return ui.RenderStatus(c, http.StatusUnprocessableEntity, Counting(one))
	}
	if err != nil {
		return err
	}
	return ui.Done(c, one.path(""), ui.Notice{
		Key: "licences.counted", Args: i18n.Args{"Product": one.Name}, Undo: &ui.Undo{Action: one.path("counting/undo")},
	})
}

func (p *Pages) undoCount(c *gin.Context) error {
	of, err := productID(c)
	if err != nil {
		return err
	}
	if _, err := p.Rights.UndoCountBy(c.Request.Context(), of); err != nil {
		return err
	}
	return ui.Done(c, productPath(of), ui.Notice{Key: "licences.count_undone"})
}

// countedWish reads what the form wishes: nil leaves it to the program. Fault:
// Invalid.
func countedWish(values url.Values) (*entitlement.CountedWish, error) {
	wish := &entitlement.CountedWish{Note: values.Get("note")}
	for edition := range strings.SplitSeq(values.Get("free_editions"), ",") {
		if edition = strings.TrimSpace(edition); edition != "" {
			wish.FreeEditions = append(wish.FreeEditions, edition)
		}
	}
	choice := values.Get("by")
	if choice == "" {
		return nil, nil //nolint:nilnil // as the program says
	}
	if rule, is := strings.CutPrefix(choice, "rule:"); is {
		wish.Rule = rule
		return wish, nil
	}
	var wrong []fault.Field
	number := func(name string) int64 {
		text := strings.TrimSpace(values.Get(name))
		if text == "" {
			return 0
		}
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil || value < 0 || value > 65536 {
			wrong = append(wrong, fault.Field{Name: name, Key: "fault.field.number"})
		}
		return value
	}
	kind := strings.TrimPrefix(choice, "metric:")
	if !slices.Contains(wish.Metric.Kinds(), kind) {
		return nil, fault.NewInvalid(fault.Field{Name: "by", Key: "fault.field.choice"})
	}
	wish.Metric.Choose(wish.Metric.Form(kind)) // without parameters
	switch kind {
	case "per_named_user":
		wish.Metric.Metric = licence.PerNamedUser{AssignedOnly: values.Get("assigned_only") != ""}
	case "per_core":
		metric := licence.PerCore{
			FloorPerProcessor: number("floor_per_processor"), FloorPerServer: number("floor_per_server"),
			FloorPerVirtualMachine: number("floor_per_virtual_machine"), VirtualMachinesPerSet: number("virtual_machines_per_set"),
			MaintenanceForVirtual: values.Get("maintenance_for_virtual") != "",
		}
		if values.Get("by_host") != "" {
			metric.VirtualMachinesBy = "host"
		}
		wish.Metric.Metric = metric
	case "site":
		metric := licence.Site{}
		if values.Get("organisation") != "" {
			metric.Scope = "organisation"
		}
		wish.Metric.Metric = metric
	}
	if size := number("pack_size"); size > 1 {
		wish.Packs = &licence.Packs{Size: size, WholePer: values.Get("whole_per")}
	}
	if len(wrong) > 0 {
		return nil, fault.NewInvalid(wrong...)
	}
	return wish, nil
}

// chosenBy is the choice that the form begins with.
func chosenBy(one product) string {
	if one.form.Values.Has("by") {
		return one.form.Get("by")
	}
	switch {
	case !one.counted.ByHand:
		return ""
	case one.counted.Rule != "":
		return "rule:" + one.counted.Rule
	}
	return "metric:" + one.counted.Metric.Kind()
}

// flagged reports whether a box of the form is ticked.
func flagged(one product, name string, is bool) bool {
	if one.form.Values.Has("by") {
		return one.form.Get(name) != ""
	}
	return is
}

// coreMetric is the metric of cores that the form begins with.
func coreMetric(one product) licence.PerCore {
	metric, _ := one.counted.Metric.Metric.(licence.PerCore) // another one has no parameters of cores
	return metric
}

func userMetric(one product) licence.PerNamedUser {
	metric, _ := one.counted.Metric.Metric.(licence.PerNamedUser) // the same
	return metric
}

func siteMetric(one product) licence.Site {
	metric, _ := one.counted.Metric.Metric.(licence.Site) // the same
	return metric
}

func packSize(one product) string {
	if one.counted.Packs == nil || !one.counted.ByHand {
		return ""
	}
	return strconv.FormatInt(one.counted.Packs.Size, 10)
}

func wholePer(one product) string {
	if one.counted.Packs == nil {
		return ""
	}
	return one.counted.Packs.WholePer
}
