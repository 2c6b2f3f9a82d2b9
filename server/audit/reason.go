package audit

import "context"

type reasonKey struct{}

// WithReason gives a context in which everything recorded carries the reason
// that the actor gave for it, as the field "reason" of what came after.
func WithReason(ctx context.Context, reason string) context.Context {
	return context.WithValue(ctx, reasonKey{}, reason)
}

// explained adds the reason of ctx, if any, to the fields of what came after.
func explained(ctx context.Context, after Fields) Fields {
	reason, given := ctx.Value(reasonKey{}).(string)
	if !given {
		return after
	}
	with := Fields{"reason": reason}
	for name, value := range after {
		with[name] = value
	}
	return with
}
