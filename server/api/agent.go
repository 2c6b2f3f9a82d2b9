package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/intake"
	"holdfast/server/route"
	"holdfast/shared/protocol"
)

// agents is the door for agents, under /agent/v1/ (package protocol). It is
// the busiest there is, so it stands beside huma: bodies are read as bytes and
// answers are a few of them.
type agents struct {
	intake *intake.Service
	texts  Texts
	log    *slog.Logger
	held   atomic.Int64 // bytes of reports that are being received or wait to be stored
}

const (
	maxMessage = 64 << 10  // bytes of a check-in or an enrolment
	maxHeld    = 256 << 20 // bytes of reports at one time; compressed, some ten thousand of them
)

// AgentRoutes gives the routes of the agent protocol. An agent's credential
// was checked by the guard; the intake checks it again where it commits.
func AgentRoutes(service *intake.Service, texts Texts, log *slog.Logger) []route.Route {
	a := &agents{intake: service, texts: texts, log: log}
	post := func(path string, rule identity.Rule, handler func(*gin.Context) error) route.Route {
		return route.Route{Method: http.MethodPost, Path: path, Rule: rule, Handler: func(c *gin.Context) {
			if err := handler(c); err != nil {
				a.fail(c, err)
			}
		}}
	}
	return []route.Route{
		post(protocol.EnrolPath, identity.Public, a.enrol),
		post(protocol.CheckinPath, identity.AgentOnly, a.checkin),
		post(protocol.ReportPath, identity.AgentOnly, a.report),
	}
}

func (a *agents) enrol(c *gin.Context) error {
	body, release, err := message(c)
	if err != nil {
		return err
	}
	defer release()
	asked, err := intake.ReadEnrol(body)
	if err != nil {
		return err
	}
	answer, err := a.intake.Enrol(c.Request.Context(), c.ClientIP(), asked)
	if err != nil {
		return err
	}
	return respond(c, answer)
}

func (a *agents) checkin(c *gin.Context) error {
	body, release, err := message(c)
	if err != nil {
		return err
	}
	defer release()
	asked, err := intake.ReadCheckin(body)
	if err != nil {
		return err
	}
	agent, err := agentOf(c)
	if err != nil {
		return err
	}
	answer, err := a.intake.Checkin(c.Request.Context(), agent, asked)
	if err != nil {
		return err
	}
	if len(answer.Want) == 0 && len(answer.Skip) == 0 && !answer.Resend { // nearly always
		short := append(strconv.AppendInt(append(make([]byte, 0, 32), `{"next":`...), int64(answer.Next), 10), '}')
		c.Data(http.StatusOK, "application/json", short)
		return nil
	}
	return respond(c, answer)
}

func (a *agents) report(c *gin.Context) error {
	agent, err := agentOf(c)
	if err != nil {
		return err
	}
	length := c.Request.ContentLength
	if length < 0 { // it does not say
		length = protocol.MaxReport
	}
	defer a.held.Add(-length)
	if a.held.Add(length) > maxHeld {
		return fault.NewUnavailable(10 * time.Second)
	}
	body, err := read(c, protocol.MaxReport)
	if err != nil {
		return err
	}
	answer, err := a.intake.Report(c.Request.Context(), agent, c.GetHeader("Content-Encoding"), body)
	if err != nil {
		return err
	}
	return respond(c, answer)
}

// agentOf is who the guard let in.
func agentOf(c *gin.Context) (intake.Agent, error) {
	actor := identity.ActorOf(c.Request.Context())
	_, credential, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if actor.Kind != identity.AgentKind {
		return intake.Agent{}, fault.NewSignedOut()
	}
	return intake.Agent{Device: int32(actor.DeviceID), Credential: identity.Secret(strings.TrimSpace(credential))}, nil //nolint:gosec // it was made from an int32
}

// message reads and unpacks a small body.
func message(c *gin.Context) (body []byte, release func(), err error) {
	packed, err := read(c, maxMessage)
	if err != nil {
		return nil, nil, err
	}
	body, release, err = intake.Unpack(c.GetHeader("Content-Encoding"), packed)
	if err != nil {
		return nil, nil, err
	}
	if len(body) > maxMessage {
		release()
		return nil, nil, fault.NewTooLarge(maxMessage)
	}
	return body, release, nil
}

// read reads a body of at most so many bytes. One that says at once that it
// is larger is not read at all.
func read(c *gin.Context, most int64) ([]byte, error) {
	length := c.Request.ContentLength
	if length > most {
		return nil, fault.NewTooLarge(most)
	}
	into := bytes.NewBuffer(make([]byte, 0, max(512, length+bytes.MinRead)))
	_, err := into.ReadFrom(http.MaxBytesReader(c.Writer, c.Request.Body, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.NewTooLarge(most)
	case err != nil: // the agent went away in the middle
		return nil, fault.NewInvalid(fault.Field{Name: "body", Key: "fault.field.malformed"})
	}
	return into.Bytes(), nil
}

func respond(c *gin.Context, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json", body)
	return nil
}

// agentProblem is what an agent is told (RFC 9457). It shows the title and the
// detail to whoever asks it for its status.
type agentProblem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

func (a *agents) fail(c *gin.Context, err error) {
	ctx := c.Request.Context()
	if ctx.Err() != nil { // nobody listens
		c.Abort()
		return
	}
	found, status := fault.Of(err), http.StatusUnsupportedMediaType
	switch {
	case errors.Is(err, intake.ErrEncoding):
		found = &fault.Fault{Key: "fault.encoding"}
		c.Header("Accept-Encoding", "zstd, gzip") // RFC 7694
	case found == nil:
		a.log.ErrorContext(ctx, "request failed", "route", c.FullPath(), "error", err)
		found, status = &fault.Fault{Key: "fault.internal"}, http.StatusInternalServerError
	case found.Kind == fault.Invalid:
		status = http.StatusBadRequest
	default:
		status = route.Status(found.Kind)
	}
	if found.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(max(1, int(found.RetryAfter.Seconds()))))
	}
	if status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="holdfast"`)
	}
	const language = "en" // an agent has no reader's language
	answer := agentProblem{
		Type: "urn:holdfast:" + found.Key, Title: http.StatusText(status), Status: status,
		Detail: a.texts.Translate(language, found.Key, found.Args),
	}
	for _, field := range found.Fields {
		answer.Errors = append(answer.Errors, problemField{field.Name, a.texts.Translate(language, field.Key, field.Args)})
	}
	body, err := json.Marshal(answer)
	if err != nil { // cannot be: texts and numbers
		body = nil
	}
	c.Data(status, "application/problem+json", body)
	c.Abort()
}
