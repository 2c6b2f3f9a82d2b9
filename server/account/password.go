package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost is how much work one guess at a password takes.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// strength is the cost of new hashes: 46 MiB and two passes, above the least
// that OWASP's password storage sheet gives for argon2id (46 MiB, one pass)
// and about 60 ms here. Raise it freely: a hash of lesser cost is made anew
// when its user next signs in.
var strength = cost{memory: 46 * 1024, time: 2, threads: 1} //nolint:gochecknoglobals // a constant of struct type

const (
	saltSize = 16
	hashSize = 32
)

// passwords makes and checks hashes, a few at a time, so that a burst of
// sign-ins can take neither all memory nor all processors.
type passwords struct {
	cost  cost
	slots chan struct{}
	decoy string // checked when there is no such user, so that both answers take as long
}

func newPasswords(c cost) *passwords {
	p := &passwords{cost: c, slots: make(chan struct{}, min(max(runtime.NumCPU()/2, 1), 4))}
	salt, sum := make([]byte, saltSize), make([]byte, hashSize)
	rand.Read(salt) // never fails: it ends the program instead
	rand.Read(sum)
	p.decoy = encodeHash(c, salt, sum)
	return p
}

// hash gives the PHC string of a password.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: it ends the program instead
	sum, err := p.derive(ctx, p.cost, password, salt, hashSize)
	if err != nil {
		return "", err
	}
	return encodeHash(p.cost, salt, sum), nil
}

// verify reports whether the password fits, and whether its hash is weaker
// than new ones are. A hash of nil is no user's: it takes as long and never fits.
func (p *passwords) verify(ctx context.Context, password string, stored *string) (fits, weak bool, err error) {
	encoded := p.decoy
	if stored != nil {
		encoded = *stored
	}
	c, salt, sum, err := decodeHash(encoded)
	if err != nil {
		return false, false, err
	}
	derived, err := p.derive(ctx, c, password, salt, len(sum))
	if err != nil {
		return false, false, err
	}
	fits = subtle.ConstantTimeCompare(derived, sum) == 1 && stored != nil
	weak = c.memory < p.cost.memory || c.time < p.cost.time
	return fits, weak, nil
}

func (p *passwords) derive(ctx context.Context, c cost, password string, salt []byte, size int) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	// NFC, so that the same accent typed on another keyboard is the same password.
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.time, c.memory, c.threads, uint32(size)), nil
}

func encodeHash(c cost, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func decodeHash(encoded string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, errors.New("read password hash: not argon2id of this version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return cost{}, nil, nil, fmt.Errorf("read password hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return cost{}, nil, nil, fmt.Errorf("read password hash: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return cost{}, nil, nil, fmt.Errorf("read password hash: %w", err)
	}
	return c, salt, sum, nil
}
