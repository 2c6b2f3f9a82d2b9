package i18n

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// group writes a whole number with the separators of the language. French has
// U+202F in CLDR; U+00A0 looks the same and is in every font.
func group(read *catalogue, value any) string {
	return strings.ReplaceAll(read.printer.Sprint(number.Decimal(value)), "\u202f", nbsp)
}

// Number writes a whole number.
func Number[N int | int32 | int64](ctx context.Context, value N) string {
	return group(loaded[LocaleOf(ctx).Language], int64(value))
}

// Decimal writes a number with at most so many digits after the point.
func Decimal(ctx context.Context, value float64, digits int) string {
	read := loaded[LocaleOf(ctx).Language]
	return strings.ReplaceAll(read.printer.Sprint(number.Decimal(value, number.MaxFractionDigits(digits))), "\u202f", nbsp)
}

// Amount writes an amount of money, given in hundredths, without its currency.
func Amount(ctx context.Context, cents int64) string {
	lang := LocaleOf(ctx).Language
	sign, point := "", "."
	if lang == French {
		point = ","
	}
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return sign + group(loaded[lang], cents/100) + point + fmt.Sprintf("%02d", cents%100)
}

// Percent writes a share such as 0.41 as "41 %".
func Percent(ctx context.Context, share float64) string {
	return Decimal(ctx, share*100, 0) + nbsp + "%"
}

// Bytes writes a size of memory or of a file system, as operating systems
// count it: a GB is 1,024 MB.
func Bytes(ctx context.Context, size int64) string { return bytes(ctx, float64(size), 1024) }

// DriveBytes writes the size of a drive, as makers count it: a GB is 1,000 MB.
func DriveBytes(ctx context.Context, size int64) string { return bytes(ctx, float64(size), 1000) }

func bytes(ctx context.Context, size, step float64) string {
	units := strings.Split(T(ctx, "unit.bytes"), " ") // B kB MB GB TB PB
	at := 0
	for size >= step && at < len(units)-1 {
		size /= step
		at++
	}
	digits := 0
	if at >= 3 && size < 10 || at >= 4 && size < 100 {
		digits = 1
	}
	return Decimal(ctx, size, digits) + nbsp + units[at]
}

// Date writes a day: 14 Mar 2027, 14 mars 2027.
func Date(ctx context.Context, when time.Time) string {
	if when.IsZero() {
		return ""
	}
	locale := LocaleOf(ctx)
	return day(locale.Language, when.In(locale.Zone))
}

// Day writes a calendar day that is the same in every zone, from its
// YYYY-MM-DD form. What is no such day is given back as it is.
func Day(ctx context.Context, date string) string {
	when, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day(LocaleOf(ctx).Language, when)
}

func day(lang Language, when time.Time) string {
	name := loaded[lang].months[when.Month()-1]
	number := strconv.Itoa(when.Day())
	if lang == French && when.Day() == 1 {
		number = "1er"
	}
	return number + nbsp + name + " " + strconv.Itoa(when.Year())
}

// Clock writes the time of day: 13:14, 13 h 14.
func Clock(ctx context.Context, when time.Time) string {
	locale := LocaleOf(ctx)
	local := when.In(locale.Zone)
	if locale.Language == French {
		return fmt.Sprintf("%d%sh%s%02d", local.Hour(), nbsp, nbsp, local.Minute())
	}
	return local.Format("15:04")
}

// DateTime writes a day and the time of day.
func DateTime(ctx context.Context, when time.Time) string {
	if when.IsZero() {
		return ""
	}
	return Date(ctx, when) + ", " + Clock(ctx, when)
}

// Ago writes how long ago something was, or its day when that is long ago or
// lies ahead.
func Ago(ctx context.Context, when time.Time) string {
	const oneDay = 24 * time.Hour
	passed := LocaleOf(ctx).Now.Sub(when)
	switch {
	case when.IsZero():
		return ""
	case passed < -time.Minute, passed > 60*oneDay:
		return Date(ctx, when)
	case passed < time.Minute:
		return T(ctx, "ago.now")
	case passed < time.Hour:
		return Count(ctx, "ago.minutes", int(passed/time.Minute))
	case passed < oneDay:
		return Count(ctx, "ago.hours", int(passed/time.Hour))
	}
	return Count(ctx, "ago.days", int(passed/oneDay))
}
