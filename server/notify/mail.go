package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Mail is the mail server that takes what is sent, and in whose name.
type Mail struct {
	Host     string
	Port     int
	User     string // "" when it asks for none
	Password string
	From     string // address
	FromName string // shown before it
	Security Security
}

// Security is how the connection is kept from being read.
type Security string

// The kinds of security.
const (
	StartTLS Security = "starttls" // begins in the clear and must turn to TLS before anything is said
	TLS      Security = "tls"      // from the first byte
	Clear    Security = "none"     // not at all: for a mail server on this very machine
)

const patience = 30 * time.Second

// send sends notices over one connection, and gives what went wrong with each.
func (m *Mail) send(ctx context.Context, notices []Notice) []error {
	outcomes := make([]error, len(notices))
	client, err := m.dial(ctx)
	if err != nil {
		for i := range outcomes {
			outcomes[i] = err
		}
		return outcomes
	}
	for i := range notices {
		message, err := m.message(&notices[i])
		if err != nil {
			outcomes[i] = errors.Join(errRefused, err)
			continue
		}
		if err := client.Send(message); err != nil {
			outcomes[i] = judged(err)
		}
	}
	if err := client.Close(); err != nil && outcomes[len(outcomes)-1] != nil {
		outcomes[len(outcomes)-1] = errors.Join(outcomes[len(outcomes)-1], err) // what was sent was taken all the same
	}
	return outcomes
}

func (m *Mail) dial(ctx context.Context) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.Port), mail.WithTimeout(patience)}
	switch m.Security {
	case TLS:
		options = append(options, mail.WithSSL())
	case Clear:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case StartTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	client, err := mail.NewClient(m.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare for mail server %s: %w", m.Host, err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return nil, fmt.Errorf("connect to mail server %s: %w", m.Host, err)
	}
	return client, nil
}

// message writes a notice as mail. It says that a machine wrote it, so that
// other machines do not answer (RFC 3834), and which thread it belongs to.
func (m *Mail) message(n *Notice) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.FromFormat(m.FromName, m.From); err != nil {
		return nil, fmt.Errorf("write sender %s: %w", m.From, err)
	}
	if err := message.AddToFormat(n.To.Name, n.To.Address); err != nil {
		return nil, fmt.Errorf("write recipient %s: %w", n.To.Address, err)
	}
	domain := m.From[strings.LastIndexByte(m.From, '@')+1:]
	message.SetMessageIDWithValue(n.ID.String() + "@" + domain)
	thread := "<" + n.Object.Kind + "." + n.Object.ID + "@" + domain + ">"
	message.SetGenHeader(mail.HeaderReferences, thread)
	message.SetGenHeader(mail.HeaderInReplyTo, thread)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("Content-Language", n.To.Language)
	message.SetDateWithValue(n.CreatedAt)
	message.Subject(n.Subject)
	message.SetBodyString(mail.TypeTextPlain, n.Body)
	return message, nil
}

// judged tells a refusal for good from one for now (RFC 5321, 4.2.1).
func judged(err error) error {
	var sending *mail.SendError
	if errors.As(err, &sending) && !sending.IsTemp() && sending.ErrorCode() >= 500 {
		return errors.Join(errRefused, err)
	}
	return err
}
