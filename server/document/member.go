package document

import (
	"reflect"
	"strconv"
	"strings"
)

// mostNumber is the largest number in a document where its member says
// nothing else: every count of a real estate lies far below, and no sum of
// products of such numbers is lost on the way.
const mostNumber = 1_000_000_000_000

// member is one field of a struct, as its tags specify it.
type member struct {
	index    int
	name     string
	doc      string
	required bool
	oneOf    []string
	least    *int64
	max      int64
	kind     reflect.Type
}

func (m *member) most() int64 {
	if m.max > 0 {
		return m.max
	}
	return mostNumber
}

func membersOf(structure reflect.Type) []member {
	var members []member
	for i := range structure.NumField() {
		field := structure.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "" || name == "-" {
			continue
		}
		m := member{
			index: i, name: name, kind: field.Type, doc: field.Tag.Get("doc"),
			required: field.Tag.Get("required") == "true", oneOf: strings.Fields(field.Tag.Get("oneof")),
		}
		if least, err := strconv.ParseInt(field.Tag.Get("min"), 10, 64); err == nil {
			m.least = &least
		}
		if most, err := strconv.ParseInt(field.Tag.Get("max"), 10, 64); err == nil {
			m.max = most
		}
		members = append(members, m)
	}
	return members
}

// Nearest gives the name that somebody who wrote wrong probably meant, or ""
// when none is near.
func Nearest(wrong string, known []string) string {
	best, near := len([]rune(wrong))/2+1, ""
	folded := fold(wrong)
	for _, name := range known {
		if distance := distance(folded, fold(name)); distance < best {
			best, near = distance, name
		}
	}
	return near
}

// fold makes two ways of writing one name the same.
func fold(name string) []rune {
	return []rune(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name)))
}

// distance is the number of letters to add, drop or change (Levenshtein).
func distance(a, b []rune) int {
	if len(a) > 100 || len(b) > 100 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
