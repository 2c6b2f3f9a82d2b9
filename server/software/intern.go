package software

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"holdfast/server/store"
	"holdfast/shared/id"
	"holdfast/shared/report"
)

// Interner gives releases their numbers, and makes those that are new. It
// remembers what it gave, within a bound, so that a report of well-known
// software needs no look at the database.
type Interner struct {
	db      *store.DB
	known   *cache
	writing sync.Mutex // one maker at a time: the next finds most of its releases made
	made    Made
}

// Made hears of new releases in the transaction that makes them.
type Made func(tx *store.Tx, releases []Key) error

// NewInterner makes an Interner that remembers up to entries releases twice.
func NewInterner(db *store.DB, entries int) *Interner {
	return &Interner{db: db, known: newCache(entries)}
}

// OnMade has made called with all new releases from now on.
func (n *Interner) OnMade(made Made) { n.made = made }

// release is a release as it is told apart, cut to what an index can hold.
type release struct {
	title
	version, edition, arch string
}

type title struct{ name, publisher, source string }

func releaseOf(p *report.Package) release {
	return release{
		title:   title{cut(p.Title, 500), cut(p.Publisher, 300), cut(p.Source, 50)},
		version: cut(p.Version, 300), edition: cut(p.Edition, 200), arch: cut(p.Arch, 50),
	}
}

// cut shortens text to a number of bytes; PostgreSQL indexes no row beyond 2,700.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// Remembered gives the number of each package's release, in their order, and
// 0 for those that are not remembered. It never waits for the database.
func (n *Interner) Remembered(packages []report.Package) (keys []Key, complete bool) {
	keys = make([]Key, len(packages))
	return keys, len(n.lookUp(packages, keys)) == 0
}

// Keys gives the number of each package's release, in their order. New titles
// and releases are committed before it returns; that no device has them yet is
// no harm.
func (n *Interner) Keys(ctx context.Context, packages []report.Package) ([]Key, error) {
	n.writing.Lock()
	defer n.writing.Unlock()
	keys := make([]Key, len(packages))
	missing := n.lookUp(packages, keys)
	if len(missing) == 0 {
		return keys, nil
	}
	wanted := make(map[release]*report.Package, len(missing))
	for _, i := range missing {
		wanted[releaseOf(&packages[i])] = &packages[i]
	}
	var made map[release]Key
	err := n.db.Tx(ctx, func(tx *store.Tx) (err error) {
		var fresh []Key
		if made, fresh, err = intern(tx, wanted); err != nil || n.made == nil || len(fresh) == 0 {
			return err
		}
		return n.made(tx, fresh)
	})
	if err != nil {
		return nil, fmt.Errorf("number software: %w", err)
	}
	n.known.mu.Lock()
	defer n.known.mu.Unlock()
	for _, i := range missing {
		release := releaseOf(&packages[i])
		keys[i] = made[release]
		n.known.put(n.known.hash(release), keys[i])
	}
	return keys, nil
}

// lookUp fills in the keys that are remembered and lists the others.
func (n *Interner) lookUp(packages []report.Package, keys []Key) (missing []int) {
	hashes := make([][2]uint64, len(packages))
	for i := range packages {
		if keys[i] == 0 {
			hashes[i] = n.known.hash(releaseOf(&packages[i]))
		}
	}
	n.known.mu.Lock()
	defer n.known.mu.Unlock()
	for i := range packages {
		if keys[i] != 0 {
			continue
		}
		key, found := n.known.get(hashes[i])
		if !found {
			missing = append(missing, i)
			continue
		}
		keys[i] = key
	}
	return missing
}

// intern finds or makes the wanted releases, and says which it made. Rows are
// made in sorted order, so that two servers doing the same wait for one another
// and never in a circle.
func intern(tx *store.Tx, wanted map[release]*report.Package) (found map[release]Key, fresh []Key, err error) {
	if err := tx.ByIndex(); err != nil {
		return nil, nil, err
	}
	titles, err := internTitles(tx, wanted)
	if err != nil {
		return nil, nil, err
	}
	releases := make([]release, 0, len(wanted))
	for release := range wanted {
		releases = append(releases, release)
	}
	slices.SortFunc(releases, func(a, b release) int {
		return cmp.Or(
			cmp.Compare(titles[a.title], titles[b.title]), cmp.Compare(a.version, b.version),
			cmp.Compare(a.edition, b.edition), cmp.Compare(a.arch, b.arch))
	})
	found = make(map[release]Key, len(releases))
	if err := findReleases(tx, titles, releases, found); err != nil {
		return nil, nil, err
	}
	releases = slices.DeleteFunc(releases, func(r release) bool { return found[r] != 0 })
	if len(releases) == 0 {
		return found, nil, nil
	}
	columns := releaseColumns(titles, releases)
	sizes, extras := make([]*int64, len(releases)), make([]*string, len(releases))
	for i, release := range releases {
		if size := wanted[release].SizeBytes; size > 0 {
			sizes[i] = &size
		}
		if extra := wanted[release].Extra; len(extra) > 0 {
			extras[i] = new(string(extra))
		}
	}
	columns = append(columns, store.Col("size_bytes", sizes), store.Col("extra", extras).As("json"),
		store.Col("first_seen_at", slices.Repeat([]time.Time{tx.Now}, len(releases))))
	if err := tx.InsertRows("releases", "ON CONFLICT DO NOTHING", columns...); err != nil {
		return nil, nil, fmt.Errorf("make releases: %w", err)
	}
	if err := findReleases(tx, titles, releases, found); err != nil {
		return nil, nil, err
	}
	for _, release := range releases {
		fresh = append(fresh, found[release])
	}
	return found, fresh, nil
}

func releaseColumns(titles map[title]Key, releases []release) []store.Column {
	keys := make([]Key, len(releases))
	versions, editions, archs := make([]string, len(releases)), make([]string, len(releases)), make([]string, len(releases))
	for i, release := range releases {
		keys[i], versions[i], editions[i], archs[i] = titles[release.title], release.version, release.edition, release.arch
	}
	return []store.Column{
		store.Col("title_id", keys), store.Col("version", versions), store.Col("edition", editions), store.Col("arch", archs),
	}
}

func findReleases(tx *store.Tx, titles map[title]Key, releases []release, found map[release]Key) error {
	names := make(map[Key]title, len(titles))
	for title, key := range titles {
		names[key] = title
	}
	const query = `SELECT r.id, r.title_id, r.version, r.edition, r.arch FROM v JOIN releases r
		ON r.title_id = v.title_id AND r.version = v.version AND r.edition = v.edition AND r.arch = v.arch`
	err := tx.EachMatch(query, releaseColumns(titles, releases), func(rows *sql.Rows) error {
		var key, titleKey Key
		var one release
		if err := rows.Scan(&key, &titleKey, &one.version, &one.edition, &one.arch); err != nil {
			return err
		}
		one.title = names[titleKey]
		found[one] = key
		return nil
	})
	if err != nil {
		return fmt.Errorf("find releases: %w", err)
	}
	return nil
}

func internTitles(tx *store.Tx, wanted map[release]*report.Package) (map[title]Key, error) {
	found := map[title]Key{}
	for release := range wanted {
		found[release.title] = 0
	}
	titles := make([]title, 0, len(found))
	for title := range found {
		titles = append(titles, title)
	}
	slices.SortFunc(titles, func(a, b title) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.source, b.source))
	})
	if err := findTitles(tx, titles, found); err != nil {
		return nil, err
	}
	titles = slices.DeleteFunc(titles, func(t title) bool { return found[t] != 0 })
	if len(titles) == 0 {
		return found, nil
	}
	uids := make([]string, len(titles))
	for i := range uids {
		uids[i] = id.New[Title]().String()
	}
	columns := append(titleColumns(titles), store.Col("uid", uids).As("uuid"),
		store.Col("first_seen_at", slices.Repeat([]time.Time{tx.Now}, len(titles))))
	if err := tx.InsertRows("titles", "ON CONFLICT DO NOTHING", columns...); err != nil {
		return nil, fmt.Errorf("make titles: %w", err)
	}
	return found, findTitles(tx, titles, found)
}

func titleColumns(titles []title) []store.Column {
	names, publishers, sources := make([]string, len(titles)), make([]string, len(titles)), make([]string, len(titles))
	for i, title := range titles {
		names[i], publishers[i], sources[i] = title.name, title.publisher, title.source
	}
	return []store.Column{store.Col("name", names), store.Col("publisher", publishers), store.Col("source", sources)}
}

func findTitles(tx *store.Tx, titles []title, found map[title]Key) error {
	const query = `SELECT t.id, t.name, t.publisher, t.source FROM v JOIN titles t
		ON t.name = v.name AND t.publisher = v.publisher AND t.source = v.source`
	err := tx.EachMatch(query, titleColumns(titles), func(rows *sql.Rows) error {
		var key Key
		var one title
		if err := rows.Scan(&key, &one.name, &one.publisher, &one.source); err != nil {
			return err
		}
		found[one] = key
		return nil
	})
	if err != nil {
		return fmt.Errorf("find titles: %w", err)
	}
	return nil
}

// cache remembers releases by a 128-bit hash of their text, which nobody can
// make collide because its seeds are of this process. It keeps two
// generations: when the younger is full it becomes the older and the older is
// forgotten, so that what is in use stays.
type cache struct {
	mu           sync.Mutex
	entries      int
	seeds        [2]maphash.Seed
	young, older map[[2]uint64]Key
}

func newCache(entries int) *cache {
	return &cache{
		entries: entries, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		young: map[[2]uint64]Key{}, older: map[[2]uint64]Key{},
	}
}

func (c *cache) hash(r release) (sums [2]uint64) {
	for i, seed := range c.seeds {
		var sum maphash.Hash
		sum.SetSeed(seed)
		for _, text := range [...]string{r.name, r.publisher, r.source, r.version, r.edition, r.arch} {
			_, _ = sum.WriteString(text) // a hash takes everything
			_ = sum.WriteByte(0)         // which no text holds
		}
		sums[i] = sum.Sum64()
	}
	return sums
}

// get and put are for who holds mu.
func (c *cache) get(hash [2]uint64) (Key, bool) {
	key, found := c.young[hash]
	if !found {
		if key, found = c.older[hash]; found {
			c.put(hash, key)
		}
	}
	return key, found
}

func (c *cache) put(hash [2]uint64, key Key) {
	if len(c.young) >= c.entries {
		c.older, c.young = c.young, make(map[[2]uint64]Key, c.entries/4)
	}
	c.young[hash] = key
}
