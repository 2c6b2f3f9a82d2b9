package list

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/server/fault"
	"holdfast/server/money"
)

func bad(key, value string) *fault.Field {
	return &fault.Field{Key: "fault.list." + key, Args: fault.Args{"Value": value}}
}

func readFlag(text string) (truth bool, wrong *fault.Field) {
	switch strings.ToLower(text) {
	case "yes", "true", "1":
		return true, nil
	case "no", "false", "0":
		return false, nil
	}
	return false, bad("bad_flag", text)
}

func readNumber(text string) (int64, *fault.Field) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, bad("bad_number", text)
	}
	return number, nil
}

func readMoney(text string) (int64, *fault.Field) {
	cents, err := money.Parse(text)
	if err != nil {
		return 0, bad("bad_money", text)
	}
	return cents, nil
}

// readBytes reads a size: a number of bytes, or with a unit. kB to TB count
// in thousands, as drives are sold; KiB to TiB in 1,024s, as memory is made.
func readBytes(text string) (int64, *fault.Field) {
	digits := strings.TrimRight(text, "kKMGTiBb \u00a0")
	number, err := strconv.ParseFloat(strings.Replace(digits, ",", ".", 1), 64)
	if err != nil || number < 0 || math.IsInf(number, 0) || math.IsNaN(number) {
		return 0, bad("bad_bytes", text)
	}
	factor := map[string]float64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(text, digits)))]
	if factor == 0 || number*factor > math.MaxInt64/2 {
		return 0, bad("bad_bytes", text)
	}
	return int64(number * factor), nil
}

func readUUID(text string) (string, *fault.Field) {
	parsed, err := uuid.Parse(text)
	if err != nil {
		return "", bad("bad_uuid", text)
	}
	return parsed.String(), nil
}

// readTime reads a day, an instant or an age. For a day until is its end, and
// zero otherwise.
func readTime(text string, at moment) (from, until time.Time, wrong *fault.Field) {
	if text == "now" {
		return at.now, time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, at.zone); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	if when, err := time.Parse(time.RFC3339, text); err == nil {
		return when, time.Time{}, nil
	}
	if when, ok := readAge(text, at.now); ok {
		return when, time.Time{}, nil
	}
	return time.Time{}, time.Time{}, bad("bad_time", text)
}

// readAge reads -14d, 14 days ago, or +30d, in 30 days.
func readAge(text string, now time.Time) (time.Time, bool) {
	const most = 10_000
	if len(text) < 3 || text[0] != '-' && text[0] != '+' {
		return time.Time{}, false
	}
	number, err := strconv.Atoi(text[1 : len(text)-1])
	if err != nil || number < 0 || number > most {
		return time.Time{}, false
	}
	if text[0] == '-' {
		number = -number
	}
	switch text[len(text)-1] {
	case 'h':
		return now.Add(time.Duration(number) * time.Hour), true
	case 'd':
		return now.AddDate(0, 0, number), true
	case 'w':
		return now.AddDate(0, 0, 7*number), true
	case 'm':
		return now.AddDate(0, number, 0), true
	case 'y':
		if number < -100 || number > 100 {
			return time.Time{}, false
		}
		return now.AddDate(number, 0, 0), true
	}
	return time.Time{}, false
}
