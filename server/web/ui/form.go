package ui

import (
	"context"
	"net/url"

	"holdfast/server/fault"
	"holdfast/server/web/i18n"
)

// Form is what a person typed, and what is wrong with it.
type Form struct {
	Values url.Values
	Faults []fault.Field
}

// Wrong gives the form again when err says which fields are wrong, so that
// nothing that was typed is lost. A conflict is shown on top of the form.
func Wrong(values url.Values, err error) (Form, bool) {
	found := fault.Of(err)
	if found == nil {
		return Form{}, false
	}
	switch found.Kind {
	case fault.Invalid:
		return Form{Values: values, Faults: found.Fields}, true
	case fault.Conflict, fault.TooMany:
		return Form{Values: values, Faults: []fault.Field{{Key: found.Key, Args: found.Args}}}, true
	default:
		return Form{}, false
	}
}

// Get gives what was typed into a field.
func (f Form) Get(name string) string { return f.Values.Get(name) }

// wrong says what is wrong with a field, or "".
func (f Form) wrong(ctx context.Context, name string) string {
	for _, field := range f.Faults {
		if field.Name == name {
			return i18n.T(ctx, field.Key, field.Args)
		}
	}
	return ""
}

// Input is one field of a form.
type Input struct {
	Name         string
	Label        string // message key
	Hint         string // message key, or ""
	Type         string // of the input; "text" when empty
	Value        string // unless the form has one
	Autocomplete string
	Optional     bool
	Focus        bool
	Limit        int
	Mono         bool
	List         string // id of a datalist that proposes values, if there is one
}

func (i Input) kind() string {
	if i.Type == "" {
		return "text"
	}
	return i.Type
}

func (i Input) described(ctx context.Context, form Form) string {
	var ids string
	if i.Hint != "" {
		ids = "hint-" + i.Name
	}
	if form.wrong(ctx, i.Name) != "" {
		ids += " wrong-" + i.Name
	}
	return ids
}

func (i Input) value(form Form) string {
	if i.Type == "password" {
		return ""
	}
	if form.Values.Has(i.Name) {
		return form.Values.Get(i.Name)
	}
	return i.Value
}

// wordsOf gives the values of a fault with what people know by another name.
func wordsOf(ctx context.Context, found *fault.Fault) i18n.Args {
	args := i18n.Args{}
	for name, value := range found.Args {
		args[name] = value
	}
	if permission, is := found.Args["Permission"].(string); is {
		args["Permission"] = i18n.T(ctx, "permission."+permission)
	}
	return args
}
