// Package fault is the vocabulary of errors that a user may see. Everything
// else is internal: it is logged at the edge, and its text reaches nobody.
//
// A fault carries message keys, never sentences; pages and the API translate
// them for the reader.
package fault

import (
	"errors"
	"strings"
	"time"
)

// Kind says what went wrong, in the few ways that callers react to.
type Kind int

// The kinds of faults.
const (
	Missing     Kind = iota + 1 // there is no such thing, or not for this reader
	Conflict                    // it cannot be done in the present state
	Invalid                     // the input breaks a rule; Fields says which
	Denied                      // the actor may not do this
	SignedOut                   // nobody is signed in, or the credential is not valid
	TooLarge                    // the input is larger than what is taken
	TooMany                     // too often; RetryAfter says when to come back
	Unavailable                 // not now; RetryAfter says when to come back
)

// Args are the values that a message names.
type Args map[string]any

// Field is one input that breaks a rule.
type Field struct {
	Name string // as the caller sent it, such as "expires_at" or "sections[2].name"
	Key  string // message key that says what is wrong and what to do
	Args Args
}

// Fault is an error that a user may see.
type Fault struct {
	Kind       Kind
	Key        string // message key
	Args       Args
	Fields     []Field
	RetryAfter time.Duration
}

// Error implements error, for logs.
func (f *Fault) Error() string {
	parts := []string{f.Key}
	for _, field := range f.Fields {
		parts = append(parts, field.Name+": "+field.Key)
	}
	return strings.Join(parts, "; ")
}

// Is makes errors.Is(err, &Fault{Kind: Missing}) ask for the kind alone.
func (f *Fault) Is(target error) bool {
	var other *Fault
	return errors.As(target, &other) && other.Key == "" && other.Kind == f.Kind
}

// Of gives the fault in err's chain, or nil when err is internal.
func Of(err error) *Fault {
	var found *Fault
	if errors.As(err, &found) {
		return found
	}
	return nil
}

// Is reports whether err is a fault of this kind.
func Is(err error, kind Kind) bool {
	found := Of(err)
	return found != nil && found.Kind == kind
}

// NewMissing says that there is no thing of this kind, such as "device".
func NewMissing(thing string) *Fault {
	return &Fault{Kind: Missing, Key: "fault.missing." + thing}
}

// NewConflict says that it cannot be done in the present state.
func NewConflict(key string, args Args) *Fault { return &Fault{Kind: Conflict, Key: key, Args: args} }

// NewInvalid says which inputs break a rule.
func NewInvalid(fields ...Field) *Fault {
	return &Fault{Kind: Invalid, Key: "fault.invalid", Fields: fields}
}

// NewDenied says that the actor lacks a permission, such as "devices.read".
func NewDenied(permission string) *Fault {
	return &Fault{Kind: Denied, Key: "fault.denied", Args: Args{"Permission": permission}}
}

// NewSignedOut says that the credential is missing or not valid.
func NewSignedOut() *Fault { return &Fault{Kind: SignedOut, Key: "fault.signed_out"} }

// NewTooLarge says that the input is larger than limit bytes.
func NewTooLarge(limit int64) *Fault {
	return &Fault{Kind: TooLarge, Key: "fault.too_large", Args: Args{"Limit": limit}}
}

// NewTooMany says to come back after a while.
func NewTooMany(after time.Duration) *Fault {
	return &Fault{Kind: TooMany, Key: "fault.too_many", Args: Args{"Seconds": int(after.Seconds())}, RetryAfter: after}
}

// NewUnavailable says that the server cannot do it now.
func NewUnavailable(after time.Duration) *Fault {
	return &Fault{Kind: Unavailable, Key: "fault.unavailable", RetryAfter: after}
}
