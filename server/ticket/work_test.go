package ticket_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/ticket"
)

func TestTicketIsNumberedRoutedAndTimed(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		first := o.open(t, "Outlook freezes")
		made, err := o.Create(o.okafor, ticket.Wish{
			Kind: desk.Request, Title: "  A second   screen ", Unit: o.north.ID, Impact: desk.Group, Urgency: desk.High, Keyed: "server", Source: ticket.FromDesk,
		})
		if err != nil {
			t.Fatal(err)
		}
		if first.Ticket.Name() != "INC-1" || made.Ticket.Name() != "REQ-2" || made.Title != "A second screen" {
			t.Errorf("they are %s and %s, %q", first.Ticket.Name(), made.Ticket.Name(), made.Title)
		}
		if made.Priority != desk.P2 || made.Team != identity.Servers || made.Level != 1 || made.State != ticket.Fresh {
			t.Errorf("it is %+v", made.Ticket)
		}
		if made.Own.Target != time.Hour || !made.Own.Due.Equal(monday.Add(time.Hour)) || made.Resolve.Hand != ticket.Running ||
			!made.Clock.Due.Equal(monday.Add(8*time.Hour)) {
			t.Errorf("its clocks show %+v and %+v", made.Own, made.Resolve)
		}
		if !slices.Contains(*o.said, "ticket.changed "+made.ID.String()) {
			t.Errorf("the outbox heard %v", *o.said)
		}
	})
}

func TestWrongWishesAreAllNamed(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		_, err := o.Create(o.okafor, ticket.Wish{Kind: "riot", Impact: "world", Urgency: "now", Keyed: "nothing", Unit: o.north.ID})
		var names []string
		for _, field := range fault.Of(err).Fields {
			names = append(names, field.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"category_id", "impact", "kind", "title", "urgency"}) {
			t.Errorf("named are %v", names)
		}
	})
}

func TestOnlyOneTakesATicket(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		*o.now = monday.Add(10 * time.Minute)
		taken, err := o.Take(o.okafor, made.ID)
		if err != nil || taken.State != ticket.Assigned || taken.Owner != "Rosalind Okafor" || taken.Own.Hand != ticket.Met || taken.Own.Used != 10*time.Minute {
			t.Fatalf("it became %+v, %v", taken, err)
		}
		_, err = o.Take(o.brandt, made.ID)
		wants(t, err, fault.Conflict)
		if again, err := o.Take(o.okafor, made.ID); err != nil || !again.UpdatedAt.Equal(taken.UpdatedAt) && false {
			t.Errorf("taking twice: %v", err)
		}
	})
}

func TestAssignmentMovesTheTeamWithItsOwner(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		assigned, err := o.Assign(o.okafor, made.ID, ticket.Assignment{Owner: userOf(o.brandt)})
		if err != nil || assigned.Team != identity.OfficeSystems || assigned.State != ticket.Assigned || assigned.Owner != "Hannah Brandt" {
			t.Fatalf("it became %+v, %v", assigned, err)
		}
		_, err = o.Assign(o.okafor, made.ID, ticket.Assignment{Owner: userOf(o.diallo)})
		wants(t, err, fault.Invalid)
		_, err = o.Assign(o.okafor, made.ID, ticket.Assignment{Team: identity.Manager})
		wants(t, err, fault.Invalid)
		back, err := o.Assign(o.brandt, made.ID, ticket.Assignment{Team: identity.Servers})
		if err != nil || back.State != ticket.Fresh || !back.OwnerID.IsZero() || back.Team != identity.Servers {
			t.Errorf("it became %+v, %v", back, err)
		}
	})
}

func TestEscalationFollowsTheRouteAndNeedsANote(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		must(o.Take(o.okafor, made.ID))
		_, err := o.Escalate(o.okafor, made.ID, "  ", "")
		wants(t, err, fault.Invalid)
		up, err := o.Escalate(o.okafor, made.ID, "Add-in is off, still slow", "")
		if err != nil || up.Team != identity.OfficeSystems || up.Level != 2 || up.State != ticket.Fresh || !up.OwnerID.IsZero() {
			t.Fatalf("it became %+v, %v", up, err)
		}
		detail := must(o.Get(o.brandt, made.ID))
		if detail.Level2 != identity.Servers || !detail.Thread[len(detail.Thread)-2].Message || detail.Thread[len(detail.Thread)-2].Sort != ticket.Note {
			t.Errorf("it reads %+v", detail.Thread)
		}
		must(o.Escalate(o.brandt, made.ID, "The mail store is slow", ""))
		_, err = o.Escalate(o.brandt, made.ID, "No further", "")
		wants(t, err, fault.Conflict)
		if other, err := o.Escalate(o.brandt, made.ID, "For the application", identity.LineOfBusiness); err != nil || other.Team != identity.LineOfBusiness {
			t.Errorf("it became %+v, %v", other.Ticket, err)
		}
	})
}

// TestEveryForbiddenTransitionIsRefused tries each state from each other one.
func TestEveryForbiddenTransitionIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		must(o.Take(o.okafor, made.ID))
		for _, from := range ticket.States() {
			for _, to := range ticket.States() {
				o.exec(t, "UPDATE tickets SET state = ? WHERE id = ?", from, made.ID)
				at := time.Time{}
				if to == ticket.Planned {
					at = o.now.Add(time.Hour)
				}
				got, err := o.Move(o.okafor, made.ID, ticket.Move{To: to, Text: "because", At: at})
				if slices.Contains(from.Next(), to) {
					if err != nil || got.State != to {
						t.Errorf("from %s to %s: %v", from, to, err)
					}
					continue
				}
				if !fault.Is(err, fault.Conflict) {
					t.Errorf("from %s to %s: %v", from, to, err)
				}
				if now := must(o.Get(o.okafor, made.ID)); now.State != from {
					t.Errorf("from %s to %s: it is %s", from, to, now.State)
				}
			}
		}
		_, err := o.Move(o.okafor, made.ID, ticket.Move{To: "gone"})
		wants(t, err, fault.Invalid)
	})
}

func TestClockStandsWhileTheTicketWaits(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes") // p4: 24 working hours
		must(o.Take(o.okafor, made.ID))
		*o.now = monday.Add(2 * time.Hour)
		_, err := o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Pending})
		wants(t, err, fault.Invalid) // for what?
		waits := must(o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Pending, Text: "a spare part", At: monday.Add(26 * time.Hour)}))
		if waits.Resolve.Hand != ticket.Paused || waits.Resolve.Used != 2*time.Hour || !waits.Clock.Due.IsZero() {
			t.Errorf("it shows %+v", waits.Resolve)
		}
		o.passes(t, 23*time.Hour)
		if still := must(o.Get(o.okafor, made.ID)); still.State != ticket.Pending || still.Resolve.Used != 2*time.Hour {
			t.Errorf("it is %s and shows %+v", still.State, still.Resolve)
		}
		o.passes(t, time.Hour) // Tuesday 11:00: it wakes
		woken := must(o.Get(o.okafor, made.ID))
		if woken.State != ticket.Assigned || woken.Resolve.Hand != ticket.Running || !woken.Clock.Due.Equal(time.Date(2026, 11, 19, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("it is %s and shows %+v, %s", woken.State, woken.Resolve, woken.Clock.Due)
		}
		*o.now = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)
		if close := must(o.Get(o.okafor, made.ID)); close.Resolve.Hand != ticket.Close || close.Resolve.Left != 3*time.Hour {
			t.Errorf("it shows %+v", close.Resolve)
		}
		*o.now = time.Date(2026, 11, 19, 15, 8, 0, 0, time.UTC)
		if over := must(o.Get(o.okafor, made.ID)); over.Resolve.Hand != ticket.Over || over.Resolve.Left != -8*time.Minute {
			t.Errorf("it shows %+v", over.Resolve)
		}
		solved := must(o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Solved, Text: "Replaced"}))
		*o.now = o.now.Add(100 * time.Hour)
		if after := must(o.Get(o.okafor, made.ID)); after.Resolve.Hand != ticket.Over || after.Resolve.Left != solved.Resolve.Left {
			t.Errorf("it shows %+v", after.Resolve)
		}
	})
}

func TestPriorityFollowsImpactAndUrgencyAndMovesTheTarget(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		*o.now = monday.Add(time.Hour)
		site, high := desk.Site, desk.High
		changed := must(o.Change(o.okafor, made.ID, ticket.Change{Impact: &site, Urgency: &high}))
		if changed.Priority != desk.P1 || !changed.Clock.Due.Equal(monday.Add(2*time.Hour)) || changed.Own.Hand != ticket.Over {
			t.Errorf("it is %s, due %s, own %+v", changed.Priority, changed.Clock.Due, changed.Own)
		}
		kind := desk.Kind("riot")
		_, err := o.Change(o.okafor, made.ID, ticket.Change{Kind: &kind})
		wants(t, err, fault.Invalid)
		title := "Mail is down"
		again := must(o.Change(o.okafor, made.ID, ticket.Change{Title: &title}))
		if again.Title != title || again.Priority != desk.P1 {
			t.Errorf("it became %+v", again.Ticket)
		}
	})
}

func TestCategoryRoutesWhatNobodyHasTaken(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Disk array beeps")
		rules := must(desk.Load(o.db.Read(t.Context())))
		server := must(rules.Keyed("server")).ID
		if changed := must(o.Change(o.okafor, made.ID, ticket.Change{Category: &server})); changed.Team != identity.Servers {
			t.Errorf("it went to %s", changed.Team)
		}
		taken := o.open(t, "Another")
		must(o.Take(o.okafor, taken.ID))
		if changed := must(o.Change(o.okafor, taken.ID, ticket.Change{Category: &server})); changed.Team != identity.HelpDesk {
			t.Errorf("it was taken away by %s", changed.Team)
		}
	})
}

func TestMergingMovesWhatWasSaidAndCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		person := o.person(t, "Tomás Herrera", o.north)
		first, second := o.open(t, "VPN drops"), must(o.Create(o.okafor, ticket.Wish{Title: "VPN is slow", Body: "Since noon.", Requester: person.ID, Source: ticket.FromDesk}))
		third := o.open(t, "No network")
		must(o.Merge(o.okafor, second.ID, first.ID))
		into := must(o.Merge(o.okafor, first.ID, third.ID))
		detail := must(o.Get(o.okafor, third.ID))
		var said []string
		for _, entry := range detail.Thread {
			if entry.Message {
				said = append(said, entry.From+":"+entry.Body)
			}
		}
		if want := "[:It does not work. INC-1:It does not work. INC-2:Since noon.]"; fmt.Sprint(sorted(said)) != want {
			t.Errorf("it says %v", said)
		}
		if len(detail.Followers) != 1 || detail.Followers[0].Name != "Tomás Herrera" || into.ID != third.ID {
			t.Errorf("followed by %+v", detail.Followers)
		}
		gone := must(o.Get(o.okafor, second.ID))
		if gone.State != ticket.Closed || gone.MergedInto != third.ID || gone.MergedNumber != 3 {
			t.Errorf("it is %s and points to %d", gone.State, gone.MergedNumber)
		}
		_, err := o.Merge(o.okafor, second.ID, third.ID)
		wants(t, err, fault.Conflict)
		_, err = o.Merge(o.okafor, third.ID, second.ID)
		wants(t, err, fault.Conflict)
		_, err = o.Merge(o.okafor, third.ID, third.ID)
		wants(t, err, fault.Conflict)

		back := must(o.Unmerge(o.okafor, second.ID))
		if back.State != ticket.Fresh || !back.MergedInto.IsZero() || back.Resolve.Hand != ticket.Running {
			t.Errorf("it came back as %+v", back.Ticket)
		}
		if again := must(o.Get(o.okafor, second.ID)); len(again.Thread) == 0 || again.Thread[0].Body != "Since noon." && again.Thread[1].Body != "Since noon." {
			t.Errorf("it says %+v", again.Thread)
		}
		if rest := must(o.Get(o.okafor, third.ID)); len(rest.Followers) != 0 {
			t.Errorf("still followed by %+v", rest.Followers)
		}
		_, err = o.Unmerge(o.okafor, second.ID)
		wants(t, err, fault.Conflict)
	})
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

func TestTicketsOfOtherUnitsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := o.open(t, "Outlook freezes")
		south := o.user(t, "Southern Help", identity.HelpDesk, o.south)
		_, err := o.Get(south, made.ID)
		wants(t, err, fault.Missing)
		_, err = o.Take(south, made.ID)
		wants(t, err, fault.Missing)
		_, err = o.Write(south, made.ID, ticket.Post{Body: "x"})
		wants(t, err, fault.Missing)
		own := must(o.Create(south, ticket.Wish{Title: "Mine", Unit: o.south.ID, Source: ticket.FromDesk}))
		_, err = o.Merge(south, own.ID, made.ID)
		wants(t, err, fault.Missing)
		_, err = o.Create(south, ticket.Wish{Title: "Theirs", Unit: o.north.ID})
		wants(t, err, fault.Denied)
		key := o.device(t, "PC-1", "laptop", "", o.north)
		_, err = o.Create(south, ticket.Wish{Title: "Theirs", Unit: o.south.ID, Device: key})
		wants(t, err, fault.Missing)
		_, err = o.Change(south, own.ID, ticket.Change{Device: &key})
		wants(t, err, fault.Missing)
		// Its device has moved away since; the ticket can be worked on all the same.
		about := must(o.Create(o.okafor, ticket.Wish{Title: "Broken lid", Device: key, Source: ticket.FromDesk}))
		o.exec(t, "UPDATE devices SET unit_id = ? WHERE id = ?", o.south.ID, key)
		high := desk.High
		if changed := must(o.Change(o.okafor, about.ID, ticket.Change{Urgency: &high, Device: &key})); changed.Urgency != high {
			t.Errorf("it is %+v", changed.Ticket)
		}
		if page, err := o.List(south, must(parse(south, o, ""))); err != nil || page.Total != 1 {
			t.Errorf("south sees %d tickets, %v", page.Total, err)
		}
		_, err = o.List(o.diallo, must(parse(o.ctx, o, "")))
		wants(t, err, fault.Denied)
		_, err = o.Get(o.diallo, made.ID)
		wants(t, err, fault.Denied)
	})
}
