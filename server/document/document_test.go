package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/server/document"
	"holdfast/server/fault"
	"holdfast/shared/report"
)

type ship struct {
	Name   string      `json:"name" required:"true" doc:"What it is called."`
	Flag   string      `json:"flag,omitempty" oneof:"red blue"`
	Masts  *int64      `json:"masts,omitempty" min:"1" max:"9"`
	Built  report.Date `json:"built,omitempty"`
	Afloat bool        `json:"afloat,omitempty"`
	Crew   []sailor    `json:"crew,omitempty"`
	Engine engine      `json:"engine,omitempty"`
}

type sailor struct {
	Name  string   `json:"name" required:"true"`
	Ports []string `json:"ports,omitempty"`
}

// engine is a Choice between steam and sail.
type engine struct{ form any }

type steam struct {
	Boilers int64 `json:"boilers" required:"true" min:"1"`
}

type sail struct {
	Canvas string `json:"canvas,omitempty"`
}

func (*engine) Kinds() []string { return []string{"steam", "sail"} }

func (*engine) Form(kind string) any {
	if kind == "steam" {
		return &steam{}
	}
	return &sail{}
}

func (e *engine) Choose(form any) { e.form = form }

func TestYAMLAndJSONReadAlike(t *testing.T) {
	masts := int64(3)
	want := ship{
		Name: "1805", Flag: "red", Masts: &masts, Built: "1765-05-07", Afloat: true,
		Crew: []sailor{{Name: "Ann", Ports: []string{"Kiel", "15.10"}}, {Name: "Bob"}}, Engine: engine{&steam{Boilers: 2}},
	}
	for name, text := range map[string]string{
		"yaml": "name: 1805\nflag: red\nmasts: 3\nbuilt: 1765-05-07\nafloat: true\n" +
			"crew:\n  - &ann {name: Ann, ports: [Kiel, 15.10]}\n  - name: Bob\n    ports:\nengine: {kind: steam, boilers: 2}\n",
		"json": "{\n\t\"name\": \"1805\", \"flag\": \"red\", \"masts\": 3, \"built\": \"1765-05-07\", \"afloat\": true,\n" +
			"\t\"crew\": [{\"name\": \"Ann\", \"ports\": [\"Kiel\", \"15.10\"]}, {\"name\": \"Bob\", \"ports\": null}],\n" +
			"\t\"engine\": {\"boilers\": 2, \"kind\": \"steam\"}}",
	} {
		t.Run(name, func(t *testing.T) {
			var got ship
			if err := document.Read([]byte(text), &got); err != nil {
				t.Fatalf("%+v", fault.Of(err))
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(engine{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryMistakeIsToldWithFieldAndLine(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	bomb := "crew: [&a {name: &n [x,x,x,x,x,x,x,x]}" + strings.Repeat(",*a", 30_000) + "]\nname: x"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n# only a comment\n", []string{" empty"}},
		{"broken yaml", "name: x\nflag: red\n masts: 2\n", []string{" syntax 3"}},
		{"broken json", "{\"name\": \"x\",\n \"flag\" \"red\"}", []string{" syntax_json 2"}},
		{"text after json", "{\"name\": \"x\"}\n{}", []string{" syntax_json 2"}},
		{"two documents", "name: x\n---\nname: y\n", []string{" several 2"}},
		{"a list outside", "- name: x\n", []string{" want_group 1"}},
		{"missing", "flag: red\n", []string{"name required 1"}},
		{"empty", "name: ' '\n", []string{"name required 1"}},
		{"null", "name: ~\nflag: null\n", []string{"name required 1"}},
		{"misspelt", "name: x\nMast: 2\n", []string{"Mast unknown_near 2"}},
		{"unknown", "name: x\nanchorage: 2\n", []string{"anchorage unknown 2"}},
		{"twice", "name: x\nmasts: 2\nmasts: 3\n", []string{"masts twice 3"}},
		{"twice in json", "{\"name\": \"x\",\n\"masts\": 2,\n\"masts\": 3}", []string{"masts twice 3"}},
		{"number for text in json", "{\"name\": 5}", []string{"name want_text 1"}},
		{"truth for text", "name: true\n", []string{"name want_text 1"}},
		{"list for text", "name: [x]\n", []string{"name want_text 1"}},
		{"text for number", "name: x\nmasts: \"3\"\n", []string{"masts want_number 2"}},
		{"fraction", "name: x\nmasts: 3.5\n", []string{"masts want_number 2"}},
		{"whole fraction", "name: x\nmasts: 3.0\n", []string{"masts want_number 2"}},
		{"huge", "name: x\nmasts: 99999999999999999999\n", []string{"masts want_number 2"}},
		{"too small", "name: x\nmasts: 0\n", []string{"masts too_small 2"}},
		{"too big", "name: x\nmasts: 10\n", []string{"masts too_big 2"}},
		{"no such day", "name: x\nbuilt: 2026-02-30\n", []string{"built want_date 2"}},
		{"no day", "name: x\nbuilt: yesterday\n", []string{"built want_date 2"}},
		{"text for truth", "name: x\nafloat: 'yes'\n", []string{"afloat want_truth 2"}},
		{"not offered", "name: x\nflag: green\n", []string{"flag one_of 2"}},
		{"group for list", "name: x\ncrew: {name: Ann}\n", []string{"crew want_list 2"}},
		{"text for group", "name: x\ncrew: [Ann]\n", []string{"crew[0] want_group 2"}},
		{"hole in a list", "name: x\ncrew:\n  - name: Ann\n  -\n", []string{"crew[1] required 4"}},
		{"no kind", "name: x\nengine: {boilers: 2}\n", []string{"engine.kind required 2"}},
		{"wrong kind", "name: x\nengine: {kind: oars}\n", []string{"engine.kind one_of 2"}},
		{"member of another kind", "name: x\nengine: {kind: sail, boilers: 2}\n", []string{"engine.boilers unknown 2"}},
		{"several at once", "flag: green\ncrew:\n  - nam: Ann\n  - {name: Bob, ports: Kiel}\n", []string{
			"flag one_of 1", "crew[0].nam unknown_near 3", "crew[0].name required 3", "crew[1].ports want_list 4", "name required 1",
		}},
		{"deep", "name: " + deep, []string{"name want_text 1"}},
		{"aliases that multiply", bomb, []string{"crew[0].name want_text 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := fault.Of(document.Read([]byte(c.text), &ship{}))
			if found == nil {
				t.Fatal("was read")
			}
			var got []string
			for _, field := range found.Fields {
				line := ""
				if number, is := field.Args["Line"].(int); is {
					line = " " + string(mustJSON(t, number))
				}
				got = append(got, field.Name+" "+strings.TrimPrefix(field.Key, "fault.document.")+line)
			}
			if len(got) > 10 {
				got = got[:1]
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAliasesAreBounded(t *testing.T) {
	text := "name: x\ncrew: [&a {name: Ann, ports: [a,b,c,d,e,f]}" + strings.Repeat(",*a", 20_000) + "]\n"
	found := fault.Of(document.Read([]byte(text), &ship{}))
	if found == nil || len(found.Fields) != 1 || found.Fields[0].Key != "fault.document.too_large" {
		t.Errorf("got %+v", found)
	}
	var few ship
	if err := document.Read([]byte("name: x\ncrew: [&a {name: Ann}, *a]\n"), &few); err != nil || len(few.Crew) != 2 {
		t.Errorf("got %v, %v", few.Crew, err)
	}
}

func TestNearestForgivesCaseHyphensAndTypos(t *testing.T) {
	known := []string{"virtual_machines", "devices", "hosts"}
	for wrong, want := range map[string]string{
		"virtualMachines": "virtual_machines", "virtual-machines": "virtual_machines", "device": "devices",
		"host": "hosts", "hsots": "hosts", "licences": "", "x": "",
	} {
		if got := document.Nearest(wrong, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", wrong, got, want)
		}
	}
}

func TestSchemaAndGroupsSayWhatTheTypesSay(t *testing.T) {
	schema, err := document.Schema(ship{}, "urn:ship", "Ship")
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Properties map[string]struct {
			Type    string
			Enum    []string
			Minimum *int
			OneOf   []json.RawMessage
		}
		Required             []string
		AdditionalProperties *bool
	}
	if err := json.Unmarshal(schema, &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Properties) != 7 || len(read.Required) != 1 || read.AdditionalProperties == nil || *read.AdditionalProperties ||
		len(read.Properties["flag"].Enum) != 2 || *read.Properties["masts"].Minimum != 1 || len(read.Properties["engine"].OneOf) != 2 {
		t.Errorf("schema is %s", schema)
	}
	var paths []string
	for _, group := range document.Groups(ship{}) {
		paths = append(paths, group.Path+" "+group.Kind)
	}
	if diff := cmp.Diff([]string{" ", "crew[] ", "engine steam", "engine sail"}, paths); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("name: x\ncrew: [{name: Ann}]\nengine: {kind: steam, boilers: 1}\n"))
	f.Add([]byte(`{"name": "x", "masts": 3, "crew": [{"name": "Ann"}]}`))
	f.Add([]byte("&a [*a]"))
	f.Add([]byte("name: !!binary x\nmasts: !!int \"3\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		err := document.Read(content, &ship{})
		if err != nil && fault.Of(err) == nil {
			t.Errorf("not a fault: %v", err)
		}
	})
}
