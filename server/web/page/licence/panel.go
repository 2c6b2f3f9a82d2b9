package licence

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"holdfast/server/device"
	"holdfast/server/entitlement"
	"holdfast/server/identity"
	"holdfast/server/licence"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// OfDevice draws the panel that the page of a device has of its licences;
// nothing for readers without licences.read, and where there are none.
func (p *Pages) OfDevice(ctx context.Context, of device.ID) (templ.Component, error) {
	if !identity.ActorOf(ctx).May(identity.LicencesRead) {
		return nil, nil //nolint:nilnil // no panel is what page/device asks for then
	}
	uses, err := p.Positions.OnDevice(ctx, of)
	if err != nil || len(uses) == 0 {
		return nil, err
	}
	return DevicePanel(uses), nil
}

// useWords says what is to be known of a product on a device.
func useWords(ctx context.Context, use position.Use) string {
	var texts []string
	if len(use.Versions) > 0 {
		texts = append(texts, strings.Join(use.Versions, ", "))
	}
	if len(use.Bound) > 0 {
		texts = append(texts, i18n.T(ctx, "licences.bound_here", i18n.Args{"References": strings.Join(use.Bound, ", ")}))
	}
	if use.Exempt != "" {
		texts = append(texts, i18n.T(ctx, "licences.exempt_here", i18n.Args{"Reference": use.Exempt}))
	}
	return strings.Join(texts, " · ")
}

// paperSentence says what a paper is, in one line.
func paperSentence(ctx context.Context, one entitlement.Paper) string {
	texts := []string{ui.EnumWord(ctx, "papers", "kind", string(one.Kind))}
	if one.Supplier != "" {
		texts = append(texts, one.Supplier)
	}
	if !one.DatedOn.IsZero() {
		texts = append(texts, dayWords(ctx, one.DatedOn))
	}
	return strings.Join(texts, ", ")
}

// countChoices are the ways of counting: as the program says, by a rule, by a
// metric.
func countChoices(ctx context.Context, one product) []ui.Choice {
	standard := licence.BundledDefaults().For(one.Key)
	usual := standard.Rule
	if usual == "" {
		usual = metricWords(ctx, standard.Metric.Kind())
	}
	choices := []ui.Choice{{Value: "", Label: i18n.T(ctx, "licences.as_usual", i18n.Args{"How": usual})}}
	seen := map[string]bool{}
	for _, rule := range licence.Bundled().Rules {
		if !seen[rule.ID] {
			seen[rule.ID] = true
			choices = append(choices, ui.Choice{Value: "rule:" + rule.ID, Label: i18n.T(ctx, "licences.by_rule", i18n.Args{"Rule": rule.ID})})
		}
	}
	for _, metric := range licence.Metrics() {
		choices = append(choices, ui.Choice{Value: "metric:" + metric.Kind(), Label: metricWords(ctx, metric.Kind())})
	}
	return choices
}

// ruleApplies says what a rule is for, in the reader's language where that is
// known.
func ruleApplies(ctx context.Context, rule licence.Rule) string {
	return i18n.Derived(ctx, "rule."+rule.ID, rule.Applies)
}
