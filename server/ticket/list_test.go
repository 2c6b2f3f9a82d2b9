package ticket_test

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"holdfast/server/desk"
	"holdfast/server/list"
	"holdfast/server/ticket"
)

func parse(ctx context.Context, o office, query string) (list.Query, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return list.Query{}, err
	}
	return list.Parse(values, o.Columns(ctx))
}

func TestListFiltersAndSorts(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		person := o.person(t, "Tomás Herrera", o.north)
		key := o.device(t, "CA-LT-04102", "laptop", "", o.north)
		must(o.Create(o.brandt, ticket.Wish{Title: "VPN drops", Requester: person.ID, Device: key, Keyed: "network", Source: ticket.FromDesk, Urgency: desk.High, Impact: desk.Site}))
		second := must(o.Create(o.brandt, ticket.Wish{Title: "A camera", Kind: desk.Request, Unit: o.south.ID, Source: ticket.FromDesk}))
		must(o.Take(o.brandt, second.ID))
		third := must(o.Create(o.brandt, ticket.Wish{Title: "Badge printer", Unit: o.south.ID, Source: ticket.FromDesk}))
		must(o.Move(o.brandt, third.ID, ticket.Move{To: ticket.Solved, Text: "Paper was out"}))
		*o.now = monday.Add(110 * time.Minute) // the first has two hours
		for query, want := range map[string][]string{
			"":                      {"VPN drops", "A camera", "Badge printer"}, // soonest first, what stands last
			"open=yes":              {"VPN drops", "A camera"},
			"owner=me":              {"A camera", "Badge printer"},
			"owner=me&open=yes":     {"A camera"},
			"owner.known=no":        {"VPN drops"},
			"risk=close":            {"VPN drops"},
			"risk=over":             nil,
			"risk=running":          {"A camera"},
			"state=solved":          {"Badge printer"},
			"kind=request":          {"A camera"},
			"priority=p1":           {"VPN drops"},
			"sort=-priority":        {"A camera", "Badge printer", "VPN drops"},
			"requester=herrera":     {"VPN drops"},
			"device=lt-04102":       {"VPN drops"},
			"category=network":      {"VPN drops"},
			"unit=south":            {"A camera", "Badge printer"},
			"q=REQ-2":               {"A camera"},
			"q=1":                   {"VPN drops"},
			"q=tomás":               {"VPN drops"},
			"number=INC-3":          {"Badge printer"},
			"team=helpdesk&q=badge": {"Badge printer"},
			"solved_at.from=-1d":    {"Badge printer"},
		} {
			q, err := parse(o.brandt, o, query)
			if err != nil {
				t.Errorf("%s: %v", query, err)
				continue
			}
			page, err := o.List(o.brandt, q)
			if err != nil {
				t.Errorf("%s: %v", query, err)
				continue
			}
			var titles []string
			for _, row := range page.Items {
				titles = append(titles, row.Title)
			}
			if q.Sort.Key == "priority" {
				slices.Sort(titles[:2])
			}
			if !slices.Equal(titles, want) || page.Total != len(want) {
				t.Errorf("%s finds %v of %d instead of %v", query, titles, page.Total, want)
			}
			rows := must(o.Export(o.brandt, q))
			count := 0
			for _, err := range rows {
				if err != nil {
					t.Fatal(err)
				}
				count++
			}
			if count != len(want) {
				t.Errorf("%s exports %d rows", query, count)
			}
		}
	})
}

func TestEveryOrderOfTheListWorks(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		for i := range 5 {
			made := o.open(t, string(rune('A'+i)))
			if i%2 == 0 {
				must(o.Move(o.okafor, made.ID, ticket.Move{To: ticket.Solved, Text: "done"}))
			}
		}
		for _, field := range o.Columns(o.okafor).Fields() {
			if !field.Sortable {
				continue
			}
			for _, descending := range []bool{false, true} {
				q := list.Query{Sort: list.Sort{Key: field.Key, Descending: descending}, Limit: 2}
				seen := map[string]bool{}
				for {
					page, err := o.List(o.okafor, q)
					if err != nil {
						t.Fatalf("%s: %v", q.Sort, err)
					}
					for _, row := range page.Items {
						seen[row.Title] = true
					}
					if page.Next == "" {
						break
					}
					q = q.After(page.Next)
				}
				if len(seen) != 5 {
					t.Errorf("%s shows %d tickets on its pages", q.Sort, len(seen))
				}
			}
		}
	})
}
