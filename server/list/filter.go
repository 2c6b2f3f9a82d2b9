package list

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"holdfast/server/fault"
)

// moment is when and where a filter is meant.
type moment struct {
	now  time.Time
	zone *time.Location
}

// clause turns a filter into SQL, or says which value is wrong.
func (f *Field) clause(filter Filter, at moment) (Clause, *fault.Field) {
	switch filter.Relation {
	case Known:
		return f.known(filter)
	case From, To:
		return f.bound(filter, at)
	case Matches, Is, Not:
	default:
		return Clause{}, f.badRelation(filter)
	}
	if filter.Relation == Is && f.Kind == Time {
		return Clause{}, f.badRelation(filter)
	}
	clauses := make([]Clause, 0, len(filter.Values))
	for _, value := range filter.Values {
		clause, wrong := f.equals(value, filter.Relation == Is, at)
		if wrong != nil {
			return Clause{}, wrong
		}
		clauses = append(clauses, clause)
	}
	matched := Any(clauses...)
	if filter.Relation != Not {
		return matched, nil
	}
	matched.SQL = "NOT (" + matched.SQL + ")"
	if f.Nullable && f.Match == nil {
		matched.SQL = f.SQL + " IS NULL OR " + matched.SQL
	}
	return matched, nil
}

func (f *Field) known(filter Filter) (Clause, *fault.Field) {
	known, wrong := readFlag(filter.Values[0])
	switch {
	case wrong != nil:
		return Clause{}, wrong
	case !f.Nullable && known:
		return Where("1 = 1"), nil
	case !f.Nullable:
		return Where("1 = 0"), nil
	case known:
		return Where(f.SQL + " IS NOT NULL"), nil
	}
	return Where(f.SQL + " IS NULL"), nil
}

// equals is one value of a filter that is not a bound.
func (f *Field) equals(value string, exact bool, at moment) (Clause, *fault.Field) {
	if f.Match != nil {
		return f.Match(value), nil
	}
	switch f.Kind {
	case Text, IP, MAC:
		if exact {
			return Where(f.SQL+" = ?", value), nil
		}
		return Contains(f.SQL, value), nil
	case Enum:
		return f.oneOf(value)
	case Flag:
		truth, wrong := readFlag(value)
		return Where(f.SQL+" = ?", truth), wrong
	case Number:
		number, wrong := readNumber(value)
		return Where(f.SQL+" = CAST(? AS bigint)", number), wrong
	case Money:
		number, wrong := readMoney(value)
		return Where(f.SQL+" = CAST(? AS bigint)", number), wrong
	case Bytes:
		number, wrong := readBytes(value)
		return Where(f.SQL+" = CAST(? AS bigint)", number), wrong
	case Date, Time:
		from, until, wrong := readTime(value, at)
		if wrong != nil {
			return Clause{}, wrong
		}
		if until.IsZero() { // an instant
			until = from.Add(time.Second)
		}
		return Where(f.SQL+" >= "+f.placeholder()+" AND "+f.SQL+" < "+f.placeholder(), f.bind(from), f.bind(until)), nil
	case UUID:
		text, wrong := readUUID(value)
		return Where(f.SQL+" = ?", text), wrong
	}
	return Clause{}, &fault.Field{Key: "fault.list.bad_relation"}
}

func (f *Field) oneOf(value string) (Clause, *fault.Field) {
	if len(f.Values) > 0 {
		found := false
		for _, known := range f.Values {
			found = found || known == value
		}
		if !found {
			return Clause{}, &fault.Field{Key: "fault.list.bad_value", Args: fault.Args{
				"Value": value, "Known": strings.Join(f.Values, ", "),
			}}
		}
	}
	return Where(f.SQL+" = ?", value), nil
}

// bound is a lower or an upper bound, both included.
func (f *Field) bound(filter Filter, at moment) (Clause, *fault.Field) {
	value, sign := filter.Values[0], " >= "
	if filter.Relation == To {
		sign = " <= "
	}
	switch f.Kind {
	case Number:
		number, wrong := readNumber(value)
		return Where(f.SQL+sign+"CAST(? AS bigint)", number), wrong
	case Money:
		number, wrong := readMoney(value)
		return Where(f.SQL+sign+"CAST(? AS bigint)", number), wrong
	case Bytes:
		number, wrong := readBytes(value)
		return Where(f.SQL+sign+"CAST(? AS bigint)", number), wrong
	case Date, Time:
		when, until, wrong := readTime(value, at)
		if filter.Relation == To && !until.IsZero() { // up to the end of a day
			when, sign = until, " < "
		}
		return Where(f.SQL+sign+f.placeholder(), f.bind(when)), wrong
	case Text, Enum, Flag, IP, MAC, UUID:
	}
	return Clause{}, f.badRelation(filter)
}

func (f *Field) badRelation(filter Filter) *fault.Field {
	return &fault.Field{Key: "fault.list.bad_relation", Args: fault.Args{
		"Value": string(filter.Relation), "Field": f.Key,
	}}
}

func (f *Field) placeholder() string {
	if f.Kind == Date {
		return "CAST(? AS bigint)"
	}
	return "?"
}

// bind gives a time as the column keeps it.
func (f *Field) bind(when time.Time) any {
	if f.Kind == Date {
		year, month, day := when.Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	}
	return when.UTC().Truncate(time.Microsecond)
}

// Contains is the clause that the text of an expression contains a value,
// whatever the case. Both databases fold ASCII letters only, so other letters
// are looked for in either case.
func Contains(expression, value string) Clause {
	var clauses []Clause
	for _, variant := range variants(value) {
		clauses = append(clauses, Where("LOWER("+expression+`) LIKE ? ESCAPE '\'`, "%"+likeText(variant)+"%"))
	}
	return Any(clauses...)
}

func likeText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// variants gives the text with its ASCII letters in lower case, and each of
// its first three other letters in both cases.
func variants(text string) []string {
	const most = 3
	made := []string{""}
	others := 0
	for _, letter := range text {
		lower, upper := unicode.ToLower(letter), unicode.ToUpper(letter)
		split := letter >= utf8.RuneSelf && lower != upper && others < most
		if split {
			others++
			for _, start := range made {
				made = append(made, start+string(upper))
			}
		}
		for i := range made {
			if !split || i < len(made)/2 {
				made[i] += string(lower)
			}
		}
	}
	return made
}
