package ui

import (
	"context"
	"slices"
	"strings"

	"holdfast/server/list"
	"holdfast/server/web/i18n"
)

func withoutText(q list.Query) list.Query {
	q.Text, q.Cursor = "", ""
	return q
}

// sentence writes the filters of a list as a sentence, for a list that has
// nothing to show.
func (l List) sentence(ctx context.Context) string {
	var parts []string
	if l.Query.Text != "" {
		parts = append(parts, i18n.T(ctx, "filter.any")+" "+l.Query.Text)
	}
	for _, filter := range l.Query.Filters {
		parts = append(parts, strings.TrimSpace(l.label(ctx, filter.Key)+" "+l.relation(ctx, filter)+" "+l.values(ctx, filter)))
	}
	return strings.Join(parts, ", ")
}

// relations lists what can be asked of a field, as the form sends it, with
// the message key of each.
func relations(field list.Field) []Choice {
	var found []Choice
	switch {
	case field.Match != nil, field.Kind == list.Enum, field.Kind == list.UUID:
		found = []Choice{{"matches", "filter.enum.matches"}, {"not", "filter.enum.not"}}
	case field.Kind == list.Flag:
		found = []Choice{{"matches", "filter.enum.matches"}}
	case number(field.Kind):
		found = []Choice{{"from", "filter.number.from"}, {"to", "filter.number.to"}, {"matches", "filter.number.matches"}}
	case field.Kind == list.Time, field.Kind == list.Date:
		found = []Choice{{"from", "filter.time.from"}, {"to", "filter.time.to"}}
	default:
		found = []Choice{{"matches", "filter.text.matches"}, {"is", "filter.is"}, {"not", "filter.text.not"}}
	}
	if field.Nullable {
		found = append(found, Choice{"unknown", "filter.unknown"})
	}
	return found
}

// choices gives the values that a filter can have, when they are few.
func (l List) choices(ctx context.Context, field list.Field) []Choice {
	if given := l.Choices[field.Key]; len(given) > 0 {
		return given
	}
	if field.Kind == list.Flag {
		return []Choice{{"yes", i18n.T(ctx, "answer.yes")}, {"no", i18n.T(ctx, "answer.no")}}
	}
	choices := make([]Choice, len(field.Values))
	for i, value := range field.Values {
		choices[i] = Choice{value, EnumWord(ctx, l.Name, field.Key, value)}
	}
	return choices
}

func (l List) has(key, relation string) bool {
	if relation == "matches" {
		relation = ""
	}
	_, found := l.Query.Filter(key, list.Relation(relation))
	return found
}

func (l List) looksFor(key, value string) bool {
	return slices.ContainsFunc(l.Query.Filters, func(filter list.Filter) bool {
		return filter.Key == key && slices.Contains(filter.Values, value)
	})
}

func (l List) lookedFor(key string) string {
	for _, filter := range l.Query.Filters {
		if filter.Key == key && filter.Relation != list.Known {
			return strings.Join(filter.Values, ", ")
		}
	}
	return ""
}
