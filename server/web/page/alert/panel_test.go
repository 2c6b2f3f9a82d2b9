package alert

import (
	"context"
	"strings"
	"testing"

	"holdfast/server/health"
	"holdfast/server/web/i18n"
)

const gib = 1 << 30

func volume() health.Volume {
	return health.Volume{Mount: "C:", Samples: []health.Sample{{Day: 100, Free: 40 * gib, Size: 200 * gib}, {Day: 104, Free: 10 * gib, Size: 200 * gib}}}
}

func TestLineIsDrawnInStepsUpToToday(t *testing.T) {
	s := seriesOf(volume(), 105)
	if len(s.free) != 6 || s.free[3] != 40*gib || s.free[4] != 10*gib {
		t.Fatalf("%+v", s)
	}
	if got, want := s.line(), "M0 2.0H20.0H40.0H60.0H80.0V20.0H100.0H120.0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	ctx := i18n.WithLocale(context.Background(), i18n.Locale{Language: i18n.English})
	if got := s.words(ctx); !strings.Contains(got, "from 40\u00a0GB to 10\u00a0GB") || !strings.Contains(got, "6 days") {
		t.Error(got)
	}
	if rows := s.grid(ctx).Rows; len(rows) != 2 {
		t.Errorf("the table has %d rows, want one for each change", len(rows))
	}
}

func TestLongPastIsLeftOut(t *testing.T) {
	if s := seriesOf(volume(), 300); len(s.free) != mostDays || s.free[0] != 10*gib {
		t.Errorf("%d days from %d", len(s.free), s.free[0])
	}
}

func TestBadFindingsComeFirstTheWorstAhead(t *testing.T) {
	bad, rest := split([]health.Finding{{Check: "a", Level: health.OK}, {Check: "b", Level: health.Warn}, {Check: "c", Level: health.Unknown}, {Check: "d", Level: health.Crit}})
	if len(bad) != 2 || bad[0].Check != "d" || bad[1].Check != "b" || len(rest) != 2 || rest[0].Check != "c" {
		t.Errorf("%+v %+v", bad, rest)
	}
}
