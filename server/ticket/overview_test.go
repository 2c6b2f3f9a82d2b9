package ticket_test

import (
	"fmt"
	"testing"
	"time"

	"holdfast/server/desk"
	"holdfast/server/health"
	"holdfast/server/ticket"
)

func TestOverviewSumsUpTheQueueOfTheActor(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		urgent := must(o.Create(o.okafor, ticket.Wish{Title: "Mail is down", Unit: o.north.ID, Impact: desk.All, Urgency: desk.High, Source: ticket.FromDesk}))
		must(o.Take(o.okafor, urgent.ID))
		*o.now = monday.Add(time.Minute)
		o.open(t, "Untaken")
		waits := o.open(t, "Waits")
		must(o.Move(o.okafor, waits.ID, ticket.Move{To: ticket.Pending, Text: "a part"}))
		done := o.open(t, "Done")
		must(o.Move(o.okafor, done.ID, ticket.Move{To: ticket.Solved, Text: "done"}))
		must(o.Create(o.brandt, ticket.Wish{Title: "South", Unit: o.south.ID, Source: ticket.FromDesk}))
		o.alert(t, "disk_space", o.device(t, "LT-1", "laptop", "", o.north), "C:", o.north, health.Warn)
		*o.now = monday.Add(3 * time.Hour)
		d := must(o.Overview(o.okafor))
		got := fmt.Sprint(d.Open, d.Mine, d.MineOver, d.Over, d.Close, d.Untaken, d.Waiting, d.SolvedToday, d.OpenedToday, len(d.Next), len(d.Days))
		if got != "4 1 1 1 0 2 1 1 5 3 11" {
			t.Errorf("it is %s", got)
		}
		if d.Next[0].Title != "Mail is down" || d.Next[0].Resolve.Hand != ticket.Over || !d.OldestUntaken.Equal(monday.Add(time.Minute)) {
			t.Errorf("next is %+v, oldest %s", d.Next[0].Ticket, d.OldestUntaken)
		}
		if len(d.Causes) != 1 || d.Causes[0].Devices != 1 || d.Days[9].Date.Weekday() != time.Friday {
			t.Errorf("causes %+v, days %+v", d.Causes, d.Days)
		}
	})
}
