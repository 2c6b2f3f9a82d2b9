package report

import (
	"fmt"
	"time"
)

// Date is a calendar day without time or zone, YYYY-MM-DD. The empty date is
// "not known".
type Date string

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Check reports whether d is a day that exists.
func (d Date) Check() error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("%q is not a date like 2026-11-19", string(d))
	}
	return nil
}
