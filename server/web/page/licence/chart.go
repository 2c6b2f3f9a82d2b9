package licence

import (
	"context"
	"strings"

	"holdfast/server/position"
	"holdfast/server/web/i18n"
)

// The size of the chart, in its own units, and where its lines are drawn.
const (
	chartWidth, chartHeight        = 640, 230
	chartLeft, chartRight          = 44, 104 // for the scale, and for the names of the lines
	chartTop, chartBottom          = 12, 26
	chartLines                     = 4
	chartInner, chartRise, minimum = chartWidth - chartLeft - chartRight, chartHeight - chartTop - chartBottom, 4
)

// chart is the lines of needed and owned over months, as steps.
type chart struct {
	needed, owned   string // points of the lines
	neededY, ownedY float64
	neededNow       string
	ownedNow        string
	grid            []mark // of the scale
	months          []mark
	words           string
}

// mark is a word on an axis.
type mark struct {
	at   float64
	text string
}

func chartOf(ctx context.Context, months []position.Point) chart {
	top := int64(minimum)
	for _, each := range months {
		top = max(top, each.Needed, each.Owned)
	}
	step := niceStep(top)
	top = (top + step - 1) / step * step
	y := func(value int64) float64 { return chartTop + chartRise*(1-float64(value)/float64(top)) }
	x := func(i int) float64 { return chartLeft + chartInner*float64(i)/float64(len(months)) }
	var c chart
	for value := int64(0); value <= top; value += step {
		c.grid = append(c.grid, mark{y(value), i18n.Number(ctx, value)})
	}
	var needed, owned []string
	every := (len(months) + 5) / 6
	for i, each := range months {
		for line, value := range map[*[]string]int64{&needed: each.Needed, &owned: each.Owned} {
			*line = append(*line, point(x(i), y(value)), point(x(i+1), y(value)))
		}
		if i%every == 0 {
			c.months = append(c.months, mark{x(i), monthWords(ctx, each.Month)})
		}
	}
	first, last := months[0], months[len(months)-1]
	c.needed, c.owned = strings.Join(needed, " "), strings.Join(owned, " ")
	c.neededY, c.ownedY = y(last.Needed), y(last.Owned)
	c.neededNow, c.ownedNow = i18n.Number(ctx, last.Needed), i18n.Number(ctx, last.Owned)
	if gap := c.neededY - c.ownedY; gap > -14 && gap < 14 { // so that the names do not lie on one another
		if gap <= 0 {
			c.ownedY = c.neededY + 14
		} else {
			c.neededY = c.ownedY + 14
		}
	}
	key := "licences.chart"
	if len(months) == 1 {
		key = "licences.chart_one"
	}
	c.words = i18n.T(ctx, key, i18n.Args{
		"From": monthWords(ctx, first.Month), "To": monthWords(ctx, last.Month),
		"NeededThen": i18n.Number(ctx, first.Needed), "NeededNow": i18n.Number(ctx, last.Needed),
		"OwnedThen": i18n.Number(ctx, first.Owned), "OwnedNow": i18n.Number(ctx, last.Owned),
	})
	return c
}

// niceStep is a round distance between the lines of a scale.
func niceStep(top int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, factor := range []int64{1, 2, 5} {
			if step := factor * power; step*chartLines >= top {
				return step
			}
		}
	}
}

func point(x, y float64) string { return coordinate(x) + "," + coordinate(y) }
