// Package notifytest gives tests a mail server of their own, in the process,
// which keeps what it was sent and can be told to misbehave.
package notifytest

import (
	"errors"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"holdfast/server/notify"
)

// Server is a mail server. Its address is that of a port of this machine.
type Server struct {
	mutex    sync.Mutex
	received []Received
	answers  map[string]*smtp.SMTPError
	listener net.Listener
	arrived  chan struct{}
}

// Received is a mail as it came in.
type Received struct {
	To      string
	Header  mail.Header
	Subject string
	Body    string
}

// New starts a mail server; it stops at the end of the test.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{answers: map[string]*smtp.SMTPError{}, arrived: make(chan struct{}, 1)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	server.Domain = "mail.example.org"
	server.EnableSMTPUTF8 = true
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = listener
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("stop the mail server: %v", err)
		}
		if err := <-stopped; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("the mail server ended with %v", err)
		}
	})
	return s
}

// Mail is how to send to the server.
func (s *Server) Mail() *notify.Mail {
	port := s.listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
	return &notify.Mail{Host: "127.0.0.1", Port: port, From: "holdfast@example.org", FromName: "Holdfast", Security: notify.Clear}
}

// Answer makes the server answer mail to an address with a code, such as 450
// or 550; 0 makes it take mail again.
func (s *Server) Answer(address string, code int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.answers, address)
	if code != 0 {
		s.answers[address] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "not now"}
	}
}

// Arrived tells when mail came in since it was last asked.
func (s *Server) Arrived() <-chan struct{} { return s.arrived }

// Received gives what came in so far, in order.
func (s *Server) Received() []Received {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Received(nil), s.received...)
}

type session struct {
	server *Server
	to     string
}

// Reset implements smtp.Session.
func (*session) Reset() {}

// Logout implements smtp.Session.
func (*session) Logout() error { return nil }

// Mail implements smtp.Session.
func (*session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	if answer := s.server.answers[to]; answer != nil {
		return answer
	}
	s.to = to
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := decoded(message)
	if err != nil {
		return err
	}
	subject, err := words.DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	s.server.received = append(s.server.received, Received{
		To: s.to, Header: message.Header, Subject: subject, Body: strings.ReplaceAll(body, "\r\n", "\n"),
	})
	select {
	case s.server.arrived <- struct{}{}:
	default: // it says so already
	}
	return nil
}
