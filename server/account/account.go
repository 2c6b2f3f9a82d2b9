// Package account keeps who may come in and how: users and their passwords,
// the roles they hold in units, sessions, API tokens and one-time links.
//
// Secrets are shown once and kept as hashes. A session ends twelve hours after
// its last request and seven days after it began, when it is revoked, when the
// user is disabled, and when the password changes. An API token never reaches
// further than the person who made it does at the moment of use.
//
// One-time links carry their secret in the path. A fragment would not be sent
// to any server, but needs JavaScript, and the first page of the product must
// work without. The price is that a proxy may log it; therefore a link works
// once, for a day at most, only sets a password, and the server itself logs
// route patterns, never paths.
package account

import (
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// User is a person who signs in.
type User struct {
	ID           identity.UserID
	Login        string
	Name         string
	Email        *string
	PasswordHash *string `json:"-"`
	Language     *string
	Theme        *string
	TimeZone     *string
	CreatedAt    time.Time
	SignedInAt   *time.Time
	DisabledAt   *time.Time

	Grants []identity.Grant `gorm:"-"`
}

// Newcomer is what is to be known about a user who does not exist yet.
type Newcomer struct {
	Login    string
	Name     string
	Email    string
	Language string
	Password string // "" when the user sets it through a link
}

// Profile is what users say about themselves.
type Profile struct {
	Name     string
	Email    string
	Language string // "en", "fr" or "" for the browser's
	Theme    string // "light", "dark" or "" for the browser's
	TimeZone string // IANA name or "" for the browser's
}

// GrantWish is a role in a unit that somebody is to get.
type GrantWish struct {
	Role   identity.Role
	UnitID identity.UnitID
}

// Client is the far end of a sign-in.
type Client struct {
	Address string // IP address
	Agent   string // what the browser says it is
}

// Service has the use cases of accounts.
type Service struct {
	db        *store.DB
	passwords *passwords
}

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db, passwords: newPasswords(strength)} }

const (
	nameLimit     = 100
	loginLimit    = 64
	emailLimit    = 254 // RFC 5321, section 4.5.3.1.3, less the angle brackets
	passwordLeast = 12
	passwordMost  = 256
)

var loginForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@+\\-]*$`)

// Languages lists the languages that pages exist in.
func Languages() []string { return []string{"en", "fr"} }

func normalLogin(login string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(login)))
}

func normalName(name string) string { return strings.Join(strings.Fields(norm.NFC.String(name)), " ") }

func checkLogin(login string) []fault.Field {
	switch {
	case login == "":
		return []fault.Field{{Name: "login", Key: "fault.field.required"}}
	case utf8.RuneCountInString(login) > loginLimit:
		return []fault.Field{{Name: "login", Key: "fault.field.too_long", Args: fault.Args{"Limit": loginLimit}}}
	case !loginForm.MatchString(login):
		return []fault.Field{{Name: "login", Key: "fault.field.login_form"}}
	}
	return nil
}

func checkProfile(p Profile) []fault.Field {
	var wrong []fault.Field
	switch {
	case p.Name == "":
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.required"})
	case utf8.RuneCountInString(p.Name) > nameLimit:
		wrong = append(wrong, fault.Field{Name: "name", Key: "fault.field.too_long", Args: fault.Args{"Limit": nameLimit}})
	}
	if p.Email != "" {
		parsed, err := mail.ParseAddress(p.Email)
		if err != nil || parsed.Address != p.Email || len(p.Email) > emailLimit {
			wrong = append(wrong, fault.Field{Name: "email", Key: "fault.field.email"})
		}
	}
	if p.Language != "" && !slices.Contains(Languages(), p.Language) {
		wrong = append(wrong, fault.Field{Name: "language", Key: "fault.field.choice"})
	}
	if !slices.Contains([]string{"", "light", "dark"}, p.Theme) {
		wrong = append(wrong, fault.Field{Name: "theme", Key: "fault.field.choice"})
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil {
		wrong = append(wrong, fault.Field{Name: "time_zone", Key: "fault.desk.zone"})
	}
	return wrong
}

// checkPassword follows NIST SP 800-63B, section 3.1.1.2: length counts, mixes
// of characters do not, and what is obvious is refused.
func checkPassword(password, login string) []fault.Field {
	length := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case password == "":
		return []fault.Field{{Name: "password", Key: "fault.field.required"}}
	case length < passwordLeast:
		return []fault.Field{{Name: "password", Key: "fault.field.password_short", Args: fault.Args{"Least": passwordLeast}}}
	case length > passwordMost:
		return []fault.Field{{Name: "password", Key: "fault.field.too_long", Args: fault.Args{"Limit": passwordMost}}}
	case len(login) > 3 && strings.Contains(lower, login),
		strings.Contains(lower, "holdfast"),
		len(distinct(lower)) < 5:
		return []fault.Field{{Name: "password", Key: "fault.field.password_obvious"}}
	}
	return nil
}

func distinct(text string) map[rune]bool {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return seen
}

// network is what sign-ins from an address are counted under: the address
// itself, and for IPv6 the /64 that one household or machine has to itself.
func network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is6() {
		if prefix, err := parsed.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return parsed.String()
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
