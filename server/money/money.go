// Package money reads and writes amounts exactly: whole hundredths of a
// currency unit, never a binary fraction.
package money

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Currencies are those that forms offer; any of ISO 4217 may be used.
func Currencies() []string { return []string{"CAD", "EUR", "GBP", "USD", "CHF", "AUD", "NZD"} }

var errAmount = errors.New("not an amount of money")

// Parse reads an amount as people write it: 1234, 1234.5, 1234,50, 1,234.50,
// 1 234,50. The last point or comma parts the hundredths off when at most two
// digits follow it; three digits after the only one are thousands.
func Parse(text string) (cents int64, err error) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "").Replace(strings.TrimSpace(text))
	whole, rest := text, ""
	if at := strings.LastIndexAny(text, ".,"); at >= 0 && len(text)-at-1 <= 2 {
		whole, rest = text[:at], text[at+1:]
	}
	if !grouped(whole) {
		return 0, errAmount
	}
	digits := strings.NewReplacer(".", "", ",", "").Replace(whole) + (rest + "00")[:2]
	if len(digits) == 2 && rest == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errAmount
	}
	cents, err = strconv.ParseInt(digits, 10, 64)
	if err != nil || cents > math.MaxInt64/2 {
		return 0, errAmount
	}
	return cents, nil
}

// grouped reports whether the points or commas in a whole number, all of one
// sort, stand before each three digits.
func grouped(whole string) bool {
	for _, sign := range []string{".", ","} {
		if !strings.Contains(whole, sign) {
			continue
		}
		groups := strings.Split(whole, sign)
		for i, group := range groups {
			if i == 0 && (group == "" || len(group) > 3) || i > 0 && len(group) != 3 {
				return false
			}
		}
		return !strings.ContainsAny(strings.ReplaceAll(whole, sign, ""), ".,")
	}
	return true
}

// Format writes an amount for programs and files: 1234.50.
func Format(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	rest := strconv.FormatInt(cents%100, 10)
	return sign + strconv.FormatInt(cents/100, 10) + "." + strings.Repeat("0", 2-len(rest)) + rest
}

// Currency reads a code of ISO 4217, whatever its case.
func Currency(text string) (string, error) {
	unit, err := currency.ParseISO(strings.TrimSpace(text))
	if err != nil {
		return "", errors.New("not a currency")
	}
	return unit.String(), nil
}
