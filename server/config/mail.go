package config

import (
	"errors"
	"fmt"
	"net/mail"
)

// Mail says how notices are sent. Without a host they are kept and not sent.
type Mail struct {
	SMTPHost     string `help:"Mail server that sends notices. Without it, notices are kept as not sent." placeholder:"HOST" env:"HOLDFAST_SMTP_HOST" name:"smtp-host"`
	SMTPPort     int    `help:"Port of the mail server." default:"587" env:"HOLDFAST_SMTP_PORT" name:"smtp-port"`
	SMTPSecurity string `help:"How the connection to the mail server is protected: ${enum}. Use none only for a mail server on this machine." enum:"starttls,tls,none" default:"starttls" env:"HOLDFAST_SMTP_SECURITY" name:"smtp-security"`
	SMTPUser     string `help:"Name to sign in to the mail server with. Without it, the server does not sign in." placeholder:"NAME" env:"HOLDFAST_SMTP_USER" name:"smtp-user"`
	SMTPPassword string `help:"Password for that name." placeholder:"PASSWORD" env:"HOLDFAST_SMTP_PASSWORD" name:"smtp-password" secret:""`
	SMTPFrom     string `help:"Address that notices come from." placeholder:"ADDRESS" env:"HOLDFAST_SMTP_FROM" name:"smtp-from"`
	SMTPName     string `help:"Name that notices come from." default:"Holdfast" env:"HOLDFAST_SMTP_NAME" name:"smtp-name"`
}

// Validate implements kong's check after parsing. It names every fault.
func (m Mail) Validate() error {
	if m.SMTPHost == "" {
		return nil
	}
	var wrong []error
	if parsed, err := mail.ParseAddress(m.SMTPFrom); err != nil || parsed.Address != m.SMTPFrom {
		wrong = append(wrong, errors.New("HOLDFAST_SMTP_FROM must be an address, such as holdfast@example.org"))
	}
	if m.SMTPPort < 1 || m.SMTPPort > 65535 {
		wrong = append(wrong, fmt.Errorf("HOLDFAST_SMTP_PORT must lie between 1 and 65535, not %d", m.SMTPPort))
	}
	if m.SMTPUser != "" && m.SMTPSecurity == "none" && !loopback(m.SMTPHost) {
		wrong = append(wrong, errors.New("HOLDFAST_SMTP_SECURITY none would carry the password in the clear"))
	}
	if (m.SMTPUser == "") != (m.SMTPPassword == "") {
		wrong = append(wrong, errors.New("HOLDFAST_SMTP_USER and HOLDFAST_SMTP_PASSWORD go together"))
	}
	return errors.Join(wrong...)
}
