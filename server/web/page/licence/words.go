package licence

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"holdfast/server/entitlement"
	"holdfast/server/licence"
	"holdfast/server/position"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// words writes a label of the engine in the reader's language.
func words(ctx context.Context, l licence.Label) string {
	args := l.Written(func(day licence.Date) string { return i18n.Day(ctx, string(day)) })
	for _, name := range []string{"Metric", "Wanted"} {
		if kind, is := args[name].(string); is {
			args[name] = inner(metricWords(ctx, kind))
		}
	}
	return i18n.T(ctx, l.Key, args)
}

// metricWords names a kind of metric.
func metricWords(ctx context.Context, kind string) string {
	return ui.EnumWord(ctx, "licences", "metric", kind)
}

// amount writes a number of rights; fractions stand as such.
func amount(ctx context.Context, a licence.Amount) string {
	if number, is := a.Arg().(int64); is {
		return signed(ctx, number)
	}
	return strings.Replace(a.String(), "-", "−", 1)
}

// signed writes a number with a minus sign as it is set in type.
func signed(ctx context.Context, number int64) string {
	if number < 0 {
		return "−" + i18n.Number(ctx, -number)
	}
	return i18n.Number(ctx, number)
}

// price writes an amount of money with its currency.
func price(ctx context.Context, cents int64, currency string) string {
	return i18n.Amount(ctx, cents) + "\u00a0" + currency
}

// prices writes amounts of several currencies.
func prices(ctx context.Context, sums []licence.Money) string {
	texts := make([]string, len(sums))
	for i, each := range sums {
		texts[i] = price(ctx, each.Cents, each.Currency)
	}
	return strings.Join(texts, " + ")
}

// toneOf is how a position is to be seen.
func toneOf(status licence.Status) ui.Tone {
	switch status {
	case licence.Short:
		return ui.Critical
	case licence.Exact:
		return ui.Warning
	case licence.Unknown:
		return ui.Unknown
	case licence.Ample:
	}
	return ui.Fine
}

// standingWords says how a position stands, in a few words.
func standingWords(ctx context.Context, status licence.Status, available int64) string {
	switch status {
	case licence.Short:
		return i18n.Count(ctx, "licences.short", int(-available))
	case licence.Exact:
		return i18n.T(ctx, "licences.none_left")
	case licence.Unknown:
		return i18n.T(ctx, "licences.uncertain")
	case licence.Ample:
	}
	return i18n.Count(ctx, "licences.left", int(available))
}

// verdict is standingWords with what is counted: "8 cores short".
func verdict(ctx context.Context, p *licence.Position) string {
	switch p.Status {
	case licence.Short:
		return i18n.T(ctx, "licences.short_of", i18n.Args{"Amount": unitWords(ctx, p.Short, p.Unit)})
	case licence.Ample:
		return i18n.T(ctx, "licences.left_of", i18n.Args{"Amount": unitWords(ctx, p.Available, p.Unit)})
	case licence.Exact, licence.Unknown:
	}
	return standingWords(ctx, p.Status, 0)
}

// unitWords writes an amount with what is counted: "8 cores".
func unitWords(ctx context.Context, a licence.Amount, unit licence.Label) string {
	key := "licences.units." + unit.Key[strings.LastIndexByte(unit.Key, '.')+1:]
	if number, is := a.Arg().(int64); is && i18n.Has(key) {
		return i18n.Count(ctx, key, int(number))
	}
	return amount(ctx, a) + " " + inner(words(ctx, unit))
}

// inner writes words that begin with a capital letter as they stand within a
// sentence; what is written in capitals stays.
func inner(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(second) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

// parameters writes the parameters of a metric, one a line.
func parameters(ctx context.Context, metric licence.Metric) []string {
	var lines []string
	number := func(key string, value int64) {
		if value > 0 {
			lines = append(lines, i18n.T(ctx, "licence.param."+key, i18n.Args{"Count": value}))
		}
	}
	flag := func(key string, is bool) {
		if is {
			lines = append(lines, i18n.T(ctx, "licence.param."+key))
		}
	}
	switch m := metric.(type) {
	case licence.PerCore:
		number("floor_per_processor", m.FloorPerProcessor)
		number("floor_per_server", m.FloorPerServer)
		number("floor_per_virtual_machine", m.FloorPerVirtualMachine)
		flag("by_host", m.VirtualMachinesBy == "host")
		flag("by_virtual_cores", m.VirtualMachinesBy != "host")
		number("virtual_machines_per_set", m.VirtualMachinesPerSet)
		flag("maintenance_for_virtual", m.MaintenanceForVirtual)
	case licence.PerNamedUser:
		flag("assigned_only", m.AssignedOnly)
	case licence.Site:
		flag("organisation", m.Scope == "organisation")
	}
	return lines
}

// packWords writes how rights are sold.
func packWords(ctx context.Context, packs *licence.Packs) string {
	key := "licence.packs.purchase"
	if packs.WholePer == "machine" {
		key = "licence.packs.machine"
	}
	return i18n.T(ctx, key, i18n.Args{"Size": packs.Size})
}

// partWords writes what a line is made of, on one line.
func partWords(ctx context.Context, n *licence.Node) string {
	texts := []string{words(ctx, n.Label)}
	for i := range n.Children {
		part := &n.Children[i]
		text := inner(words(ctx, part.Label))
		if len(n.Children) > 1 {
			text += " (" + amount(ctx, part.Value) + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

// noteWords writes the terms of a right on one line.
func noteWords(ctx context.Context, n *licence.Node) string {
	texts := []string{words(ctx, n.Label)}
	for _, note := range n.Notes {
		texts = append(texts, inner(words(ctx, note)))
	}
	return strings.Join(texts, ", ")
}

// whyWords says of a line what it is made of, and why it does not count where
// it does not.
func whyWords(ctx context.Context, n *licence.Node) string {
	text := partWords(ctx, n)
	if n.Ref != nil && n.Ref.Kind == "entitlement" {
		text = noteWords(ctx, n)
	}
	if n.Reason != nil {
		text += "; " + inner(words(ctx, *n.Reason))
	}
	if n.WouldBe != nil && n.WouldBe.Sign() > 0 {
		text += "; " + i18n.T(ctx, "licences.would_be", i18n.Args{"Amount": amount(ctx, *n.WouldBe)})
	}
	if n.Used != nil && n.Used.Compare(n.Value) < 0 {
		text += "; " + i18n.T(ctx, "licences.used", i18n.Args{"Amount": amount(ctx, *n.Used)})
	}
	return text
}

// rightWords writes how many rights an entitlement is.
func rightWords(ctx context.Context, w entitlement.Wish) string {
	if w.PackSize > 1 {
		return i18n.T(ctx, "licence.right.packs", i18n.Args{"Count": w.Quantity, "Size": w.PackSize})
	}
	return i18n.T(ctx, "licence.right.rights", i18n.Args{"Count": w.Quantity})
}

// termWords writes the term of an entitlement.
func termWords(ctx context.Context, w entitlement.Wish) string {
	switch {
	case w.EndsOn.IsZero() && w.StartsOn.IsZero():
		return i18n.T(ctx, "licence.term.perpetual")
	case w.EndsOn.IsZero():
		return i18n.T(ctx, "licences.from_on", i18n.Args{"From": dayWords(ctx, w.StartsOn)})
	case w.StartsOn.IsZero():
		return i18n.T(ctx, "licence.term.until", i18n.Args{"To": dayWords(ctx, w.EndsOn)})
	}
	return i18n.T(ctx, "licences.from_to", i18n.Args{"From": dayWords(ctx, w.StartsOn), "To": dayWords(ctx, w.EndsOn)})
}

func stateTone(state entitlement.State) ui.Tone {
	switch state {
	case entitlement.InForce:
		return ui.Fine
	case entitlement.Coming:
		return ui.Info
	case entitlement.Ended, entitlement.Removed:
	}
	return ui.Unknown
}

func dayWords(ctx context.Context, day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return i18n.Day(ctx, day.Format(time.DateOnly))
}

func dayValue(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

// monthWords writes a month: Nov 2026.
func monthWords(ctx context.Context, month time.Time) string {
	text := i18n.Day(ctx, month.Format("2006-01-02")) // "1 Nov 2026", "1er nov. 2026"
	_, rest, _ := strings.Cut(text, "\u00a0")
	return rest
}

// sums writes how the need comes about: 40 + 24 = 64.
func sums(ctx context.Context, p *licence.Position) string {
	need := amount(ctx, p.Needed)
	if children := p.Explanation.Needed.Children; len(children) > 1 && len(children) <= 4 {
		var parts []string
		for i := range children {
			parts = append(parts, amount(ctx, children[i].Value))
		}
		need = strings.Join(parts, " + ") + " = " + need
	}
	args := i18n.Args{"Needed": need, "Owned": amount(ctx, p.Owned), "Idle": amount(ctx, p.Idle), "Available": amount(ctx, p.Available), "Short": amount(ctx, p.Short)}
	switch {
	case p.Idle.Sign() > 0:
		return i18n.T(ctx, "licences.sum_idle", args)
	case p.Status == licence.Short:
		return i18n.T(ctx, "licences.sum_short", args)
	}
	return i18n.T(ctx, "licences.sum", args)
}

// shortSince tells since when a product has been short without a break; zero
// when the records do not reach back so far.
func shortSince(past []position.Past) time.Time {
	var since time.Time
	for _, one := range past { // the newest first
		if one.Available >= 0 {
			return since
		}
		since = one.At
	}
	return since
}

// took writes how long something took to work out.
func took(ctx context.Context, d time.Duration) string {
	if d < time.Second {
		return i18n.Number(ctx, max(1, d.Milliseconds())) + "\u00a0ms"
	}
	return i18n.Decimal(ctx, d.Seconds(), 1) + "\u00a0s"
}

// barWords says what a balance bar shows.
func barWords(ctx context.Context, f position.Figures) string {
	if f.Available < 0 {
		return i18n.T(ctx, "licences.bar_short", i18n.Args{"Needed": i18n.Number(ctx, f.Needed), "Owned": i18n.Number(ctx, f.Owned), "Short": i18n.Number(ctx, -f.Available)})
	}
	return i18n.T(ctx, "licences.bar", i18n.Args{"Needed": i18n.Number(ctx, f.Needed), "Owned": i18n.Number(ctx, f.Owned)})
}

// balance is a bar of 200 by 10: what is needed and owned serves it, what is
// owned and free, what is missing, and a line where the rights end.
type balance struct{ served, free, missing, line float64 }

func balanceOf(f position.Figures) balance {
	usable := f.Owned - f.Idle
	scale := 196 / float64(max(usable, f.Needed, 1))
	return balance{
		served: scale * float64(min(usable, f.Needed)), free: scale * float64(max(0, usable-f.Needed)),
		missing: scale * float64(max(0, f.Needed-usable)), line: scale * float64(usable),
	}
}

func coordinate(value float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") }

// causeWords says why figures were worked out again.
func causeWords(ctx context.Context, cause position.Cause) string {
	return i18n.T(ctx, "licences.cause."+string(cause))
}

// share is a percentage that is 100 only when nothing is missing.
func share(part, of int) float64 {
	if of == 0 {
		return 1
	}
	if part < of {
		return min(float64(part)/float64(of), 0.999)
	}
	return 1
}
