package money_test

import (
	"testing"

	"holdfast/server/money"
)

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "0.00": 0, "7": 700, "1234": 123400, "1234.5": 123450, "1234,50": 123450, "1,234.50": 123450,
		"1 234,50": 123450, "1\u00a0234,50": 123450, "1.234,50": 123450, "1'234.50": 123450, "1,234": 123400,
		"1,234,567": 123456700, ".50": 50, "12.": 1200,
	} {
		got, err := money.Parse(text)
		if err != nil || got != want {
			t.Errorf("%q is read as %d, %v instead of %d", text, got, err, want)
		}
	}
}

func TestWhatIsNoAmountIsRefused(t *testing.T) {
	for _, text := range []string{"", "-5", "1.2.3", "12,34,56", "1,23.4,5", "free", "1e3", "$5", ",", "99999999999999999999"} {
		if got, err := money.Parse(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestAmountsAreWrittenExactly(t *testing.T) {
	for cents, want := range map[int64]string{0: "0.00", 5: "0.05", 123450: "1234.50", -150: "-1.50"} {
		if got := money.Format(cents); got != want {
			t.Errorf("%d is written %q instead of %q", cents, got, want)
		}
	}
}
