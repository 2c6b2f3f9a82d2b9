package device_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/device"
)

func TestMergeKeepsWhatIsNotSaid(t *testing.T) {
	for name, test := range map[string]struct {
		section, old, fresh string
		complete            bool
		want                string
	}{
		"nothing was known":      {"system", `{}`, `{"model":"X"}`, true, `{"model":"X"}`},
		"a blank":                {"system", `{"serial":"A","model":"X"}`, `{"model":"Y"}`, true, `{"model":"Y","serial":"A"}`},
		"a null":                 {"system", `{"serial":"A"}`, `{"serial":null}`, true, `{"serial":"A"}`},
		"a group":                {"system", `{"bios":{"maker":"M","version":"1"}}`, `{"bios":{"version":"2"}}`, true, `{"bios":{"version":"2","maker":"M"}}`},
		"unknown facts":          {"system", `{"aura":"blue"}`, `{"model":"X"}`, true, `{"model":"X","aura":"blue"}`},
		"an entry":               {"memory", `{"modules":[{"slot":"A","serial":"1","size_bytes":8}]}`, `{"modules":[{"slot":"A","size_bytes":9}]}`, true, `{"modules":[{"slot":"A","size_bytes":9,"serial":"1"}]}`},
		"another part":           {"memory", `{"modules":[{"slot":"A","serial":"S1","maker":"M"}]}`, `{"modules":[{"slot":"A","serial":"S2"}]}`, true, `{"modules":[{"slot":"A","serial":"S2"}]}`},
		"an entry that is gone":  {"memory", `{"modules":[{"slot":"A"},{"slot":"B"}]}`, `{"modules":[{"slot":"A"}]}`, true, `{"modules":[{"slot":"A"}]}`},
		"an incomplete list":     {"memory", `{"modules":[{"slot":"A"},{"slot":"B"}]}`, `{"modules":[{"slot":"A"}]}`, false, `{"modules":[{"slot":"A"},{"slot":"B"}]}`},
		"a list that is missing": {"storage", `{"drives":[{"device":"sda"}]}`, `{}`, true, `{"drives":[{"device":"sda"}]}`},
		"a list that is empty":   {"usb", `{"devices":[{"port":"1-1"}]}`, `{}`, true, `{}`},
		"that, but not in full":  {"usb", `{"devices":[{"port":"1-1"}]}`, `{}`, false, `{"devices":[{"port":"1-1"}]}`},
		"another volume there":   {"storage", `{"volumes":[{"mount":"/m","device":"a","label":"L"}]}`, `{"volumes":[{"mount":"/m","device":"b"}]}`, true, `{"volumes":[{"mount":"/m","device":"b"}]}`},
		"placeholder serials":    {"memory", `{"modules":[{"slot":"A","serial":"00000000","part":"P"},{"slot":"B","serial":"00000000","part":"Q"}]}`, `{"modules":[{"slot":"B"},{"slot":"A"}]}`, true, `{"modules":[{"slot":"B","part":"Q","serial":"00000000"},{"slot":"A","part":"P","serial":"00000000"}]}`},
		"a section of tomorrow":  {"quantum", `{"a":1,"list":[1,2]}`, `{"list":[3]}`, true, `{"list":[3],"a":1}`},
		"large numbers":          {"system", `{"n":1152921504606846977}`, `{"m":1}`, true, `{"m":1,"n":1152921504606846977}`},
	} {
		var got, want any
		merged := device.Merge(test.section, test.old, test.fresh, test.complete)
		if err := json.Unmarshal([]byte(merged), &got); err != nil {
			t.Errorf("%s: %s: %v", name, merged, err)
		}
		if err := json.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestMergingTwiceIsMergingOnce(t *testing.T) {
	old, fresh := `{"drives":[{"device":"sda","serial":"1"},{"device":"sdb"}],"x":1}`, `{"drives":[{"device":"sda"}],"volumes":[{"mount":"/"}]}`
	once := device.Merge("storage", old, fresh, false)
	if twice := device.Merge("storage", once, fresh, false); twice != once {
		t.Errorf("once: %s\ntwice: %s", once, twice)
	}
}
