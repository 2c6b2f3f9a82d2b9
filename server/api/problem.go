package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/route"
)

type contextKey int

const languageKey contextKey = iota

// withLanguage puts the language of the reader into the context.
func (a *API) withLanguage(ctx huma.Context, next func(huma.Context)) {
	next(huma.WithValue(ctx, languageKey, a.language(ctx.Context(), ctx.Header("Accept-Language"))))
}

// language is what the request asks for, else what the account says.
func (a *API) language(ctx context.Context, header string) string {
	if locale := identity.ActorOf(ctx).Locale; header == "" && locale != "" {
		return locale
	}
	return a.texts.Accepted(header)
}

func languageOf(ctx context.Context) string {
	language, _ := ctx.Value(languageKey).(string) // "" is the first language
	return language
}

// located says in which part of a request the fields of a fault are.
type located struct {
	error
	place string // "query" or "body"
}

func (l located) Unwrap() error { return l.error }

// Fail answers a request of the API that was refused before its operation.
func (a *API) Fail(c *gin.Context, err error) {
	ctx := context.WithValue(c.Request.Context(), languageKey, a.language(c.Request.Context(), c.GetHeader("Accept-Language")))
	found := a.problem(ctx, err)
	var headers huma.HeadersError
	if errors.As(found, &headers) {
		for name, values := range headers.GetHeaders() {
			c.Header(name, strings.Join(values, ", "))
		}
	}
	var model *huma.ErrorModel
	if !errors.As(found, &model) {
		model = a.model(ctx, &fault.Fault{Key: "fault.internal"}, "")
	}
	body, err := json.Marshal(model)
	if err != nil {
		a.log.ErrorContext(ctx, "problem not written", "error", err)
	}
	c.Data(model.Status, "application/problem+json", body)
	c.Abort()
}

// NotFound answers a request below Prefix for something that does not exist.
func (a *API) NotFound(c *gin.Context) { a.Fail(c, fault.NewMissing("page")) }

// problem is what the reader learns of an error.
func (a *API) problem(ctx context.Context, err error) error {
	found := fault.Of(err)
	if found == nil {
		if ctx.Err() == nil {
			a.log.ErrorContext(ctx, "request failed", "error", err)
		}
		found = &fault.Fault{Key: "fault.internal"}
	}
	place := "body"
	var where located
	if errors.As(err, &where) {
		place = where.place
	}
	model := a.model(ctx, found, place)
	headers := http.Header{}
	if found.RetryAfter > 0 {
		headers.Set("Retry-After", strconv.Itoa(int(found.RetryAfter.Seconds())))
	}
	if found.Kind == fault.SignedOut {
		headers.Set("WWW-Authenticate", `Bearer realm="holdfast"`) // RFC 6750, section 3
	}
	if len(headers) == 0 {
		return model
	}
	return huma.ErrorWithHeaders(model, headers)
}

func (a *API) model(ctx context.Context, found *fault.Fault, place string) *huma.ErrorModel {
	language, status := languageOf(ctx), route.Status(found.Kind)
	model := &huma.ErrorModel{
		Type:   "urn:holdfast:" + found.Key,
		Title:  a.title(language, status),
		Status: status,
		Detail: a.texts.Translate(language, found.Key, a.inWords(language, found.Args)),
	}
	if request := identity.RequestOf(ctx); request != "" {
		model.Instance = "urn:request:" + request
	}
	for _, field := range found.Fields {
		model.Errors = append(model.Errors, &huma.ErrorDetail{
			Location: place + "." + field.Name,
			Message:  a.texts.Translate(language, field.Key, field.Args),
		})
	}
	return model
}

// inWords names a permission as people do, not by its code.
func (a *API) inWords(language string, args fault.Args) fault.Args {
	permission, is := args["Permission"].(string)
	if !is {
		return args
	}
	written := maps.Clone(args)
	written["Permission"] = a.texts.Translate(language, "permission."+permission, nil)
	return written
}

func (a *API) title(language string, status int) string {
	return a.texts.Translate(language, "problem."+strconv.Itoa(status), nil)
}

// foreign is what huma says of bodies and parameters that do not fit the
// document, with the message that says it in our words.
//
//nolint:gochecknoglobals // a constant in disguise
var foreign = []struct {
	text *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^expected required property (.+) to be present$`), "problem.field.required"},
	{regexp.MustCompile(`^required (?:path|query|header|cookie) parameter is missing$`), "problem.field.required"},
	{regexp.MustCompile(`^unexpected property$`), "problem.field.unknown"},
	{regexp.MustCompile(`^expected string to be RFC 3339`), "problem.field.time"},
	{regexp.MustCompile(`^expected string to be RFC (?:4122|9562) uuid`), "problem.field.uuid"},
	{regexp.MustCompile(`^(?:expected|invalid) (string|boolean|number|integer|float|array|object)`), "problem.field.type"},
	{regexp.MustCompile(`^expected value to be one of "(.*)"$`), "problem.field.choice"},
}

// translated puts what huma itself has to say into the reader's language.
func (a *API) translated(ctx huma.Context, _ string, body any) (any, error) {
	model, is := body.(*huma.ErrorModel)
	if !is || model.Type != "" {
		return body, nil // ours already
	}
	language := languageOf(ctx.Context())
	key := "problem.request"
	if model.Status == http.StatusUnprocessableEntity {
		key = "fault.invalid"
	}
	if model.Status >= http.StatusInternalServerError {
		a.log.ErrorContext(ctx.Context(), "request failed", "error", model.Detail)
		key, model.Errors = "fault.internal", nil
	}
	if model.Status == http.StatusRequestEntityTooLarge {
		key = "fault.too_large"
	}
	model.Type = "urn:holdfast:" + key
	model.Title = a.title(language, model.Status)
	model.Detail = a.texts.Translate(language, key, fault.Args{"Limit": ctx.Operation().MaxBodyBytes})
	for _, each := range model.Errors {
		message := "problem.field.wrong"
		_, name, _ := strings.Cut(each.Location, ".")
		args := fault.Args{"Value": each.Message}
		for _, known := range foreign {
			if match := known.text.FindStringSubmatch(each.Message); match != nil {
				message = known.key
				args["Value"] = name
				if len(match) > 1 {
					args["Value"] = match[1]
				}
				break
			}
		}
		each.Message, each.Value = a.texts.Translate(language, message, args), nil
	}
	return model, nil
}

// maxBody is the most that an operation reads, in bytes.
const maxBody = 64 << 10

func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
