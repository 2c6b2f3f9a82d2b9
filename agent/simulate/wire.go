package simulate

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// target is the server that the fleet speaks to.
type target struct {
	address string // host:port to dial
	host    string // as the Host header says it
	prefix  string // path before that of the protocol
	secure  *tls.Config
	version string
}

func parseTarget(address, version string) (target, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return target{}, fmt.Errorf("read the address of the server: %w", err)
	}
	t := target{host: parsed.Host, address: parsed.Host, prefix: parsed.Path, version: version}
	port := "80"
	switch parsed.Scheme {
	case "http":
	case "https":
		port, t.secure = "443", &tls.Config{ServerName: parsed.Hostname(), MinVersion: tls.VersionTLS12}
	default:
		return target{}, fmt.Errorf("read the address of the server: %q starts with neither http:// nor https://", address)
	}
	if t.prefix == "/" {
		t.prefix = ""
	}
	if parsed.Port() == "" {
		t.address = net.JoinHostPort(parsed.Hostname(), port)
	}
	return t, nil
}

// request writes a whole HTTP request, ready to be sent.
func (t *target) request(path, credential, encoding string, body []byte) []byte {
	request := make([]byte, 0, 256+len(body))
	request = fmt.Appendf(request, "POST %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: holdfast-agent/%s\r\n", t.prefix, path, t.host, t.version)
	request = append(request, "Content-Type: application/json\r\n"...)
	if credential != "" {
		request = append(request, "Authorization: Bearer "+credential+"\r\n"...)
	}
	if encoding != "" {
		request = append(request, "Content-Encoding: "+encoding+"\r\n"...)
	}
	request = append(request, "Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"...)
	return append(request, body...)
}

// connection is one connection to the server that stays open. It is a tenth
// of the work of http.Client, which matters where both ends share a machine.
type connection struct {
	target *target
	conn   net.Conn
	reader *bufio.Reader
}

// refused is an answer that is not a success.
type refused struct {
	status int
	wait   time.Duration // as Retry-After says
	body   string
}

// Error says the status and what the server says to it.
func (r *refused) Error() string {
	return fmt.Sprintf("the server answers %d %s: %s", r.status, http.StatusText(r.status), r.body)
}

// answerWithin is how long an answer may take.
const answerWithin = 60 * time.Second

// send sends a request and reads the answer into answer. After an error other
// than *refused the connection starts anew.
func (c *connection) send(ctx context.Context, request []byte, answer any) error {
	again := c.conn != nil
	err := c.exchange(ctx, request, answer)
	var no *refused
	if err == nil || errors.As(err, &no) {
		return err
	}
	c.close()
	// The server may close a connection that was quiet; the request has not
	// been answered, and every request of the protocol may be repeated.
	if again && ctx.Err() == nil && (errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)) {
		err = c.exchange(ctx, request, answer)
	}
	return err
}

func (c *connection) exchange(ctx context.Context, request []byte, answer any) error {
	if c.conn == nil {
		if err := c.dial(ctx); err != nil {
			return err
		}
	}
	if err := c.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return err
	}
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.Close {
		c.close()
	}
	if response.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // 0 when it says none
		return &refused{status: response.StatusCode, wait: time.Duration(seconds) * time.Second, body: string(body)}
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

func (c *connection) dial(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", c.target.address)
	if err != nil {
		return err
	}
	if c.target.secure != nil {
		conn = tls.Client(conn, c.target.secure)
	}
	c.conn, c.reader = conn, bufio.NewReader(conn)
	return nil
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing is waiting to be written
		c.conn = nil
	}
}
