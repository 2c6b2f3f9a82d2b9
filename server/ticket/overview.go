package ticket

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"holdfast/server/calendar"
	"holdfast/server/desk"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Desk is the state of the queue, as the help desk begins its day with it.
type Desk struct {
	Open          int
	Mine          int // open tickets of the actor
	MineOver      int // of those, over their time
	Over, Close   int // open tickets over their time, or with little of it left
	Untaken       int // that nobody has taken
	OldestUntaken time.Time
	Waiting       int // pending: somebody else must answer
	Asked         int // the requester has written, and nobody has answered
	SolvedToday   int
	OpenedToday   int
	Next          []Row // that run out of time first
	Causes        []Cause
	Days          []Day // working days, the oldest first, today included
}

// Cause is an open ticket that a rule made of alerts.
type Cause struct {
	Row
	Alerts  int // that are not over
	Devices int
}

// Day is how many tickets were opened and solved on a day.
type Day struct {
	Date           time.Time // midnight UTC that stands for it
	Opened, Solved int
}

const (
	nextMost   = 6
	causesMost = 5
	daysMost   = 11
)

// Overview gives the state of the queue. Fault: Denied.
func (s *Service) Overview(ctx context.Context) (Desk, error) {
	reach, err := identity.Reach(ctx, identity.TicketsRead)
	if err != nil {
		return Desk{}, err
	}
	db := s.db.Read(ctx)
	rules, err := desk.Load(db)
	if err != nil {
		return Desk{}, err
	}
	o := overview{s: s, db: db, rules: rules, scope: within(reach), now: s.db.Now()}
	if o.scope.SQL == "" {
		o.scope = list.Where("1 = 1")
	}
	var d Desk
	for _, part := range []func(context.Context, *Desk) error{o.figures, o.next, o.causes, o.days} {
		if err := part(ctx, &d); err != nil {
			return Desk{}, fmt.Errorf("sum up the queue: %w", err)
		}
	}
	return d, nil
}

type overview struct {
	s     *Service
	db    *gorm.DB
	rules *desk.Rules
	scope list.Clause
	now   time.Time
}

func (o *overview) figures(ctx context.Context, d *Desk) error {
	me, err := self(ctx)
	if err != nil {
		me = identity.UserID{} // a program owns none
	}
	own := me.String()
	if own == "" {
		own = "00000000-0000-0000-0000-000000000000"
	}
	var oldest *time.Time
	err = o.db.Raw(`SELECT COUNT(*),
		COUNT(CASE WHEN t.owner_id = ? THEN 1 END), COUNT(CASE WHEN t.owner_id = ? AND t.resolve_due_at < ? THEN 1 END),
		COUNT(CASE WHEN t.resolve_due_at < ? THEN 1 END), COUNT(CASE WHEN t.resolve_warn_at <= ? AND t.resolve_due_at >= ? THEN 1 END),
		COUNT(CASE WHEN t.owner_id IS NULL AND t.state = 'new' THEN 1 END),
		COUNT(CASE WHEN t.state = 'pending' THEN 1 END), COUNT(CASE WHEN t.asked_at IS NOT NULL THEN 1 END)
		FROM tickets t WHERE `+isOpen+" AND "+o.scope.SQL,
		append([]any{own, own, o.now, o.now, o.now, o.now}, o.scope.Args...)...).
		Row().Scan(&d.Open, &d.Mine, &d.MineOver, &d.Over, &d.Close, &d.Untaken, &d.Waiting, &d.Asked)
	if err != nil {
		return err
	}
	if d.Untaken == 0 {
		return nil
	}
	err = o.db.Raw("SELECT t.opened_at FROM tickets t WHERE t.owner_id IS NULL AND t.state = 'new' AND "+o.scope.SQL+
		" ORDER BY t.opened_at LIMIT 1", o.scope.Args...).Row().Scan(&oldest)
	if err == nil && oldest != nil {
		d.OldestUntaken = *oldest
	}
	return err
}

func (o *overview) next(_ context.Context, d *Desk) (err error) {
	d.Next, err = read(o.db, list.All(list.Where("t.resolve_due_at IS NOT NULL AND "+isOpen), o.scope), "t.resolve_due_at, t.id", nextMost)
	for i := range d.Next {
		d.Next[i] = o.s.shown(o.rules, d.Next[i])
	}
	return err
}

func (o *overview) causes(_ context.Context, d *Desk) error {
	rows, err := read(o.db, list.All(list.Where("t.source = 'alert' AND "+isOpen), o.scope), "t.storm DESC, t.priority, t.opened_at, t.id", causesMost)
	if err != nil {
		return err
	}
	for _, row := range rows {
		cause := Cause{Row: o.s.shown(o.rules, row)}
		err := o.db.Raw(`SELECT COUNT(*), COUNT(DISTINCT a.device_id) FROM ticket_alerts x JOIN alerts a ON a.id = x.alert_id
			WHERE x.ticket_id = ? AND x.cleared_at IS NULL`, row.ID).Row().Scan(&cause.Alerts, &cause.Devices)
		if err != nil {
			return err
		}
		d.Causes = append(d.Causes, cause)
	}
	return nil
}

// days counts by the days of the first calendar, working days alone.
func (o *overview) days(_ context.Context, d *Desk) error {
	in := o.calendar()
	var days []calendar.Day
	for day := in.Of(o.now); len(days) < daysMost && day > in.Of(o.now)-60; day-- {
		if day == in.Of(o.now) || in.Works(day) {
			days = append([]calendar.Day{day}, days...)
		}
	}
	from := in.Begins(days[0])
	counts := map[calendar.Day]*Day{}
	for _, day := range days {
		counts[day] = &Day{Date: day.Date()}
	}
	for _, column := range []string{"opened_at", "solved_at"} {
		var times []time.Time
		err := o.db.Raw("SELECT t."+column+" FROM tickets t WHERE t.merged_into IS NULL AND t."+column+" >= ? AND "+o.scope.SQL,
			append([]any{from}, o.scope.Args...)...).Scan(&times).Error
		if err != nil {
			return err
		}
		for _, at := range times {
			one := counts[in.Of(at)]
			switch {
			case one == nil: // a day off
			case column == "opened_at":
				one.Opened++
			default:
				one.Solved++
			}
		}
	}
	for _, day := range days {
		d.Days = append(d.Days, *counts[day])
	}
	today := d.Days[len(d.Days)-1]
	d.OpenedToday, d.SolvedToday = today.Opened, today.Solved
	return nil
}

func (o *overview) calendar() *calendar.Calendar {
	for _, level := range o.rules.Levels {
		if c := o.rules.Calendars[level.CalendarID]; c != nil {
			return &c.Calendar
		}
	}
	return &calendar.Calendar{}
}
