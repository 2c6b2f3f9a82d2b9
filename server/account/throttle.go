package account

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"holdfast/server/fault"
	"holdfast/server/store"
)

// limit says how many failures are free, and how long the longest wait is.
// After the free ones the wait doubles from one second. A login waits a minute
// at most, so that nobody can lock its owner out; an address waits longer.
type limit struct {
	free    int
	longest time.Duration
}

var (
	loginLimits   = limit{free: 5, longest: time.Minute}       //nolint:gochecknoglobals // a constant of struct type
	addressLimits = limit{free: 30, longest: 15 * time.Minute} //nolint:gochecknoglobals // as above
)

// forgetAfter is when failures no longer count.
const forgetAfter = 24 * time.Hour

type failure struct {
	Subject  string `gorm:"primaryKey"`
	Failures int
	LastAt   time.Time
}

// TableName implements GORM's Tabler.
func (failure) TableName() string { return "sign_in_failures" }

func (l limit) wait(failures int) time.Duration {
	over := failures - l.free
	if over < 0 {
		return 0
	}
	if over > 20 {
		return l.longest
	}
	return min(time.Second<<over, l.longest)
}

// A login is counted under its hash: people type passwords into that field.
func loginSubject(login string) string {
	sum := sha256.Sum256([]byte(login))
	return "login:" + hex.EncodeToString(sum[:16])
}

func addressSubject(address string) string { return "address:" + network(address) }

// countAttempt counts an attempt as failed before it is tried, so that guesses
// made side by side cannot slip past the count; forgive takes it back. Fault:
// TooMany while the login or the address must wait.
func countAttempt(tx *store.Tx, login, address string) error {
	counts := []struct {
		subject string
		limit   limit
	}{{loginSubject(login), loginLimits}, {addressSubject(address), addressLimits}}
	for _, count := range counts {
		// Counted first: the row is locked from here on, and the counts below are settled.
		err := tx.Exec(`INSERT INTO sign_in_failures (subject, failures, last_at) VALUES (@subject, 0, @now)
			ON CONFLICT (subject) DO UPDATE SET failures = CASE
			WHEN sign_in_failures.last_at < @old THEN 0 ELSE sign_in_failures.failures END`,
			map[string]any{"subject": count.subject, "now": tx.Now, "old": tx.Now.Add(-forgetAfter)}).Error
		if err != nil {
			return fmt.Errorf("count sign-in: %w", err)
		}
	}
	for _, count := range counts {
		var past failure
		if err := tx.Where("subject = ?", count.subject).Take(&past).Error; err != nil {
			return fmt.Errorf("read failed sign-ins: %w", err)
		}
		if left := past.LastAt.Add(count.limit.wait(past.Failures)).Sub(tx.Now); past.Failures > 0 && left > 0 {
			return fault.NewTooMany(left.Round(time.Second) + time.Second)
		}
	}
	for _, count := range counts {
		err := tx.Exec("UPDATE sign_in_failures SET failures = failures + 1, last_at = ? WHERE subject = ?", tx.Now, count.subject).Error
		if err != nil {
			return fmt.Errorf("count sign-in: %w", err)
		}
	}
	return nil
}

// forgive forgets the failures of a login that has shown its password, and
// the one that was counted for this attempt on its address.
func forgive(tx *store.Tx, login, address string) error {
	if err := tx.Exec("DELETE FROM sign_in_failures WHERE subject = ?", loginSubject(login)).Error; err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	err := tx.Exec("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = ? AND failures > 0", addressSubject(address)).Error
	if err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	return nil
}
