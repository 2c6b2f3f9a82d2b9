package calendar_test

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"holdfast/server/calendar"
)

// office is open from Monday to Friday, 8 to 12 and 13 to 17.
func office(t *testing.T, zone string) *calendar.Calendar {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	c := &calendar.Calendar{Zone: location, Holidays: map[calendar.Day]string{}}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Hours[day] = []calendar.Span{{Opens: 8 * 60, Closes: 12 * 60}, {Opens: 13 * 60, Closes: 17 * 60}}
	}
	return c
}

// always is open day and night.
func always(t *testing.T, zone string) *calendar.Calendar {
	t.Helper()
	c := office(t, zone)
	for day := range c.Hours {
		c.Hours[day] = []calendar.Span{{Opens: 0, Closes: calendar.MinutesOfDay}}
	}
	return c
}

func moment(t *testing.T, c *calendar.Calendar, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWorkEndsWithinOpenHours(t *testing.T) {
	c := office(t, "America/Toronto")
	c.Holidays[c.Of(moment(t, c, "2026-12-25 10:00"))] = "Christmas Day"
	for _, step := range []struct {
		from string
		work time.Duration
		want string
	}{
		{"2026-11-19 09:14", 30 * time.Minute, "2026-11-19 09:44"},
		{"2026-11-19 11:45", 30 * time.Minute, "2026-11-19 13:15"}, // over lunch
		{"2026-11-19 16:30", 4 * time.Hour, "2026-11-20 11:30"},    // over night
		{"2026-11-20 16:30", 4 * time.Hour, "2026-11-23 11:30"},    // over the weekend
		{"2026-11-21 03:00", time.Hour, "2026-11-23 09:00"},        // opened on a Saturday
		{"2026-11-19 08:00", 8 * time.Hour, "2026-11-19 17:00"},    // ends as the day does
		{"2026-12-24 16:00", 2 * time.Hour, "2026-12-28 09:00"},    // over a holiday and a weekend
		{"2026-11-19 09:14", 0, "2026-11-19 09:14"},
		{"2026-11-19 19:00", 0, "2026-11-20 08:00"},
	} {
		from, want := moment(t, c, step.from), moment(t, c, step.want)
		if got := c.Add(from, step.work); !got.Equal(want) {
			t.Errorf("%s and %s is %s, want %s", step.from, step.work, got.In(c.Zone), want)
		}
		if got := c.Between(from, want); got != step.work {
			t.Errorf("between %s and %s lie %s, want %s", step.from, step.want, got, step.work)
		}
	}
}

func TestChangedClocksAreReckonedAsTheyPass(t *testing.T) {
	c := always(t, "America/Toronto")
	// Clocks go forward on 8 March 2026 at 2 and back on 1 November at 2.
	for _, day := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-03-08 00:00", "2026-03-09 00:00", 23 * time.Hour},
		{"2026-11-01 00:00", "2026-11-02 00:00", 25 * time.Hour},
		{"2026-11-02 00:00", "2026-11-03 00:00", 24 * time.Hour},
	} {
		if got := c.Between(moment(t, c, day.from), moment(t, c, day.to)); got != day.want {
			t.Errorf("from %s to %s pass %s, want %s", day.from, day.to, got, day.want)
		}
	}
	// An office that is open from 8 to 17 has the same hours on either day.
	o := office(t, "America/Toronto")
	o.Hours[time.Sunday] = o.Hours[time.Monday]
	if got := o.Between(moment(t, o, "2026-03-08 00:00"), moment(t, o, "2026-03-09 00:00")); got != 8*time.Hour {
		t.Errorf("the office is open for %s", got)
	}
}

func TestDayIsThatOfTheCalendar(t *testing.T) {
	c := office(t, "Pacific/Auckland")
	at := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC) // Monday 09:30 there
	if !c.Open(at) {
		t.Error("closed on Monday morning")
	}
	c.Holidays[c.Of(at)] = "Anniversary"
	if c.Open(at) || c.Of(at).Date().Day() != 23 {
		t.Errorf("open on a holiday, %s", c.Of(at).Date())
	}
}

func TestCalendarThatIsNeverOpenEnds(t *testing.T) {
	var c calendar.Calendar
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := c.Add(from, time.Hour); got.Year() < 2045 {
		t.Errorf("work would end at %s", got)
	}
	if got := c.Between(from, from.AddDate(1, 0, 0)); got != 0 {
		t.Errorf("%s of work in a year", got)
	}
}

func TestAddAndBetweenAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, zone := range []string{"America/Toronto", "Europe/Paris", "Australia/Lord_Howe", "UTC"} {
		for _, c := range []*calendar.Calendar{office(t, zone), always(t, zone)} {
			for range 500 {
				from := time.Unix(1.7e9+random.Int64N(1e8), 0).UTC()
				work := time.Duration(1+random.Int64N(100_000)) * time.Second
				end := c.Add(from, work)
				if got := c.Between(from, end); got != work {
					t.Fatalf("%s: from %s, %s of work end at %s, but %s lie between", zone, from, work, end, got)
				}
				middle := from.Add(time.Duration(random.Int64N(int64(end.Sub(from)) + 1)))
				if got := c.Between(from, middle) + c.Between(middle, end); got != work {
					t.Fatalf("%s: parts from %s over %s to %s are %s, not %s", zone, from, middle, end, got, work)
				}
			}
		}
	}
}
