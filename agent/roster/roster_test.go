package roster_test

import (
	"slices"
	"testing"

	"holdfast/agent/collect"
	"holdfast/agent/roster"
	"holdfast/shared/report"
)

func TestCollectorsStandInTheOrderOfTheReport(t *testing.T) {
	var order []string
	for _, section := range report.All() {
		order = append(order, section.Name())
	}
	last := -1
	for _, collector := range roster.All(roster.Options{}) {
		at := slices.Index(order, collector.Section())
		if at < 0 {
			t.Errorf("there is no section %q", collector.Section())
		}
		if at <= last {
			t.Errorf("%q stands out of order", collector.Section())
		}
		last = at
	}
}

func TestUserIsLeftOutWhereAsked(t *testing.T) {
	for _, collector := range roster.All(roster.Options{WithoutUser: true}) {
		if collector.Section() == "user" {
			t.Error("the user section is collected")
		}
	}
	isUser := func(c collect.Collector) bool { return c.Section() == "user" }
	if !slices.ContainsFunc(roster.All(roster.Options{}), isUser) {
		t.Error("the user section is not collected where nobody asked to leave it out")
	}
}
