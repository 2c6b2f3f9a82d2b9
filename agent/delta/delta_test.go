package delta_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/agent/delta"
	"holdfast/shared/report"
)

func parts() []report.Part {
	return []report.Part{{Name: "os", Hash: "a"}, {Name: "cpu", Hash: "b"}, {Name: "user", Hash: "c"}}
}

func names(parts []report.Part) []string {
	list := []string{}
	for _, part := range parts {
		list = append(list, part.Name)
	}
	return list
}

func TestOnlyChangedSectionsAreNew(t *testing.T) {
	state := delta.Of(parts())
	if got := names(state.Changed(parts())); len(got) != 0 {
		t.Errorf("changed without a change: %v", got)
	}
	now := parts()
	now[1].Hash = "z"
	now = append(now, report.Part{Name: "battery", Hash: "d"})
	if diff := cmp.Diff([]string{"cpu", "battery"}, names(state.Changed(now))); diff != "" {
		t.Errorf("changed sections differ:\n%s", diff)
	}
	if got := names(delta.State{}.Changed(parts())); len(got) != 3 {
		t.Errorf("to who knows nothing only %v is new", got)
	}
}

func TestAVanishedSectionIsNoticed(t *testing.T) {
	if delta.Of(parts()).Digest == delta.Of(parts()[:2]).Digest {
		t.Error("the digest stays when a section vanishes")
	}
}

func TestStateSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if state, err := delta.Load(path); err != nil || state.Digest != "" {
		t.Fatalf("no file gives %+v, %v", state, err)
	}
	saved := delta.Of(parts())
	if err := saved.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := delta.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(saved, loaded); diff != "" {
		t.Errorf("state differs:\n%s", diff)
	}
	if err := delta.Forget(path); err != nil {
		t.Fatal(err)
	}
	if state, err := delta.Load(path); err != nil || state.Digest != "" {
		t.Errorf("a forgotten state gives %+v, %v", state, err)
	}
}

func TestATornStateSendsEverythingAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(path, []byte(`{"digest":"abc","sect`), 0o600); err != nil {
		t.Fatal(err)
	}
	state, err := delta.Load(path)
	if err == nil {
		t.Error("a torn state is not reported")
	}
	if len(state.Changed(parts())) != 3 {
		t.Errorf("a torn state hides changes: %+v", state)
	}
}
