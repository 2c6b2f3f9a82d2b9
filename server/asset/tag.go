package asset

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"holdfast/server/fault"
	"holdfast/server/identity"
	"holdfast/server/store"
)

// The series that tags start with where there are none yet: of what people
// record, and of peripherals that were recorded by themselves and carry no
// sticker so far.
const (
	firstTag           = "A-00001"
	firstPeripheralTag = "P-00001"
)

// ProposeTag gives the tag that the next asset would get: the one after the
// last that people gave. Fault: Denied.
func (s *Service) ProposeTag(ctx context.Context) (string, error) {
	if err := identity.Allow(ctx, identity.AssetsEdit); err != nil {
		return "", err
	}
	return nextTag(s.db.Read(ctx))
}

// nextTag continues the series of the newest asset, by its identifier, that is not in the series
// of peripherals.
func nextTag(db *gorm.DB) (string, error) {
	var newest []string
	err := db.Raw("SELECT tag FROM assets WHERE tag NOT LIKE 'P-_____' ORDER BY id DESC LIMIT 1").Scan(&newest).Error
	if err != nil {
		return "", fmt.Errorf("read newest tag: %w", err)
	}
	if len(newest) == 0 {
		return after(db, firstTag)
	}
	return after(db, newest[0])
}

// after gives the first free tag of a series from the largest one in it on.
func after(db *gorm.DB, tag string) (string, error) {
	tags, err := series(db, tag, 1)
	if err != nil {
		return "", err
	}
	return tags[0], nil
}

// series gives the first free tags of a series from the largest one in it on.
// A tag without a number at its end starts a series of its own.
func series(db *gorm.DB, tag string, count int) ([]string, error) {
	series := strings.TrimRight(tag, "0123456789")
	width := len(tag) - len(series)
	const widest = 15
	if width == 0 || width > widest {
		series, width = tag+"-", 1
	}
	var largest []string
	pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(series) + strings.Repeat("_", width)
	err := db.Raw(`SELECT tag FROM assets WHERE tag >= ? AND tag < ? AND tag LIKE ? ESCAPE '\' ORDER BY tag DESC LIMIT 1`,
		series+"0", series+":", pattern).Scan(&largest).Error // ":" follows "9"
	if err != nil {
		return nil, fmt.Errorf("read tags of series %q: %w", series, err)
	}
	number := 0
	if len(largest) > 0 {
		number, _ = strconv.Atoi(largest[0][len(series):]) //nolint:errcheck // no number is the start of the series
	}
	var free []string
	for len(free) < count {
		proposed := make([]string, 0, count)
		for range count - len(free) {
			number++
			proposed = append(proposed, fmt.Sprintf("%s%0*d", series, width, number))
		}
		used, err := taken(db, proposed, ID{})
		if err != nil {
			return nil, err
		}
		free = append(free, slices.DeleteFunc(proposed, func(tag string) bool { return slices.Contains(used, fold(tag)) })...)
	}
	return free, nil
}

// taken gives those of the tags that assets have besides one, folded.
func taken(db *gorm.DB, tags []string, but ID) ([]string, error) {
	folded := make([]string, len(tags))
	for i, tag := range tags {
		folded[i] = fold(tag)
	}
	var used []string
	err := db.Raw("SELECT LOWER(tag) FROM assets WHERE LOWER(tag) IN ? AND id <> ?", folded, orNone(but)).Scan(&used).Error
	if err != nil {
		return nil, fmt.Errorf("look for tags: %w", err)
	}
	return used, nil
}

// orNone is an identifier that compares with every other, also when it is none.
func orNone(of ID) string {
	if of.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return of.String()
}

// tagged gives the asset its tag: the one that it has, if that is free, or the
// next of the series. Fault: Conflict.
func tagged(tx *store.Tx, a Asset) (Asset, error) {
	if a.Tag != "" {
		used, err := taken(tx.DB, []string{a.Tag}, a.ID)
		if err == nil && len(used) > 0 {
			err = fault.NewConflict("fault.asset.tag_taken", fault.Args{"Tag": a.Tag})
		}
		return a, err
	}
	if err := lockTags(tx); err != nil {
		return a, err
	}
	var err error
	a.Tag, err = nextTag(tx.DB)
	return a, err
}

// lockTags keeps others from taking the next tag until the transaction ends;
// on SQLite the one writer already does.
func lockTags(tx *store.Tx) error {
	const key = 0x61737365 // "asse", so that it is nobody else's
	if tx.Dialect() != store.Postgres {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", key).Error; err != nil {
		return fmt.Errorf("lock tags: %w", err)
	}
	return nil
}
