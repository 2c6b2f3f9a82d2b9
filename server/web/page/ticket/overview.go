package ticket

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/ticket"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// Queue draws what the overview says about the queue; nothing for readers
// without tickets.read.
func (p *Pages) Queue(ctx context.Context) (templ.Component, error) {
	if !identity.ActorOf(ctx).May(identity.TicketsRead) {
		return nil, nil //nolint:nilnil // nothing to say
	}
	now, err := p.Tickets.Overview(ctx)
	if err != nil {
		return nil, err
	}
	return Queue(p.Tickets, now), nil
}

// OfAlert draws the ticket that an alert belongs to; nothing when there is none
// that the reader may see.
func (p *Pages) OfAlert(ctx context.Context, of health.ID) (templ.Component, error) {
	row, err := p.Tickets.OfAlert(ctx, of)
	switch {
	case refused(err) != nil:
		return nil, nil //nolint:nilnil // nothing to say
	case err != nil:
		return nil, err
	}
	return ofAlert(p.Tickets, row), nil
}

// nextGrid lists the tickets that run out of time first.
func nextGrid(ctx context.Context, service *ticket.Service, rows []ticket.Row) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "queue.next"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "queue.ticket")}, {Label: i18n.T(ctx, "column.tickets.device")}, {Label: i18n.T(ctx, "queue.health")},
		{Label: i18n.T(ctx, "ticket.resolve")}, {Label: i18n.T(ctx, "ticket.owner")},
	}}
	for i := range rows {
		row := rows[i]
		grid.Rows = append(grid.Rows, []templ.Component{
			nextName(service, row), nextDevice(row), nextHealth(row), clockCell(row), nextOwner(row),
		})
	}
	return grid
}

// The size of the chart of opened and solved tickets, in its own units.
const (
	chartWidth, chartHeight = 640.0, 200.0
	chartLeft, chartTop     = 32.0, 12.0
	chartFloor              = 172.0
)

// chart places the days on the paper.
type chart struct {
	days []ticket.Day
	most int
}

func chartOf(days []ticket.Day) chart {
	made := chart{days: days, most: 4}
	for _, day := range days {
		made.most = max(made.most, day.Opened, day.Solved)
	}
	made.most = (made.most + 3) / 4 * 4
	return made
}

func (c chart) x(i int) float64 {
	return chartLeft + (chartWidth-chartLeft-90)*float64(i)/float64(max(1, len(c.days)-1))
}

func (c chart) y(value int) float64 {
	return chartFloor - (chartFloor-chartTop)*float64(value)/float64(c.most)
}

func at(value float64) string { return fmt.Sprintf("%.1f", value) }

// line is the path through the values of all days.
func (c chart) line(of func(ticket.Day) int) string {
	var path strings.Builder
	for i, day := range c.days {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&path, "%s%s %s", letter, at(c.x(i)), at(c.y(of(day))))
	}
	return path.String()
}

func opened(day ticket.Day) int { return day.Opened }
func solved(day ticket.Day) int { return day.Solved }

// words says in one sentence what the chart shows.
func (c chart) words(ctx context.Context) string {
	var in, out int
	for _, day := range c.days {
		in += day.Opened
		out += day.Solved
	}
	return i18n.T(ctx, "queue.chart_words", i18n.Args{"Days": len(c.days), "Opened": in, "Solved": out})
}

func (c chart) grid(ctx context.Context) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "queue.chart"), Heads: []ui.Column{
		{Label: i18n.T(ctx, "queue.day")}, {Label: i18n.T(ctx, "queue.opened"), Number: true}, {Label: i18n.T(ctx, "queue.solved"), Number: true},
	}}
	for _, day := range c.days {
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(i18n.Day(ctx, day.Date.Format(time.DateOnly))), ui.Text(i18n.Number(ctx, day.Opened)), ui.Text(i18n.Number(ctx, day.Solved)),
		})
	}
	return grid
}

// shortDay is a day without its year, for the foot of the chart.
func shortDay(ctx context.Context, day ticket.Day) string {
	written := i18n.Day(ctx, day.Date.Format(time.DateOnly))
	return written[:strings.LastIndexByte(written, ' ')]
}

func verdict(ctx context.Context, now ticket.Desk) string {
	switch {
	case now.Over > 0:
		return i18n.T(ctx, "queue.verdict_over", i18n.Args{"Over": i18n.Count(ctx, "queue.over", now.Over), "Close": i18n.Count(ctx, "queue.close", now.Close)})
	case now.Close > 0:
		return i18n.Count(ctx, "queue.close_only", now.Close)
	}
	return i18n.T(ctx, "queue.verdict_fine")
}

// apart is where the label at the end of a line stands: by the last value, but
// not upon the other label.
func (c chart) apart(of func(ticket.Day) int) float64 {
	const least = 16
	last := c.days[len(c.days)-1]
	high, low := c.y(max(last.Opened, last.Solved)), c.y(min(last.Opened, last.Solved))
	if low-high < least {
		middle := min((high+low)/2, chartFloor-least/2)
		high, low = middle-least/2, middle+least/2
	}
	upper := last.Opened >= last.Solved
	if (of(ticket.Day{Opened: 1}) == 1) == upper {
		return high
	}
	return low
}

// causeWords says what a ticket made of alerts is about, and who has it.
func causeWords(ctx context.Context, cause ticket.Cause) string {
	words := []string{cause.Row.Ticket.Name(), i18n.Count(ctx, "queue.alerts", cause.Alerts)}
	if cause.Devices > 1 {
		words = append(words, i18n.Count(ctx, "devices.total", cause.Devices))
	}
	who := cause.Owner
	if who == "" {
		who = i18n.T(ctx, "role."+string(cause.Team))
	}
	return strings.Join(append(words, who), " · ")
}

func oldest(ctx context.Context, now ticket.Desk) string {
	if now.OldestUntaken.IsZero() {
		return i18n.T(ctx, "queue.none_untaken")
	}
	return i18n.T(ctx, "queue.oldest", i18n.Args{"When": i18n.Ago(ctx, now.OldestUntaken)})
}

func today(ctx context.Context) string {
	locale := i18n.LocaleOf(ctx)
	return locale.Now.In(locale.Zone).Format("2006-01-02")
}
