package disposal

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"holdfast/server/disposal"
	"holdfast/server/identity"
	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

// blocked reports whether drives or things stand in the way now: they do from
// approval on, since nothing is wiped before.
func (s subject) blocked() bool {
	switch s.State {
	case disposal.Approved, disposal.Cleared, disposal.Released, disposal.Collected:
		return len(s.Problems()) > 0
	case disposal.Draft, disposal.Offered, disposal.Closed, disposal.Cancelled:
	}
	return false
}

func (s subject) certifiable() bool {
	return slices.Contains([]disposal.State{disposal.Cleared, disposal.Released, disposal.Collected, disposal.Closed}, s.State) && len(s.Problems()) == 0
}

func (s subject) sentence(ctx context.Context) string {
	drives, _ := s.Drives()
	parts := []string{s.Number, s.Unit, i18n.Count(ctx, "case.assets", len(s.Lines)), i18n.Count(ctx, "case.drives", drives)}
	if s.ProposedBy != "" {
		parts = slices.Insert(parts, 1, i18n.T(ctx, "case.proposed", i18n.Args{"Name": s.ProposedBy, "Date": i18n.Date(ctx, s.OfferedAt)}))
	}
	if s.Sensitivity != "" {
		parts = append(parts, s.Sensitivity)
	}
	return strings.Join(parts, " · ")
}

func (s subject) gate(ctx context.Context) string {
	return i18n.Count(ctx, "case.gate", len(s.Problems()))
}

// problemWords says what blocks, and where the thing was last.
func (s subject) problemWords(ctx context.Context, p disposal.Problem) string {
	switch {
	case s.own(p.Drive):
		return i18n.T(ctx, "case.problem_own", i18n.Args{"Drive": p.Drive.Name(), "Tag": p.Line.Tag})
	case p.Drive == nil:
		return i18n.T(ctx, "case.problem_word", i18n.Args{"Tag": p.Line.Tag, "Model": p.Line.Model})
	case p.Drive.Record != nil:
		return i18n.T(ctx, "case.problem_check", i18n.Args{"Drive": p.Drive.Name(), "Tag": p.Line.Tag, "Name": p.Drive.Record.RecordedBy})
	}
	return i18n.T(ctx, "case.problem_record", i18n.Args{"Drive": p.Drive.Name(), "Tag": p.Line.Tag, "Model": p.Line.Model}) + " " + whereabouts(ctx, *p.Drive) + "."
}

// whereabouts says where a drive was seen and until when.
func whereabouts(ctx context.Context, d disposal.Drive) string {
	switch {
	case d.Device == 0:
		return i18n.T(ctx, "case.by_hand", i18n.Args{"Name": d.NotedBy, "Note": d.Note})
	case !d.RemovedAt.IsZero():
		return i18n.T(ctx, "case.seen_until", i18n.Args{"Device": d.DeviceName, "Date": i18n.Date(ctx, d.RemovedAt)})
	}
	return i18n.T(ctx, "case.seen_in", i18n.Args{"Device": d.DeviceName, "Date": i18n.Date(ctx, d.LastSeen)})
}

// recording reports whether the removal of data is recorded now.
func (s subject) recording() bool {
	return slices.Contains([]disposal.State{disposal.Approved, disposal.Cleared, disposal.Released, disposal.Collected}, s.State)
}

// step is one step of the case as the page shows it.
type step struct {
	class   string // done, now, stop or nothing
	name    string
	words   string
	current bool
}

func (s subject) steps(ctx context.Context) []step {
	at := map[disposal.State]time.Time{
		disposal.Draft: s.CreatedAt, disposal.Offered: s.OfferedAt, disposal.Approved: s.ApprovedAt, disposal.Cleared: s.ClearedAt,
		disposal.Released: s.ReleasedAt, disposal.Collected: s.CollectedAt, disposal.Closed: s.ClosedAt,
	}
	reached := slices.Index(disposal.Steps(), s.State)
	var steps []step
	for i, state := range disposal.Steps() {
		one := step{name: ui.EnumWord(ctx, "cases", "state", string(state))}
		switch {
		case i <= reached:
			one.class, one.words = "done", i18n.Date(ctx, at[state])
		case i == reached+1 && !s.State.Ended():
			one.class, one.current = "now", true
		}
		if state == disposal.Cleared {
			drives, done := s.Drives()
			if drives > 0 && done < drives {
				one.words = i18n.T(ctx, "case.drives_done", i18n.Args{"Done": done, "Count": drives})
			}
			if s.blocked() {
				one.class, one.current = "stop", true
			}
		} else if s.blocked() {
			one.current = false
		}
		steps = append(steps, one)
	}
	return steps
}

// action is a deed that the head of the page offers.
type action struct {
	family, deed string
	first        bool   // the one to do next
	why          string // why it cannot be done now, as "case.why.WHY"; "blocked" is said by the gate
}

// reason is the element that says why the deed cannot be done.
func (a action) reason() string {
	if a.why == "blocked" {
		return "gate"
	}
	return "barred"
}

func (a action) href(s subject) string { return path(s.ID) + "/" + a.family + "/" + a.deed }

// actions are what leads on.
func (s subject) actions(ctx context.Context) []action {
	var all []action
	edit := s.may(ctx, identity.DisposalEdit)
	barred := ""
	if s.blocked() {
		barred = "blocked"
	}
	switch {
	case s.State == disposal.Draft && edit:
		all = append(all, action{"edit", "add", len(s.Lines) == 0, ""})
		if len(s.Lines) > 0 {
			all = append(all, action{"edit", "offer", true, ""})
		}
	case s.State == disposal.Offered:
		if s.may(ctx, identity.DisposalApprove) {
			all = append(all, action{"approve", "decline", false, s.undecided(true)}, action{"approve", "approve", true, s.undecided(false)})
		}
	case s.State == disposal.Approved && edit:
		all = append(all, action{"edit", "clear", true, barred})
	case s.State == disposal.Cleared && edit:
		all = append(all, action{"edit", "release", true, barred})
	case s.State == disposal.Released && edit:
		all = append(all, action{"edit", "collect", true, barred})
	case s.State == disposal.Collected && edit:
		all = append(all, action{"edit", "close", true, barred})
	}
	return all
}

// undecided says why the reader cannot approve or decline the case now: it is
// theirs, they have, or an offer still runs, which does not keep it from being
// declined.
func (s subject) undecided(declining bool) string {
	if s.is(s.ProposedByID) {
		return "own"
	}
	for _, each := range s.Given() {
		if s.is(each.UserID) {
			return "decided"
		}
	}
	running := func(l disposal.Line) bool { return l.SettledAt.IsZero() }
	if !declining && slices.ContainsFunc(s.Lines, running) {
		return "offered"
	}
	return ""
}

// barred is why the first deed that is barred cannot be done, where the gate
// does not say it; "" when none is.
func (s subject) barred(ctx context.Context) string {
	for _, each := range s.actions(ctx) {
		if each.why != "" && each.why != "blocked" {
			return each.why
		}
	}
	return ""
}

// more are the deeds that lead elsewhere.
func (s subject) more(ctx context.Context) []action {
	if !s.may(ctx, identity.DisposalEdit) || s.State.Ended() {
		return nil
	}
	all := []action{{"edit", "change", false, ""}}
	if s.State.May(disposal.Draft) {
		all = append(all, action{"edit", "revise", false, ""})
	}
	if s.State.May(disposal.Cancelled) {
		all = append(all, action{"edit", "cancel", false, ""})
	}
	return all
}

// row is one row of the table: a drive, or a thing without any.
type row struct {
	line   *disposal.Line
	drive  *disposal.Drive
	first  bool // of its line
	number int  // of the drive in its line
}

func (s subject) rows() []row {
	var rows []row
	for i := range s.Lines {
		line := &s.Lines[i]
		first := true
		add := func(r row) {
			if s.only && !r.blocks() {
				return
			}
			r.first, first = first, false
			rows = append(rows, r)
		}
		if len(line.Drives) == 0 || line.NeedsWord() {
			add(row{line: line})
		}
		for j := range line.Drives {
			add(row{line: line, drive: &line.Drives[j], number: j + 1})
		}
	}
	return rows
}

func (r row) blocks() bool {
	if r.drive == nil {
		return r.line.NeedsWord()
	}
	return r.drive.Need().Blocks()
}

// bad reports whether the row is the one that stops the case.
func (r row) bad(s subject) bool {
	return s.blocked() && (r.drive == nil && r.line.NeedsWord() || r.drive != nil && r.drive.Need() == disposal.Unrecorded)
}

func (r row) name() string {
	if r.drive != nil {
		return r.drive.Name()
	}
	return r.line.Tag
}

func emptyWords(ctx context.Context, l disposal.Line) string {
	if l.NeedsWord() {
		return i18n.T(ctx, "case.none_known")
	}
	return i18n.T(ctx, "case.holds_none")
}

// removedWords says how data was removed and by whom.
func removedWords(ctx context.Context, d disposal.Drive) (what, who string) {
	r := d.Record
	switch {
	case d.Need() == disposal.Gone:
		return i18n.T(ctx, "value.outcome.lost"), i18n.T(ctx, "case.lost_by", i18n.Args{"Name": r.RecordedBy, "Number": fmt.Sprint(r.Ticket)})
	case d.Need() == disposal.Elsewhere && d.Moved.Tag != "":
		return i18n.T(ctx, "case.parted", i18n.Args{"Device": d.Moved.Name, "Tag": d.Moved.Tag}), i18n.T(ctx, "case.parted_why")
	case d.Need() == disposal.Elsewhere:
		return i18n.T(ctx, "case.moved", i18n.Args{"Device": d.Moved.Name}), i18n.T(ctx, "case.moved_since", i18n.Args{"Date": i18n.Date(ctx, d.Moved.FirstSeen)})
	case r == nil:
		return i18n.T(ctx, "case.no_record"), whereabouts(ctx, d)
	}
	what = i18n.T(ctx, "value.outcome."+string(r.Outcome)) + ", " + i18n.T(ctx, "value.technique."+r.Technique)
	if r.ValidatedBy == "" {
		return what, i18n.T(ctx, "case.unchecked_by", i18n.Args{"Name": r.Performer})
	}
	return what, i18n.T(ctx, "case.checked_by", i18n.Args{"Name": r.Performer, "Other": r.ValidatedBy})
}

// recordState says how the record of a row stands. Before approval nothing is
// wiped, so that nothing is wrong yet.
func (s subject) recordState(ctx context.Context, r row) (ui.Tone, string) {
	switch {
	case !s.recording() && r.drive != nil && r.drive.Need() == disposal.Unrecorded:
		return ui.Unknown, i18n.T(ctx, "value.need.unrecorded")
	case !s.recording() && r.drive == nil && r.line.NeedsWord():
		return ui.Warning, i18n.T(ctx, "value.need.unconfirmed")
	case r.drive == nil && r.line.NeedsWord():
		return ui.Critical, i18n.T(ctx, "value.need.unconfirmed")
	case r.drive == nil && r.line.NoData.Given():
		return ui.Fine, i18n.T(ctx, "value.need.confirmed")
	case r.drive == nil:
		return ui.Unknown, i18n.T(ctx, "value.need.none")
	}
	tone := map[disposal.Need]ui.Tone{
		disposal.Unrecorded: ui.Critical, disposal.Unchecked: ui.Warning, disposal.Verified: ui.Fine, disposal.Gone: ui.Warning, disposal.Elsewhere: ui.Info,
	}[r.drive.Need()]
	return tone, i18n.T(ctx, "value.need."+string(r.drive.Need()))
}

func deedPath(s subject, deed string, line *disposal.Line, drive *disposal.Drive) string {
	values := url.Values{}
	if line != nil {
		values.Set("line", line.ID.String())
	}
	if drive != nil {
		values.Set("drive", drive.ID.String())
	}
	return path(s.ID) + "/" + deed + "?" + values.Encode()
}

// links are what can be done about a row.
func (s subject) links(ctx context.Context, r row) []ui.Link {
	var links []ui.Link
	add := func(family, deed string, line *disposal.Line, drive *disposal.Drive) {
		links = append(links, ui.Link{Href: deedPath(s, family+"/"+deed, line, drive), Label: i18n.T(ctx, "deed."+deed)})
	}
	edit, record := s.may(ctx, identity.DisposalEdit), s.may(ctx, identity.DisposalRecord)
	recording := s.recording()
	switch {
	case r.first && edit && s.State == disposal.Draft:
		add("edit", "route", r.line, nil)
		add("edit", "remove", r.line, nil)
	case r.first && edit && s.State == disposal.Offered && r.line.SettledAt.IsZero():
		add("edit", "settle", r.line, nil)
		add("edit", "pass", r.line, nil)
	}
	if !record || s.State.Ended() {
		return links
	}
	switch {
	case r.drive == nil && r.line.NeedsWord():
		add("record", "empty", r.line, nil)
	case r.drive != nil && recording && r.drive.Record == nil && r.drive.Need().Blocks():
		add("record", "record", nil, r.drive)
		add("record", "lose", nil, r.drive)
	case r.drive != nil && recording && r.drive.Need() == disposal.Unchecked && !s.own(r.drive):
		add("record", "validate", nil, r.drive)
	}
	if r.drive != nil && r.drive.Record != nil && s.State != disposal.Released && s.State != disposal.Collected {
		add("record", "withdraw", nil, r.drive)
	}
	if r.first {
		add("record", "drive", r.line, nil)
	}
	return links
}

// offerWords says how an offer stands.
func offerWords(ctx context.Context, l disposal.Line) string {
	if l.Taker != "" {
		return l.Taker
	}
	for _, o := range l.Offers {
		if o.Outcome == disposal.OfferOpen {
			return i18n.T(ctx, "case.offered_until", i18n.Args{"Date": i18n.Date(ctx, o.EndsAt)})
		}
	}
	return ""
}

func (s subject) rung(ctx context.Context, key string) string {
	return disposal.Rung(s.routes, key).Name(string(i18n.LocaleOf(ctx).Language))
}

// rung is a rung of the ladder with what came of it.
type rung struct {
	name, words string
	quiet       bool
}

func (s subject) rungs(ctx context.Context) []rung {
	var rungs []rung
	for i, route := range s.routes {
		here, passed := 0, 0
		for _, line := range s.Lines {
			if line.Route == route.Key {
				here++
			}
			if slices.ContainsFunc(line.Offers, func(o disposal.Offer) bool { return o.Route == route.Key && o.Outcome == disposal.OfferPassed }) {
				passed++
			}
		}
		one := rung{name: fmt.Sprintf("%d %s", i+1, s.rung(ctx, route.Key)), quiet: here == 0, words: i18n.T(ctx, "case.rung_none")}
		switch {
		case here > 0:
			one.words = i18n.Count(ctx, "case.assets", here)
		case passed > 0:
			one.words = i18n.T(ctx, "case.rung_passed")
		}
		rungs = append(rungs, one)
	}
	return rungs
}

func changeTitle(s subject) string {
	if s.Outcome != nil {
		return "case.changed"
	}
	return "case.change"
}

func custodyWords(ctx context.Context, c *disposal.Change) string {
	if c.Held == 0 {
		return i18n.T(ctx, "case.change_nobody")
	}
	return i18n.T(ctx, "case.change_held", i18n.Args{"Count": c.People, "Assets": i18n.Count(ctx, "case.assets", c.Held)})
}

func rightWords(ctx context.Context, r disposal.RightChange) string {
	switch {
	case r.Leave > 0:
		return i18n.T(ctx, "case.right_leaves", i18n.Args{"Count": r.Leave})
	case r.Return > 0 && r.Before < 0:
		return i18n.T(ctx, "case.right_short", i18n.Args{"Before": -r.Before, "After": max(0, -r.After)})
	}
	return i18n.T(ctx, "case.right_returns", i18n.Args{"Count": r.Return})
}

func ticketNumber(t disposal.OpenTicket) string {
	prefix := "INC-"
	if t.Kind == "request" {
		prefix = "REQ-"
	}
	return fmt.Sprintf("%s%d", prefix, t.Number)
}

func approvalWords(ctx context.Context, s subject, a disposal.Approval) (ui.Tone, string) {
	args := i18n.Args{"Date": i18n.Date(ctx, a.At)}
	switch {
	case a.Decided == disposal.Declined:
		return ui.Critical, i18n.T(ctx, "case.declined", args)
	case !a.VoidAt.IsZero() || a.Version != s.Version:
		return ui.Unknown, i18n.T(ctx, "case.void", args)
	}
	return ui.Fine, i18n.T(ctx, "case.approved", args)
}

// eventWords says what happened and the detail that matters.
func eventWords(ctx context.Context, e disposal.Event) (what, detail string) {
	var details []string
	for _, name := range []string{"drive", "asset", "assets", "taker", "collector", "ticket", "reason", "note", "tool", "device", "sha256"} {
		if text, is := e.Fields[name].(string); is && text != "" {
			details = append(details, text)
		}
	}
	return i18n.T(ctx, "case.event."+strings.TrimPrefix(e.Action, "disposal.")), strings.Join(details, " · ")
}

func eventIcon(e disposal.Event) string {
	switch e.Action {
	case "disposal.approved", "disposal.validated", "disposal.cleared", "disposal.closed":
		return "check"
	case "disposal.declined", "disposal.cancelled", "disposal.record_withdrawn", "disposal.line_removed":
		return "x"
	case "disposal.lost", "disposal.sighted":
		return "alert-triangle"
	case "disposal.released":
		return "unlink"
	case "disposal.certified":
		return "file-text"
	}
	return "pencil"
}
