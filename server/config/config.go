// Package config is the settings of the server: one struct a command, from
// which flags, environment, file and the reference page all derive.
//
// A setting has one name, HOLDFAST_SOMETHING. It is taken from the flag
// --something, else from the environment, else from the settings file, else it
// is the default. The file holds lines NAME=VALUE, so that the same file serves
// systemd and containers as an environment file. A secret NAME may instead be
// given as NAME_FILE, the path of a file that holds it.
//
// Validate names everything that is wrong at once.
package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// DefaultFile is the settings file that is read when it is there.
const DefaultFile = "/etc/holdfast/holdfast.conf"

// DefaultOrganisation is the name of the root unit until somebody renames it.
const DefaultOrganisation = "Organisation"

// Store says where things are kept. Every command has it.
type Store struct {
	Config   kong.ConfigFlag `help:"Settings file, lines of NAME=VALUE, besides /etc/holdfast/holdfast.conf." placeholder:"FILE"`
	Database string          `help:"Database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Without it, sqlite:holdfast.db in the data folder." placeholder:"URL" env:"HOLDFAST_DATABASE" secret:""`
	DataDir  string          `help:"Folder that the server keeps files in." default:"/var/lib/holdfast" env:"HOLDFAST_DATA_DIR" type:"path"`
}

// URL is the address of the database.
func (s Store) URL() string {
	if s.Database != "" {
		return s.Database
	}
	return "sqlite:" + filepath.Join(s.DataDir, "holdfast.db")
}

// Validate implements kong's check after parsing.
func (s Store) Validate() error {
	for _, start := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if strings.HasPrefix(s.URL(), start) {
			return nil
		}
	}
	return errors.New("HOLDFAST_DATABASE must start with sqlite: or postgres://")
}

// Logging says what the server logs, and how.
type Logging struct {
	LogLevel  string `help:"Least level that is logged: ${enum}." enum:"debug,info,warn,error" default:"info" env:"HOLDFAST_LOG_LEVEL"`
	LogFormat string `help:"Form of the log: ${enum}." enum:"text,json" default:"text" env:"HOLDFAST_LOG_FORMAT"`
}

// Serve is the settings of the server.
type Serve struct {
	Store   `embed:""`
	Logging `embed:""`
	Mail    `embed:""`

	Listen      string         `help:"Address to listen on, HOST:PORT." default:"127.0.0.1:8080" env:"HOLDFAST_LISTEN"`
	PublicURL   string         `help:"Address that people and agents use, such as https://holdfast.example.org. Without it, the address listened on." placeholder:"URL" env:"HOLDFAST_PUBLIC_URL" name:"public-url"`
	TLSCert     string         `help:"Certificate, with its chain, as a PEM file; makes the server speak https." placeholder:"FILE" env:"HOLDFAST_TLS_CERT" type:"path" name:"tls-cert"`
	TLSKey      string         `help:"Private key of the certificate, as a PEM file." placeholder:"FILE" env:"HOLDFAST_TLS_KEY" type:"path" name:"tls-key"`
	BehindProxy []netip.Prefix `help:"Addresses or networks of the reverse proxies that pass requests on, such as 127.0.0.1 or 10.0.3.0/24. What they say about the client (X-Forwarded-For) is believed, and the server may then listen without TLS beyond this machine." placeholder:"NETWORK" env:"HOLDFAST_BEHIND_PROXY" type:"networks"`

	CheckinEvery time.Duration `help:"How often an agent checks in." default:"15m" env:"HOLDFAST_CHECKIN_EVERY"`
	AgentRate    int           `help:"Requests that one agent may make in a minute." default:"60" env:"HOLDFAST_AGENT_RATE"`
	EnrolRate    int           `help:"Enrolments that one address may try in a minute." default:"120" env:"HOLDFAST_ENROL_RATE"`
	StopWithin   time.Duration `help:"How long requests may take to end when the server stops." default:"15s" env:"HOLDFAST_STOP_WITHIN"`
	Organisation string        `help:"Name of the organisation, given to the root of its tree at the first start." default:"Organisation" env:"HOLDFAST_ORGANISATION"`
}

// TLS reports whether the server itself speaks https.
func (s Serve) TLS() bool { return s.TLSCert != "" }

// Public is the address that people and agents use, without a slash at the end.
func (s Serve) Public() string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	scheme := "http://"
	if s.TLS() {
		scheme = "https://"
	}
	return scheme + s.Listen
}

// Secure reports whether browsers come by https.
func (s Serve) Secure() bool { return strings.HasPrefix(s.Public(), "https://") }

// Validate implements kong's check after parsing. It names every fault.
func (s Serve) Validate() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }

	if err := s.Store.Validate(); err != nil {
		wrong = append(wrong, err)
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		add("HOLDFAST_LISTEN must be HOST:PORT, such as 127.0.0.1:8080, not %q", s.Listen)
	} else if !s.TLS() && len(s.BehindProxy) == 0 && !loopback(host) {
		add("HOLDFAST_LISTEN %s would carry passwords in the clear: set HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY, "+
			"or HOLDFAST_BEHIND_PROXY to the address of the proxy that speaks https, or listen on 127.0.0.1", s.Listen)
	}
	switch {
	case (s.TLSCert == "") != (s.TLSKey == ""):
		add("HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY go together")
	case s.TLS():
		if _, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey); err != nil {
			add("HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY cannot be used: %w", err)
		}
	}
	public, err := url.Parse(s.Public())
	switch {
	case err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" ||
		public.Path != "" || public.RawQuery != "" || public.Fragment != "" || public.User != nil:
		add("HOLDFAST_PUBLIC_URL must be https://HOST or http://HOST, with nothing after the host, not %q", s.PublicURL)
	case s.TLS() && public.Scheme != "https":
		add("HOLDFAST_PUBLIC_URL must start with https:// because the server speaks https")
	case len(s.BehindProxy) > 0 && s.PublicURL == "":
		add("HOLDFAST_PUBLIC_URL must say how the proxy is reached")
	}
	if err := s.Mail.Validate(); err != nil {
		wrong = append(wrong, err)
	}
	if s.CheckinEvery < 10*time.Second || s.CheckinEvery > 24*time.Hour {
		add("HOLDFAST_CHECKIN_EVERY must lie between 10s and 24h, not %s", s.CheckinEvery)
	}
	if s.AgentRate < 1 {
		add("HOLDFAST_AGENT_RATE must be at least 1, not %d", s.AgentRate)
	}
	if s.EnrolRate < 1 {
		add("HOLDFAST_ENROL_RATE must be at least 1, not %d", s.EnrolRate)
	}
	if s.StopWithin <= 0 || s.StopWithin > 10*time.Minute {
		add("HOLDFAST_STOP_WITHIN must lie between 1s and 10m, not %s", s.StopWithin)
	}
	if strings.TrimSpace(s.Organisation) == "" {
		add("HOLDFAST_ORGANISATION must not be empty")
	}
	return errors.Join(wrong...)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
