package help

import (
	"context"
	"fmt"
	"strings"

	"holdfast/server/health"
	"holdfast/server/web/i18n"
)

// checks lists the checks as they come: what each finds, and its limits.
func checks(ctx context.Context) (string, error) {
	var page strings.Builder
	fmt.Fprintf(&page, "| %s | %s | %s | %s |\n|---|---|---|---|\n", i18n.T(ctx, "checks.name"), i18n.T(ctx, "help.meaning"),
		i18n.T(ctx, "checks.warn"), i18n.T(ctx, "checks.crit"))
	for _, check := range health.Checks() {
		limit := func(l *health.Limit) string {
			if l == nil {
				return ""
			}
			measured := func(value float64) string {
				return i18n.T(ctx, "check.unit."+string(check.Unit), i18n.Args{"Value": i18n.Decimal(ctx, value, 2)})
			}
			return i18n.T(ctx, "checks.raise_clear", i18n.Args{"Raise": measured(l.Raise), "Clear": measured(l.Clear)})
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", i18n.T(ctx, "check."+check.ID+".title"), i18n.T(ctx, "check."+check.ID+".what"),
			limit(check.Limits.Warn), limit(check.Limits.Crit))
	}
	return page.String(), nil
}
