package ticket_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/server/attachment"
	"holdfast/server/desk"
	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/notify"
	"holdfast/server/person"
	"holdfast/server/store"
	"holdfast/server/ticket"
	"holdfast/shared/id"
)

// held makes an asset that the requester holds.
func (o office) held(t *testing.T, tag, kind string, by person.ID) {
	t.Helper()
	o.exec(t, `INSERT INTO assets (id, tag, kind, model, status, custodian_id, unit_id, created_at, updated_at)
		VALUES (?, ?, ?, 'P2423D', 'in_use', ?, ?, ?, ?)`, id.New[struct{}](), tag, kind, by, o.north.ID, *o.now, *o.now)
}

// dialloPerson makes the person that the requester is.
func (o office) dialloPerson(t *testing.T) person.Person {
	t.Helper()
	var made person.Person
	err := o.db.Tx(o.diallo, func(tx *store.Tx) (err error) {
		made, err = person.ForUser(o.diallo, tx, userOf(o.diallo))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRequesterReportsWithoutTypingDetails(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.device(t, "CA-LT-04417", "laptop", "amara.diallo", o.north)
		o.device(t, "CA-LT-1", "laptop", "somebody", o.north)
		if things := must(o.Things(o.diallo)); len(things) != 1 || things[0].Name != "CA-LT-04417" {
			t.Fatalf("before anybody knows her she has %+v", things)
		}
		me := o.dialloPerson(t)
		o.held(t, "M-1", "monitor", me.ID)
		things := must(o.Things(o.diallo))
		if len(things) != 2 || things[0].Tag != "M-1" || things[1].Name != "CA-LT-04417" {
			t.Fatalf("she has %+v", things)
		}
		made, err := o.Report(o.diallo, ticket.Report{
			Thing: things[1].Code(), Text: "Outlook stops answering for a minute. It happens with every message.\nSince yesterday.", Urgency: desk.High,
			Files: []attachment.Upload{{Name: "screen.txt", Content: []byte("not responding")}},
		})
		if err != nil || made.Title != "Outlook stops answering for a minute" || made.Thing != "CA-LT-04417" || !made.DueAt.Equal(monday.Add(time.Hour)) {
			t.Fatalf("it is %+v, %v", made, err)
		}
		desks := must(o.Get(o.okafor, made.ID))
		if desks.Requester != "Amara Diallo" || desks.Source != ticket.FromPortal || desks.CategoryEN != "Computer" || desks.Priority != desk.P3 || desks.DeviceName != "CA-LT-04417" {
			t.Errorf("the desk sees %+v", desks.Row)
		}
		said := desks.Thread[slices.IndexFunc(desks.Thread, func(e ticket.Entry) bool { return e.Message })]
		if !said.Asks || len(said.Files) != 1 || said.Author != "Amara Diallo" {
			t.Errorf("the desk reads %+v", said)
		}
		_, err = o.Report(o.diallo, ticket.Report{Thing: "device." + id.New[struct{}]().String(), Text: "x"})
		wants(t, err, fault.Invalid)
		_, err = o.Report(o.diallo, ticket.Report{Text: " "})
		wants(t, err, fault.Invalid)
		rules := must(desk.Load(o.db.Read(t.Context())))
		_, err = o.Report(o.diallo, ticket.Report{Text: "Let me in", Category: must(rules.Keyed("compliance")).ID}) // not offered to requesters
		wants(t, err, fault.Invalid)
		screen := must(o.Report(o.diallo, ticket.Report{Thing: things[0].Code(), Text: "It flickers"}))
		if got := must(o.Get(o.okafor, screen.ID)); got.AssetTag != "M-1" || got.CategoryEN != "Printer, screen or other equipment" {
			t.Errorf("the desk sees %+v", got.Row)
		}
	})
}

func TestRequesterSeesOwnTicketsAndPublicMessagesOnly(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		other := o.user(t, "Other Requester", identity.Requester, o.north)
		theirs := must(o.Report(other, ticket.Report{Text: "Mine is secret"}))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "She lost it before", Private: true, Files: []attachment.Upload{{Name: "n.txt", Content: []byte("note")}}}))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Which door?", Files: []attachment.Upload{{Name: "p.txt", Content: []byte("plan")}}}))
		mine := must(o.MineOne(o.diallo, made.ID))
		if len(mine.Thread) != 2 || mine.Thread[1].Body != "Which door?" {
			t.Errorf("she reads %+v", mine.Thread)
		}
		_, err := o.MineOne(o.diallo, theirs.ID)
		wants(t, err, fault.Missing)
		_, err = o.Answer(o.diallo, theirs.ID, "x", nil)
		wants(t, err, fault.Missing)
		_, err = o.Confirm(o.diallo, theirs.ID)
		wants(t, err, fault.Missing)
		_, err = o.Withdraw(o.diallo, theirs.ID)
		wants(t, err, fault.Missing)
		if list, total, err := o.Mine(o.diallo, 10); err != nil || total != 1 || list[0].ID != made.ID {
			t.Errorf("she sees %+v of %d, %v", list, total, err)
		}
		for _, entry := range must(o.Get(o.okafor, made.ID)).Thread {
			for _, file := range entry.Files {
				_, _, err := o.Attachment(o.diallo, file.ID)
				if (err == nil) != (entry.Sort == ticket.Message) {
					t.Errorf("%s of a %s: %v", file.Name, entry.Sort, err)
				}
				if _, _, err := o.Attachment(other, file.ID); !fault.Is(err, fault.Missing) {
					t.Errorf("the other one gets %s: %v", file.Name, err)
				}
				if _, content, err := o.Attachment(o.okafor, file.ID); err != nil || len(content) != 4 {
					t.Errorf("the desk gets %q, %v", content, err)
				}
			}
		}
		// What is merged into her ticket by others is not hers to read, nor is
		// what they were answered.
		must(o.Write(o.okafor, theirs.ID, ticket.Post{Body: "I keep the secret", Files: []attachment.Upload{{Name: "s.txt", Content: []byte("safe")}}}))
		must(o.Merge(o.brandt, theirs.ID, made.ID))
		for _, entry := range must(o.MineOne(o.diallo, made.ID)).Thread {
			if strings.Contains(entry.Body, "secret") {
				t.Errorf("she reads %q", entry.Body)
			}
		}
		moved := must(o.MineOne(other, theirs.ID))
		if len(moved.Thread) != 2 || moved.Thread[0].Body != "Mine is secret" || len(moved.Thread[1].Files) != 1 {
			t.Fatalf("the other one reads %+v", moved.Thread)
		}
		if _, content, err := o.Attachment(other, moved.Thread[1].Files[0].ID); err != nil || string(content) != "safe" {
			t.Errorf("the other one gets %q, %v", content, err)
		}
		_, _, err = o.Attachment(o.diallo, moved.Thread[1].Files[0].ID)
		wants(t, err, fault.Missing)
		// A second report of her own that was merged is still there for her.
		again := must(o.Report(o.diallo, ticket.Report{Text: "The badge again"}))
		must(o.Merge(o.brandt, again.ID, made.ID))
		if whole := must(o.MineOne(o.diallo, made.ID)); !slices.ContainsFunc(whole.Thread, func(e ticket.Entry) bool { return e.Body == "The badge again" }) {
			t.Errorf("she reads %+v", whole.Thread)
		}
		_, _, err = o.Mine(identity.WithActor(t.Context(), identity.Actor{Kind: identity.TokenKind, Grants: identity.ActorOf(o.diallo).Grants}), 1)
		wants(t, err, fault.Denied)
	})
}

func TestAnswerWakesAndReopens(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		must(o.Take(o.okafor, made.ID))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Which door?", Then: ticket.Pending}))
		if mine := must(o.MineOne(o.diallo, made.ID)); !mine.Waits {
			t.Errorf("it does not wait for her: %+v", mine)
		}
		if answered := must(o.Answer(o.diallo, made.ID, "The back door", nil)); answered.State != ticket.Assigned {
			t.Errorf("it is %s", answered.State)
		}
		if desks := must(o.Get(o.okafor, made.ID)); desks.AskedAt.IsZero() {
			t.Error("nobody is told that she waits")
		}
		_, err := o.Confirm(o.diallo, made.ID)
		wants(t, err, fault.Conflict)
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "The reader was off.", Then: ticket.Solved}))
		if reopened := must(o.Answer(o.diallo, made.ID, "It still is", nil)); reopened.State != ticket.Assigned {
			t.Errorf("it is %s", reopened.State)
		}
		must(o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Solved, Text: "Now it is on."}))
		if done := must(o.Confirm(o.diallo, made.ID)); done.State != ticket.Closed || !done.Confirmed {
			t.Errorf("it is %+v", done)
		}
		_, err = o.Answer(o.diallo, made.ID, "Again", nil)
		wants(t, err, fault.Conflict)
		again := must(o.Report(o.diallo, ticket.Report{Text: "Never mind"}))
		if gone := must(o.Withdraw(o.diallo, again.ID)); gone.State != ticket.Solved {
			t.Errorf("it is %s", gone.State)
		}
	})
}

func TestRequesterIsToldInTheirLanguage(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		herrera := o.person(t, "Tomás Herrera", o.north)
		made := must(o.Create(o.okafor, ticket.Wish{Title: "VPN drops", Requester: herrera.ID, Keyed: "network", Source: ticket.FromDesk}))
		must(o.Take(o.okafor, made.ID))
		must(o.Assign(o.okafor, made.ID, ticket.Assignment{Owner: userOf(o.brandt)}))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "For us", Private: true}))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Try now"}))
		must(o.Escalate(o.brandt, made.ID, "The gateway", ""))
		must(o.Move(o.brandt, made.ID, ticket.Move{To: ticket.Solved, Text: "Restarted it"}))
		var told []string
		for _, notice := range must(o.Get(o.okafor, made.ID)).Notices {
			told = append(told, notice.Template)
			if notice.To.Language != "fr" || notice.To.Address != herrera.Email || notice.State != notify.Unsent || !strings.HasPrefix(notice.Subject, "fr notice.") ||
				!strings.Contains(notice.Body, "https://h.example.org/portal/requests/"+made.ID.String()) {
				t.Errorf("told %+v", notice)
			}
		}
		want := []string{"ticket.received", "ticket.reassigned", "ticket.answered", "ticket.escalated", "ticket.solved"}
		if !slices.Equal(told, want) {
			t.Errorf("told of %v", told)
		}
		// Nobody is told of what they did themselves.
		own := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		must(o.Answer(o.diallo, own.ID, "Hello?", nil))
		if got := must(o.Get(o.okafor, own.ID)).Notices; len(got) != 1 || got[0].Template != "ticket.received" {
			t.Errorf("told %+v", got)
		}
	})
}

func TestFollowerIsToldOfTheEndAndNotOfAnswersToOthers(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		theirs := must(o.Report(o.user(t, "Other Requester", identity.Requester, o.north), ticket.Report{Text: "Door stays shut"}))
		must(o.Merge(o.okafor, theirs.ID, made.ID))
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Your badge was blocked for your leave"}))
		must(o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Solved, Text: "The reader is on again"}))
		told := map[string][]string{}
		for _, notice := range must(o.Get(o.okafor, made.ID)).Notices {
			told[notice.To.Name] = append(told[notice.To.Name], notice.Template)
			if own := map[string]ticket.ID{"Amara Diallo": made.ID, "Other Requester": theirs.ID}[notice.To.Name]; !strings.Contains(notice.Body, "/portal/requests/"+own.String()) {
				t.Errorf("%s is led elsewhere: %s", notice.To.Name, notice.Body)
			}
		}
		if fmt.Sprint(told["Amara Diallo"]) != "[ticket.received ticket.answered ticket.solved]" || fmt.Sprint(told["Other Requester"]) != "[ticket.solved]" {
			t.Errorf("told of %v", told)
		}
	})
}

func TestUserBecomesThePersonThatTheyAre(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		known := must(person.New(o.db).Create(o.ctx, person.Wish{Name: "A. Diallo", Login: "amara.diallo", UnitID: o.south.ID, Active: true}))
		if me := o.dialloPerson(t); me.ID != known.ID || me.UserID != userOf(o.diallo) {
			t.Errorf("she became %+v", me)
		}
		made := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		if got := must(o.Get(o.ctx, made.ID)); got.RequesterID != known.ID || got.UnitID != o.south.ID {
			t.Errorf("it is %+v", got.Row)
		}
	})
}

func TestLiveChangesReachThoseWhoMayKnow(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		made := must(o.Report(o.diallo, ticket.Report{Text: "Badge does not open the door"}))
		south := o.user(t, "Southern Help", identity.HelpDesk, o.south)
		stranger := o.user(t, "Other Requester", identity.Requester, o.north)
		listeners := map[string]*ticket.Listener{}
		for name, ctx := range map[string]*ticket.Listener{
			"desk": must(o.Listen(o.okafor, ticket.ID{})), "requester": must(o.Listen(o.diallo, made.ID)),
			"south": must(o.Listen(south, ticket.ID{})), "stranger": must(o.Listen(stranger, made.ID)),
		} {
			listeners[name] = ctx
		}
		must(o.Take(o.okafor, made.ID))
		*o.now = o.now.Add(time.Second)
		must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Which door?"}))
		if err := o.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"desk": 1, "requester": 1, "south": 0, "stranger": 0} {
			if got := len(listeners[name].C); got != want {
				t.Errorf("%s heard %d times", name, got)
			}
		}
		for range 20 { // nobody reads
			*o.now = o.now.Add(time.Second)
			must(o.Write(o.okafor, made.ID, ticket.Post{Body: "Hello?"}))
			if err := o.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		heard := 0
		for range listeners["desk"].C { // ends: it was closed
			heard++
		}
		if heard == 0 || heard > 10 {
			t.Errorf("heard %d before it was given up", heard)
		}
		o.Stop(listeners["desk"])
		o.Stop(listeners["south"])
		_, err := o.Listen(t.Context(), ticket.ID{})
		wants(t, err, fault.SignedOut)
	})
}
