package report_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"holdfast/shared/report"
)

// leaf is one settable fact of a filled section.
type leaf struct {
	path  string
	step  string
	value reflect.Value
}

// fill gives every fact below value one that is known, two entries to each
// list, and returns the leaves.
func fill(path string, value reflect.Value, random *rand.Rand) []leaf {
	var leaves []leaf
	switch value.Interface().(type) {
	case time.Time:
		value.Set(reflect.ValueOf(time.Unix(1_780_000_000+random.Int64N(1e6)*86_400, 0).UTC()))
		return []leaf{{path: path, value: value}}
	case report.Date:
		value.SetString(fmt.Sprintf("20%02d-03-04", 10+random.IntN(80)))
		return []leaf{{path: path, value: value}}
	}
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		return fill(path, value.Elem(), random)
	case reflect.Struct:
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if field.Tag.Get("json") == "-" {
				continue
			}
			for _, found := range fill(path+"."+field.Name, value.Field(i), random) {
				if found.step == "" {
					found.step = field.Tag.Get("step")
				}
				leaves = append(leaves, found)
			}
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 3, 3))
		for i := range value.Len() {
			leaves = append(leaves, fill(fmt.Sprintf("%s[%d]", path, i), value.Index(i), random)...)
		}
	case reflect.String:
		value.SetString(fmt.Sprintf("text %d", random.Int()))
		leaves = append(leaves, leaf{path: path, value: value})
	case reflect.Bool:
		value.SetBool(random.IntN(2) == 1)
		leaves = append(leaves, leaf{path: path, value: value})
	default:
		value.SetInt(int64(1+random.Int32N(1000)) << 30)
		leaves = append(leaves, leaf{path: path, value: value})
	}
	return leaves
}

func TestHashChangesWithEveryFact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, section := range report.All() {
		structure := reflect.ValueOf(section).Elem()
		for _, leaf := range fill(section.Name(), structure, random) {
			before, was := report.Hash(report.OK, section), reflect.New(leaf.value.Type()).Elem()
			was.Set(leaf.value)
			change(leaf)
			if report.Hash(report.OK, section) == before {
				t.Errorf("%s: a change does not change the hash", leaf.path)
			}
			leaf.value.Set(was)
			if report.Hash(report.OK, section) != before {
				t.Errorf("%s: the hash does not come back with the value", leaf.path)
			}
		}
	}
}

// change moves a fact by more than its step.
func change(leaf leaf) {
	switch value := leaf.value.Interface().(type) {
	case time.Time:
		leaf.value.Set(reflect.ValueOf(value.Add(25 * time.Hour)))
		return
	case report.Date:
		leaf.value.SetString("2009-12-31")
		return
	}
	switch leaf.value.Kind() {
	case reflect.String:
		leaf.value.SetString(leaf.value.String() + "x")
	case reflect.Bool:
		leaf.value.SetBool(!leaf.value.Bool())
	default:
		distance := int64(1)
		if leaf.step != "" {
			fmt.Sscan(leaf.step, &distance)
		}
		leaf.value.SetInt(leaf.value.Int() + distance)
	}
}

func TestHashStaysWithinAStep(t *testing.T) {
	free := func(bytes int64) report.Section {
		return &report.Storage{Volumes: []report.Volume{{Mount: "/", FreeBytes: &bytes}}}
	}
	booted := func(second int) report.Section {
		return &report.OS{BootedAt: time.Date(2026, 11, 21, 8, 0, second, 0, time.UTC)}
	}
	worn := func(full int64) report.Section {
		return &report.Battery{Batteries: []report.Cell{{Device: "BAT0", FullMWh: full}}}
	}
	tests := []struct {
		fact                 string
		base, within, beyond report.Section
	}{
		{"free space", free(5 << 30), free(6<<30 - 1), free(6 << 30)},
		{"no free space", free(0), free(1<<30 - 1), free(1 << 30)},
		{"start of the system", booted(0), booted(59), booted(60)},
		{"wear", worn(40_000), worn(40_499), worn(40_500)},
	}
	for _, test := range tests {
		base := report.Hash(report.OK, test.base)
		if report.Hash(report.OK, test.within) != base {
			t.Errorf("%s: a change below the step changes the hash", test.fact)
		}
		if report.Hash(report.OK, test.beyond) == base {
			t.Errorf("%s: a whole step does not change the hash", test.fact)
		}
	}
}

func TestHashIgnoresTheOrderOfLists(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, section := range report.All() {
		structure := reflect.ValueOf(section).Elem()
		fill(section.Name(), structure, random)
		before := report.Hash(report.OK, section)
		shuffle(structure, random)
		if report.Hash(report.OK, section) != before {
			t.Errorf("%s: the order of a list changes the hash", section.Name())
		}
	}
}

func shuffle(value reflect.Value, random *rand.Rand) {
	switch value.Kind() {
	case reflect.Struct:
		if _, isTime := value.Interface().(time.Time); isTime {
			return
		}
		for i := range value.NumField() {
			shuffle(value.Field(i), random)
		}
	case reflect.Slice:
		for i := range value.Len() {
			shuffle(value.Index(i), random)
		}
		random.Shuffle(value.Len(), reflect.Swapper(value.Interface()))
	default:
	}
}

func TestHashTellsUnknownFromKnownToBeNothing(t *testing.T) {
	zero, no := 0, false
	if report.Hash(report.OK, &report.Update{}) == report.Hash(report.OK, &report.Update{PendingCount: &zero}) {
		t.Error("no pending update looks like not known")
	}
	if report.Hash(report.OK, &report.Security{}) == report.Hash(report.OK, &report.Security{SecureBoot: &no}) {
		t.Error("secure boot off looks like not known")
	}
	if report.Hash(report.OK, &report.Battery{}) == report.Hash(report.Failed, &report.Battery{}) {
		t.Error("the outcome does not count")
	}
	if report.Hash(report.Absent, nil) != report.Hash(report.Absent, (*report.Battery)(nil)) {
		t.Error("no section and an empty pointer differ")
	}
	if got := len(report.Hash(report.OK, &report.CPU{Cores: 4})); got != 11 {
		t.Errorf("a hash has %d characters, want 11", got)
	}
}

func TestStateDigestCoversNamesAndHashesInAnyOrder(t *testing.T) {
	parts := []report.Part{{Name: "os", Hash: "a"}, {Name: "cpu", Hash: "b"}, {Name: "memory", Hash: "c"}}
	digest := report.StateDigest(parts)
	if len(digest) != 22 {
		t.Errorf("a digest has %d characters, want 22", len(digest))
	}
	reversed := slices.Clone(parts)
	slices.Reverse(reversed)
	if report.StateDigest(reversed) != digest {
		t.Error("order changes the digest")
	}
	if reversed[0].Name != "memory" {
		t.Error("the digest reorders what it was given")
	}
	if report.StateDigest(parts[1:]) == digest {
		t.Error("a vanished section does not change the digest")
	}
	parts[0].Hash = "z"
	if report.StateDigest(parts) == digest {
		t.Error("a changed hash does not change the digest")
	}
}
