package api

import (
	"time"

	"holdfast/server/fault"
	"holdfast/server/money"
	"holdfast/shared/id"
)

// What a PATCH leaves out stays as it is, and an empty text is none.

func set[T any](from, into *T) {
	if from != nil {
		*into = *from
	}
}

func setID[T any](text *string, name string, into *id.Of[T]) []fault.Field {
	if text == nil {
		return nil
	}
	if err := into.UnmarshalText([]byte(*text)); err != nil {
		return []fault.Field{{Name: name, Key: "problem.field.uuid"}}
	}
	return nil
}

func setDay(text *string, name string, into *time.Time) []fault.Field {
	switch {
	case text == nil:
		return nil
	case *text == "":
		*into = time.Time{}
		return nil
	}
	day, err := time.Parse(time.DateOnly, *text)
	if err != nil {
		return []fault.Field{{Name: name, Key: "fault.field.date"}}
	}
	*into = day
	return nil
}

func setCost(text *string, into **int64) []fault.Field {
	if text == nil {
		return nil
	}
	*into = nil
	if *text == "" {
		return nil
	}
	cents, err := money.Parse(*text)
	if err != nil {
		return []fault.Field{{Name: "cost", Key: "fault.field.money"}}
	}
	*into = &cents
	return nil
}
