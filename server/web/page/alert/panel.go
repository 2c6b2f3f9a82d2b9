package alert

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// Causes draws the panel about open alerts by their cause; nothing for readers
// without alerts.read.
func (p *Pages) Causes(ctx context.Context) (templ.Component, error) {
	if !identity.ActorOf(ctx).May(identity.AlertsRead) {
		return nil, nil //nolint:nilnil // no panel
	}
	causes, err := p.health.Causes(ctx)
	if err != nil {
		return nil, err
	}
	return CausesPanel(causes), nil
}

// split parts findings into those that call for somebody, the worst first, and
// the others.
func split(findings []health.Finding) (bad, rest []health.Finding) {
	for _, level := range health.Levels() {
		for _, f := range findings {
			if f.Level != level {
				continue
			}
			if level.Bad() {
				bad = append(bad, f)
			} else {
				rest = append(rest, f)
			}
		}
	}
	return bad, rest
}

// alertOf finds the open alert that belongs to a finding.
func alertOf(state health.Device, f health.Finding) (health.Row, bool) {
	for _, row := range state.Alerts {
		if row.Check == f.Check && row.Subject == f.Subject {
			return row, true
		}
	}
	return health.Row{}, false
}

// volumeOf finds what is known of the past of the volume that a finding is about.
func volumeOf(state health.Device, f health.Finding) (health.Volume, bool) {
	if f.Check != "disk_space" && f.Check != "disk_trend" {
		return health.Volume{}, false
	}
	for _, volume := range state.Volumes {
		if volume.Mount == f.Subject && len(volume.Samples) > 0 {
			return volume, true
		}
	}
	return health.Volume{}, false
}

// series is the free space of a volume, day by day up to today.
type series struct {
	mount string
	size  int64
	first int32 // day
	free  []int64
}

const mostDays = 60

func seriesOf(volume health.Volume, today int32) series {
	made := series{mount: volume.Mount}
	for i, sample := range volume.Samples {
		next := today + 1
		if i+1 < len(volume.Samples) {
			next = volume.Samples[i+1].Day
		}
		made.size = max(made.size, sample.Size)
		for day := max(sample.Day, today-mostDays+1); day < next; day++ {
			if len(made.free) == 0 {
				made.first = day
			}
			made.free = append(made.free, sample.Free)
		}
	}
	return made
}

// words says in one sentence what the line shows.
func (s series) words(ctx context.Context) string {
	least := s.free[0]
	for _, value := range s.free {
		least = min(least, value)
	}
	return i18n.Sentence(ctx, "health.free_line", map[string]any{
		"Volume": s.mount, "Days": len(s.free), "FirstBytes": s.free[0], "LastBytes": s.free[len(s.free)-1], "LeastBytes": least,
	})
}

// The size of the line, in its own units.
const (
	lineWidth  = 120.0
	lineHeight = 28.0
	floor      = 26.0 // where nothing is free
	ceiling    = 2.0
)

// line is the path of the line: steps, because between two samples nothing
// changed. Its top is the most that was free, its floor nothing.
func (s series) line() string {
	most := int64(1)
	for _, value := range s.free {
		most = max(most, value)
	}
	height := func(value int64) string {
		return strconv.FormatFloat(floor-(floor-ceiling)*float64(value)/float64(most), 'f', 1, 64)
	}
	var drawn strings.Builder
	fmt.Fprintf(&drawn, "M0 %s", height(s.free[0]))
	for i := 1; i <= len(s.free); i++ {
		fmt.Fprintf(&drawn, "H%s", strconv.FormatFloat(lineWidth*float64(i)/float64(len(s.free)), 'f', 1, 64))
		if i < len(s.free) && s.free[i] != s.free[i-1] {
			fmt.Fprintf(&drawn, "V%s", height(s.free[i]))
		}
	}
	return drawn.String()
}

// grid is the same as a table, newest first, a row for each change.
func (s series) grid(ctx context.Context) ui.Grid {
	grid := ui.Grid{Caption: i18n.T(ctx, "health.free_of", i18n.Args{"Volume": s.mount, "Days": len(s.free)}), Heads: []ui.Column{
		{Label: i18n.T(ctx, "health.day")}, {Label: i18n.T(ctx, "health.free"), Number: true},
	}}
	for i := len(s.free) - 1; i >= 0; i-- {
		if i > 0 && s.free[i] == s.free[i-1] {
			continue
		}
		grid.Rows = append(grid.Rows, []templ.Component{
			ui.Text(i18n.Day(ctx, health.Sample{Day: s.first + int32(i)}.Date())), ui.Text(i18n.Bytes(ctx, s.free[i])), //nolint:gosec // at most sixty
		})
	}
	return grid
}
