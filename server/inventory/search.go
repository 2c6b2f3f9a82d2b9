package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"holdfast/server/device"
	"holdfast/server/identity"
	"holdfast/server/list"
)

// Found is what a search found, the best first.
type Found struct {
	Devices []Hit
	Titles  []Title
}

// Hit is a device that a search found, and by what.
type Hit struct {
	Device
	By    string // kind of the key that matched, such as device.KeyUser
	Value string // the key itself, in lower case
	Rank  Rank
}

// Rank is how well a search matched; less is better.
type Rank int

// The ranks.
const (
	Exact  Rank = iota + 1 // the whole of a key
	Prefix                 // its start
	Word                   // the start of a word in it, or words of several keys
)

// people says whether a search may find by who uses a device.
type people bool

const (
	withPeople    people = true
	withoutPeople people = false
)

// Bounds on a search, so that every keystroke stays cheap.
const (
	searchLeast      = 2
	searchMost       = 200
	searchWords      = 6
	searchCandidates = 60
)

// searchKinds lists the kinds of keys that people search by, the most telling
// first.
func searchKinds(allowed people) []string {
	kinds := []string{device.KeyName, device.KeySerial, device.KeyTag, device.KeyAddress, device.KeyMAC, device.KeyAdapter, device.KeyUUID}
	if allowed {
		kinds = append(kinds, device.KeyUser)
	}
	return kinds
}

// Search finds devices by name, serial number, tag, user, IP or MAC address
// (in any notation) or model, by the start of any of them or of words in
// them, and software by any part of its title: up to limit of each. An actor
// who may not read one of the two just finds none of it. Less than two
// characters find nothing.
func (r *Reader) Search(ctx context.Context, text string, limit int) (Found, error) {
	var found Found
	text = normalText(text)
	if len(text) < searchLeast || len(text) > searchMost {
		return found, nil
	}
	var err error
	actor := identity.ActorOf(ctx)
	if reach := actor.Reach(identity.DevicesRead); !reach.Empty() {
		if found.Devices, err = r.searchDevices(ctx, text, limit, reach); err != nil {
			return Found{}, err
		}
	}
	if reach := actor.Reach(identity.SoftwareRead); !reach.Empty() {
		if found.Titles, err = r.searchTitles(ctx, text, limit, reach); err != nil {
			return Found{}, err
		}
	}
	return found, nil
}

func (r *Reader) searchDevices(ctx context.Context, text string, limit int, reach identity.Scope) ([]Hit, error) {
	allowed := people(identity.ActorOf(ctx).Reach(identity.PeopleRead).Covers(reach))
	// Models are asked for apart: thousands of devices share one, and would
	// crowd out the one device that is named so.
	var found []Hit
	for _, kinds := range [][]string{searchKinds(allowed), {device.KeyModel}} {
		hits, err := r.candidates(ctx, text, kinds, reach)
		if err != nil {
			return nil, err
		}
		found = append(found, hits...)
	}
	if words := strings.Fields(text); len(words) > 1 && len(found) < limit {
		hits, err := r.byWords(ctx, words[:min(len(words), searchWords)], append(searchKinds(allowed), device.KeyModel), reach)
		if err != nil {
			return nil, err
		}
		found = append(found, hits...)
	}
	return r.best(ctx, found, limit)
}

// candidates finds keys that start with the text, in the order of the index.
func (r *Reader) candidates(ctx context.Context, text string, kinds []string, reach identity.Scope) ([]Hit, error) {
	var found []Hit
	for _, form := range forms(text) {
		hits, err := r.keys(ctx, list.All(
			list.Where("k.value >= ? AND k.value < ? AND k.kind IN ?", form, form+lastRune, kinds), within(reach)))
		if err != nil {
			return nil, err
		}
		for _, hit := range hits {
			hit.Rank = Prefix
			if hit.Value == form {
				hit.Rank = Exact
			}
			found = append(found, hit)
		}
	}
	return found, nil
}

// byWords finds devices with a key for each of the words, such as a user and
// a model.
func (r *Reader) byWords(ctx context.Context, words, kinds []string, reach identity.Scope) ([]Hit, error) {
	// The longest word is the rarest, as a rule: start from it.
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	clauses := []list.Clause{
		list.Where("k.value >= ? AND k.value < ? AND k.kind IN ?", words[0], words[0]+lastRune, kinds), within(reach),
	}
	for _, word := range words[1:] {
		clauses = append(clauses, list.Where(
			"EXISTS (SELECT 1 FROM device_keys w WHERE w.device_id = k.device_id AND w.value >= ? AND w.value < ? AND w.kind IN ?)",
			word, word+lastRune, kinds))
	}
	hits, err := r.keys(ctx, list.All(clauses...))
	for i := range hits {
		hits[i].Rank = Word
	}
	return hits, err
}

// keys reads the keys of devices by a condition on k, and on d when it names it.
func (r *Reader) keys(ctx context.Context, where list.Clause) (hits []Hit, err error) {
	from := "device_keys k"
	if strings.Contains(where.SQL, "d.") {
		// CROSS JOIN makes SQLite start from the few keys, not from all devices of a unit.
		from += " CROSS JOIN devices d"
		where = list.All(list.Where("d.id = k.device_id"), where)
	}
	rows, err := r.db.Read(ctx).Raw(fmt.Sprintf("SELECT k.device_id, k.kind, k.value FROM %s WHERE %s ORDER BY k.value LIMIT %d",
		from, where.SQL, searchCandidates), where.Args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("search devices: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var hit Hit
		if err := rows.Scan(&hit.Key, &hit.By, &hit.Value); err != nil {
			return nil, fmt.Errorf("search devices: %w", err)
		}
		hits = append(hits, hit)
	}
	return hits, rows.Err()
}

// best keeps the best hit of each device and reads the rows of the first ones.
func (r *Reader) best(ctx context.Context, found []Hit, limit int) ([]Hit, error) {
	order := append(searchKinds(withPeople), device.KeyModel)
	slices.SortStableFunc(found, func(a, b Hit) int {
		if a.Rank != b.Rank {
			return int(a.Rank - b.Rank)
		}
		if a.By != b.By {
			return slices.Index(order, a.By) - slices.Index(order, b.By)
		}
		return strings.Compare(a.Value, b.Value)
	})
	var hits []Hit
	var keys []device.Key
	for _, hit := range found {
		if len(hits) < limit && !slices.Contains(keys, hit.Key) {
			hits, keys = append(hits, hit), append(keys, hit.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := r.rows(ctx, list.Where("d.id IN ?", keys))
	if err != nil {
		return nil, err
	}
	kept := hits[:0]
	for _, hit := range hits {
		if i := slices.IndexFunc(rows, func(row Device) bool { return row.Key == hit.Key }); i >= 0 {
			hit.Device = rows[i]
			if !mayKnowUser(ctx, rows[i]) {
				hit.LastUser = ""
			}
			kept = append(kept, hit)
		}
	}
	return kept, nil
}

// searched is what free text means in the list of devices: the name contains
// it or a key starts with it, word by word or as a whole.
func searched(text string, allowed people) list.Clause {
	whole := normalText(text)
	kinds := append(searchKinds(allowed)[1:], device.KeyModel) // names are looked into anyway
	one := func(text string) list.Clause {
		clauses := []list.Clause{list.Contains("d.name", text)}
		for _, form := range forms(text) {
			clauses = append(clauses, keyed(form, kinds...))
		}
		return list.Any(clauses...)
	}
	words := strings.Fields(whole)
	if len(words) < 2 {
		return one(whole)
	}
	var each []list.Clause
	for _, word := range words[:min(len(words), searchWords)] {
		each = append(each, one(word))
	}
	return list.Any(one(whole), list.All(each...))
}

// forms gives the notations under which the text may be a key.
func forms(text string) []string {
	forms := []string{text}
	if mac, is := normalMAC(text); is && mac != text {
		forms = append(forms, mac)
	}
	if address := normalAddress(text); address != text {
		forms = append(forms, address)
	}
	return forms
}

func normalText(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(text)), " "))
}

// normalAddress gives an IP address in the form in which it is kept, and
// leaves anything else, such as the start of one, as it is.
func normalAddress(text string) string {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.WithZone("").String()
	}
	return text
}

// normalMAC gives a hardware address, or the first bytes of one, in lower
// case with colons: aa-bb-cc, aabb.ccdd.eeff and aabbccddeeff are meant.
func normalMAC(text string) (string, bool) {
	digits := strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(text))
	const whole, least = 12, 6
	separated := len(digits) < len(text)
	if len(digits) > whole || len(digits)%2 != 0 || len(digits) < least || !separated && len(digits) < whole ||
		strings.Trim(digits, "0123456789abcdef") != "" {
		return "", false
	}
	var colons strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			colons.WriteByte(':')
		}
		colons.WriteString(digits[i : i+2])
	}
	return colons.String(), true
}
