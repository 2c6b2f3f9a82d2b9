package ui

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"holdfast/server/audit"
	"holdfast/server/fault"
)

const reasonLimit = 500 // characters

// Confirm is what a page says before something that cannot be undone.
type Confirm struct {
	Action       string   // path to post to
	Do           string   // the deed, as its button names it
	Consequences []string // what happens, one sentence each
	Back         string   // path to go back to
}

// WithReason does something that cannot be undone, with the reason that the
// form asks for on the record. Fault: Invalid without a reason.
func WithReason(c *gin.Context, values url.Values, do func() error) error {
	reason := strings.Join(strings.Fields(values.Get("reason")), " ")
	switch {
	case reason == "":
		return fault.NewInvalid(fault.Field{Name: "reason", Key: "fault.field.reason"})
	case utf8.RuneCountInString(reason) > reasonLimit:
		return fault.NewInvalid(fault.Field{Name: "reason", Key: "fault.field.too_long", Args: fault.Args{"Limit": reasonLimit}})
	}
	c.Request = c.Request.WithContext(audit.WithReason(c.Request.Context(), reason))
	return do()
}
