package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/server/unit"
)

// ending reads when something ends: "", a date, or a time from now. A date
// ends with its last moment, in UTC.
func ending(text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // never
	}
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		end := date.AddDate(0, 0, 1)
		return &end, nil
	}
	if days, is := strings.CutSuffix(text, "d"); is {
		if count, err := strconv.Atoi(days); err == nil {
			end := now.AddDate(0, 0, count)
			return &end, nil
		}
	}
	if span, err := time.ParseDuration(text); err == nil {
		end := now.Add(span)
		return &end, nil
	}
	return nil, fmt.Errorf("%q is neither a date such as 2027-01-31 nor a time such as 90d or 12h", text)
}

func roleNames() string {
	var names []string
	for _, role := range identity.Roles() {
		names = append(names, string(role))
	}
	return strings.Join(names, ", ")
}

// granted writes grants for a table, such as "helpdesk in Finance".
func granted(grants []identity.Grant, units []unit.Unit) string {
	labels := unit.Labels(units)
	var parts []string
	for _, grant := range grants {
		if grant.Reach.All {
			parts = append(parts, string(grant.Role))
			continue
		}
		parts = append(parts, string(grant.Role)+" in "+labels[grant.UnitID])
	}
	return strings.Join(parts, ", ")
}
