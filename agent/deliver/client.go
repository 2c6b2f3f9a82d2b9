package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"holdfast/shared/protocol"
	"holdfast/shared/report"
)

// Secret is a text that must not be shown: a credential or an enrolment key.
// Logs and messages show only that there is one.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return "(none)"
	}
	return "(hidden)"
}

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Refusal is an answer of the server that trying again does not change.
type Refusal struct {
	Status int
	Title  string // of the problem, as the server words it
	Detail string
}

// Error says what the server answered.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("the server refuses (%d %s)", r.Status, http.StatusText(r.Status))
	for _, piece := range []string{r.Title, r.Detail} {
		if piece != "" && piece != http.StatusText(r.Status) {
			text += ": " + strings.TrimSuffix(piece, ".") // more may follow
		}
	}
	return text
}

// Connection says how the server is reached.
type Connection struct {
	Server       string            // its URL
	CAFile       string            // certificates to trust beside the system's, as PEM; may be empty
	InsecureHTTP bool              // allow http to a server that is not this machine
	Agent        report.Agent      // who asks
	Log          *slog.Logger      // for attempts that fail
	Transport    http.RoundTripper // instead of the network, for tests; may be nil
}

// client speaks the agent protocol. It tries again, ever more slowly, until
// the server answers or the context ends.
type client struct {
	base      *url.URL
	http      *retryablehttp.Client
	agent     string
	log       *slog.Logger
	onFailure func(error) // told of each attempt that failed

	failure   error     // of the last attempt
	notBefore time.Time // the server asked for quiet until then
}

const (
	shortest    = 2 * time.Second // half of it is the least wait
	longest     = 5 * time.Minute
	longestStay = 24 * time.Hour // for Retry-After
	maxAnswer   = 1 << 20
)

func newClient(connection Connection, onFailure func(error)) (*client, error) {
	base, err := serverURL(connection.Server, connection.InsecureHTTP)
	if err != nil {
		return nil, err
	}
	transport := connection.Transport
	if transport == nil {
		if transport, err = network(connection.CAFile); err != nil {
			return nil, err
		}
	}
	c := &client{
		base: base, log: connection.Log, onFailure: onFailure,
		agent: fmt.Sprintf("holdfast-agent/%s (%s)", connection.Agent.Version, connection.Agent.OS),
	}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: transport,
			Timeout:   2 * time.Minute,
			// A redirect would turn a report into a GET, or carry it elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryWaitMin: shortest, RetryWaitMax: longest, RetryMax: math.MaxInt32,
		CheckRetry: c.tryAgain, Backoff: c.wait,
	}
	return c, nil
}

// serverURL reads the address of the server. Plain http would show the
// credential and everything about the device to whoever listens, so it needs
// the operator's word, except to this very machine.
func serverURL(text string, insecure bool) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the server's URL: %w", err)
	}
	host := base.Hostname()
	address := net.ParseIP(host)
	local := host == "localhost" || address != nil && address.IsLoopback()
	switch {
	case host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("the server's URL %q is not of the form https://HOST[:PORT]", base.Redacted())
	case base.Scheme == "https", base.Scheme == "http" && (local || insecure):
		return base, nil
	case base.Scheme == "http":
		return nil, errors.New("the server's URL begins with http, so that others on the network could read along; use https, or allow it with --insecure-http")
	}
	return nil, fmt.Errorf("the server's URL begins with %q instead of https", base.Scheme)
}

func network(caFile string) (http.RoundTripper, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		roots, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("read the system's certificates: %w", err)
		}
		certificates, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read certificates: %w", err)
		}
		if !roots.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("read certificates: %s holds none in PEM form", caFile)
		}
		trust.RootCAs = roots
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       trust,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		IdleConnTimeout:       30 * time.Second, // check-ins are minutes apart
		DisableCompression:    true,             // answers are tiny
		DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
	}, nil
}

func (c *client) enrol(ctx context.Context, message protocol.Enrol) (protocol.Enrolled, error) {
	return post[protocol.Enrolled](ctx, c, protocol.EnrolPath, "", message)
}

func (c *client) checkin(ctx context.Context, credential Secret, message protocol.Checkin) (protocol.CheckedIn, error) {
	return post[protocol.CheckedIn](ctx, c, protocol.CheckinPath, credential, message)
}

func (c *client) report(ctx context.Context, credential Secret, message report.Report) (protocol.Reported, error) {
	return post[protocol.Reported](ctx, c, protocol.ReportPath, credential, message)
}

// worthPacking is the size from which a message is compressed: it then spares
// more than its headers cost.
const worthPacking = 1024

func post[Answer any](ctx context.Context, c *client, path string, credential Secret, message any) (Answer, error) {
	var answer Answer
	if err := c.quiet(ctx); err != nil {
		return answer, err
	}
	body, err := json.Marshal(message)
	if err != nil {
		return answer, fmt.Errorf("write message: %w", err)
	}
	packed := len(body) >= worthPacking
	if packed {
		if body, err = pack(body); err != nil {
			return answer, err
		}
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(path).String(), body)
	if err != nil {
		return answer, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", c.agent)
	if packed {
		request.Header.Set("Content-Encoding", "zstd")
	}
	if credential != "" {
		request.Header.Set("Authorization", "Bearer "+string(credential))
	}
	response, err := c.http.Do(request)
	if err != nil {
		if c.failure != nil {
			err = c.failure // says more than that the time is up
		}
		return answer, fmt.Errorf("reach the server: %w", err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer, fmt.Errorf("read the server's answer: %w", err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return answer, refusal(response, content)
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		return answer, fmt.Errorf("read the server's answer: %w", err)
	}
	return answer, nil
}

func refusal(response *http.Response, content []byte) error {
	refused := &Refusal{Status: response.StatusCode}
	if to := response.Header.Get("Location"); to != "" && response.StatusCode < 400 {
		refused.Detail = "it redirects to " + to + "; give that as the server's URL"
		return refused
	}
	var problem struct{ Title, Detail string }
	if json.Unmarshal(content, &problem) == nil { // a proxy may answer with a page
		refused.Title, refused.Detail = problem.Title, problem.Detail
	}
	return refused
}

// quiet waits until the time before which the server wants to hear nothing.
func (c *client) quiet(ctx context.Context) error {
	c.failure = nil
	left := time.Until(c.notBefore)
	if left <= 0 {
		return nil
	}
	pause := time.NewTimer(left)
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the server asks for quiet until %s: %w", c.notBefore.UTC().Format(time.RFC3339), ctx.Err())
	}
}

// tryAgain implements retryablehttp.CheckRetry.
func (c *client) tryAgain(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil && !passes(response.StatusCode) {
		return false, nil
	}
	if err == nil {
		err = fmt.Errorf("the server answers %s", response.Status)
	}
	c.failure = err
	c.log.WarnContext(ctx, "server not reached", "error", err)
	c.onFailure(err)
	return true, nil
}

// passes reports whether a status speaks of a trouble that passes by itself.
func passes(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// wait implements retryablehttp.Backoff: twice as long each time, scattered
// over the upper half so that a fleet does not come back all at once.
func (c *client) wait(least, most time.Duration, attempt int, response *http.Response) time.Duration {
	if asked := retryAfter(response); asked > 0 {
		asked += time.Duration(rand.Int64N(int64(asked)/10 + int64(time.Second)))
		c.notBefore = time.Now().Add(asked)
		return asked
	}
	span := most
	if attempt < 16 {
		span = min(most, least<<attempt)
	}
	return span/2 + time.Duration(rand.Int64N(int64(span/2)))
}

// retryAfter is how long a busy server asks to be left alone (RFC 9110,
// section 10.2.3: seconds or a date), 0 when it does not say.
func retryAfter(response *http.Response) time.Duration {
	if response == nil || response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(response.Header.Get("Retry-After"))
	var asked time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		asked = time.Duration(seconds) * time.Second
	} else if when, err := http.ParseTime(text); err == nil {
		asked = time.Until(when)
	}
	return max(0, min(asked, longestStay))
}
