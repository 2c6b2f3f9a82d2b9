package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strings"
)

// Secret is a credential that the server made: 32 random bytes in text form
// behind a prefix that says what it opens. It is shown once and kept only as
// its hash; so much randomness needs no salt and no slow hash.
type Secret string

// The prefixes of secrets.
const (
	SessionPrefix   = "hfs_" // in the cookie of a browser
	TokenPrefix     = "hft_" // of a program that uses the API
	AgentPrefix     = "hfa_" // of the agent of a device
	EnrolmentPrefix = "hfe_" // lets an agent enrol
	LinkPrefix      = "hfl_" // in a one-time link
)

// NewSecret makes a fresh secret.
func NewSecret(prefix string) Secret {
	var random [32]byte
	rand.Read(random[:]) // never fails: it ends the program instead
	return Secret(prefix + base64.RawURLEncoding.EncodeToString(random[:]))
}

// Hash is what the database keeps of the secret.
func (s Secret) Hash() []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// Is reports whether the secret has the form that NewSecret gives, so that
// nonsense needs no look at the database.
func (s Secret) Is(prefix string) bool {
	return len(s) == len(prefix)+base64.RawURLEncoding.EncodedLen(32) && strings.HasPrefix(string(s), prefix)
}

// LogValue implements slog.LogValuer: a secret is never logged.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }
