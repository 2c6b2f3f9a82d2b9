package inventorytest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"text/tabwriter"
	"time"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/server/software"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Timing is how long one question took, over many askings.
type Timing struct {
	Name     string
	P50, P95 time.Duration
}

// Everyone is an actor who may read everything everywhere; Local is one who
// may only in a quarter of the units.
func Everyone(ctx context.Context) context.Context {
	return identity.WithActor(ctx, identity.Actor{
		Kind: identity.TokenKind, Name: "everyone",
		Grants: []identity.Grant{{Role: identity.Administrator, UnitID: Unit(0), Reach: identity.Scope{All: true}}},
	})
}

// Local is an actor of the help desk of units 1 to Units/4.
func Local(ctx context.Context) context.Context {
	actor := identity.Actor{Kind: identity.UserKind, Name: "local"}
	for unit := 1; unit <= Units/4; unit++ {
		actor.Grants = append(actor.Grants, identity.Grant{
			Role: identity.HelpDesk, UnitID: Unit(unit), Reach: identity.Scope{Units: []identity.UnitID{Unit(unit)}},
		})
	}
	return identity.WithActor(ctx, actor)
}

// Measure asks every list in every order, and what else pages ask, a number
// of times each, on a database that Fill has filled.
func Measure(ctx context.Context, db *store.DB, rounds int) ([]Timing, error) {
	m := measurement{rounds: rounds}
	reader := inventory.New(db)
	if err := m.actor(Everyone(ctx), "all", reader); err != nil {
		return nil, err
	}
	if err := m.actor(Local(ctx), "units", reader); err != nil {
		return nil, err
	}
	return m.timings, nil
}

type measurement struct {
	rounds  int
	timings []Timing
}

func (m *measurement) actor(ctx context.Context, name string, reader *inventory.Reader) error {
	devices, titles := inventory.DeviceColumns(ctx), inventory.TitleColumns(ctx)
	for _, field := range devices.Fields() {
		if !field.Sortable {
			continue
		}
		for _, sign := range []string{"", "-"} {
			if err := measureList(m, name+" devices sort="+sign+field.Key, devices, "sort="+sign+field.Key, func(q list.Query) (list.Page[inventory.Device], error) {
				return reader.Devices(ctx, q)
			}); err != nil {
				return err
			}
		}
	}
	for _, filter := range []string{"name=42", "model=model+7", "q=user12", "q=pc-0000", "kind=laptop&restart_required=yes", "last_seen.to=-14d", "address=10.0.4", "unit=Unit+000000000003"} {
		if err := measureList(m, name+" devices "+filter, devices, filter, func(q list.Query) (list.Page[inventory.Device], error) {
			return reader.Devices(ctx, q)
		}); err != nil {
			return err
		}
	}
	for _, query := range []string{"", "sort=title", "sort=publisher", "sort=-first_seen", "title=999", "q=lib+42"} {
		if err := measureList(m, name+" software "+query, titles, query, func(q list.Query) (list.Page[inventory.Title], error) {
			return reader.Titles(ctx, q)
		}); err != nil {
			return err
		}
	}
	for _, number := range []int{1, 150} {
		title, err := id.Parse[software.Title](fmt.Sprintf("00000000-0000-7000-7000-%012d", number))
		if err != nil {
			return fmt.Errorf("measure: %w", err)
		}
		if err := measureList(m, fmt.Sprintf("%s holders of title %d", name, number), inventory.HolderColumns(ctx, title), "", func(q list.Query) (list.Page[inventory.Holder], error) {
			return reader.Holders(ctx, title, q)
		}); err != nil {
			return err
		}
		if err := m.time(fmt.Sprintf("%s title %d", name, number), func() error {
			_, _, err := reader.Title(ctx, title)
			if fault.Is(err, fault.Missing) { // as above
				return nil
			}
			return err
		}); err != nil {
			return err
		}
	}
	return m.rest(ctx, name, reader)
}

func (m *measurement) rest(ctx context.Context, name string, reader *inventory.Reader) error {
	for _, text := range []string{"pc-000000000042", "pc-0", "sn0000", "user12", "model 7", "10.0.1.5", "02-00-00-00-01", "title 000000000123", "user12 model", "nothing at all"} {
		if err := m.time(name+" search "+text, func() error {
			_, err := reader.Search(ctx, text, 8)
			return err
		}); err != nil {
			return err
		}
	}
	if err := m.time(name+" overview", func() error {
		_, err := reader.Overview(ctx)
		return err
	}); err != nil {
		return err
	}
	page, err := reader.Devices(ctx, list.Query{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return fmt.Errorf("measure: no device: %w", err)
	}
	one := page.Items[0].ID
	return m.time(name+" one device", func() error {
		if _, err := reader.Device(ctx, one); err != nil {
			return err
		}
		if _, err := reader.Software(ctx, one, list.Query{}); err != nil {
			return err
		}
		if _, err := reader.Changes(ctx, one, list.Query{}); err != nil {
			return err
		}
		_, err := reader.Sections(ctx, one)
		return err
	})
}

// measureList asks for the first page, then for the ones after it.
func measureList[R any](m *measurement, name string, d *list.Definition[R], address string, ask func(list.Query) (list.Page[R], error)) error {
	values, err := url.ParseQuery(address)
	if err != nil {
		return fmt.Errorf("measure %s: %w", name, err)
	}
	q, err := list.Parse(values, d)
	if err != nil {
		return fmt.Errorf("measure %s: %w", name, err)
	}
	return m.time(name, func() error {
		page, err := ask(q)
		if fault.Is(err, fault.Missing) { // a rare title may not be in these units
			return nil
		}
		q = q.After(page.Next)
		return err
	})
}

func (m *measurement) time(name string, ask func() error) error {
	taken := make([]time.Duration, 0, m.rounds)
	for range m.rounds {
		start := time.Now()
		if err := ask(); err != nil {
			return fmt.Errorf("measure %s: %w", name, err)
		}
		taken = append(taken, time.Since(start))
	}
	slices.Sort(taken)
	m.timings = append(m.timings, Timing{Name: name, P50: taken[len(taken)/2], P95: taken[len(taken)*95/100]})
	return nil
}

// Print writes timings as a table, the slowest marked against a budget.
func Print(w io.Writer, timings []Timing, budget time.Duration) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "median\t95 %\t\t")
	for _, timing := range timings {
		mark := ""
		if timing.P95 > budget {
			mark = "over"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t %s\n", timing.P50.Round(100*time.Microsecond), timing.P95.Round(100*time.Microsecond), mark, timing.Name)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print timings: %w", err)
	}
	return nil
}
