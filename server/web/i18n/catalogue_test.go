package i18n

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/server/audit"
	"holdfast/server/config"
	"holdfast/server/device"
	"holdfast/server/health"
	"holdfast/server/identity"
	"holdfast/server/inventory"
	"holdfast/server/list"
	"holdfast/shared/report"
)

// texts gives a catalogue with those of the domains, as they stand in the files.
func texts(t *testing.T, language string) map[string]json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	files, err := filepath.Glob(language + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, language+".json") {
		if strings.HasPrefix(filepath.Base(file), "derived.") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &all); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return all
}

// derived gives the French texts whose English stands in the program.
func derived(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("fr/derived.*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "derived.fr.json") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &all); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`{{\.(\w+)}}`)

func placeholders(text json.RawMessage) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(string(text), -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	english, french := texts(t, "en"), texts(t, "fr")
	for key, en := range english {
		fr, found := french[key]
		if !found {
			t.Errorf("%s has no French", key)
			continue
		}
		if (en[0] == '{') != (fr[0] == '{') {
			t.Errorf("%s counts in one language only", key)
		}
		if !slices.Equal(placeholders(en), placeholders(fr)) {
			t.Errorf("%s names %v in English and %v in French", key, placeholders(en), placeholders(fr))
		}
	}
	for key := range french {
		if _, found := english[key]; !found {
			t.Errorf("%s has no English", key)
		}
	}
}

func TestFrenchIsSpacedAsInQuebec(t *testing.T) {
	wrong := regexp.MustCompile(` [:»]|« |[ \x{00a0}\x{202f}][?;!]|\d h \d|'`)
	code := regexp.MustCompile("`[^`]*`")
	check := func(key, text string) {
		if found := wrong.FindString(code.ReplaceAllString(text, "")); found != "" {
			t.Errorf("%s has %q: %s", key, found, text)
		}
	}
	for key, raw := range texts(t, "fr") {
		var forms map[string]string
		if json.Unmarshal(raw, &forms) != nil {
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				t.Fatal(err)
			}
			forms = map[string]string{"": text}
		}
		for _, text := range forms {
			check(key, text)
		}
	}
	for key, text := range derived(t) {
		if !strings.HasPrefix(key, "setting.") {
			check(key, text)
		}
	}
}

func TestFactsAndSettingsAreExplainedInFrench(t *testing.T) {
	french := derived(t)
	wanted := map[string]bool{}
	err := report.Reference(&strings.Builder{}, func(key, english string) string {
		wanted[key] = true
		return english
	})
	if err != nil {
		t.Fatal(err)
	}
	settings, err := config.Settings()
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range settings {
		wanted["setting."+setting.Name] = true
	}
	for key := range wanted {
		if french[key] == "" {
			t.Errorf("%s has no French", key)
		}
	}
	for key := range french {
		if strings.HasPrefix(key, "fact.") && !wanted[key] {
			t.Errorf("%s explains nothing that exists", key)
		}
	}
}

// families are the keys that the program puts together.
func families() []string {
	var keys []string
	add := func(prefix string, names ...string) {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	for _, reason := range report.Reasons() {
		add("", string(reason))
	}
	for _, outcome := range report.Outcomes() {
		if outcome != report.OK {
			add("outcome.", string(outcome))
		}
	}
	for _, action := range device.Actions() {
		add("change.", string(action))
		add("value.action.", string(action))
	}
	for _, kind := range device.Kinds() {
		add("value.kind.", string(kind))
	}
	for _, role := range identity.Roles() {
		add("role.", string(role))
	}
	for _, permission := range identity.Permissions() {
		add("permission.", string(permission))
	}
	ctx := identity.WithActor(context.Background(), identity.System("test"))
	add("column.devices.", columns(inventory.DeviceColumns(ctx).Fields())...)
	add("column.software.", columns(inventory.TitleColumns(ctx).Fields())...)
	add("column.installations.", columns(inventory.InstallationColumns().Fields())...)
	add("column.changes.", columns(inventory.ChangeColumns().Fields())...)
	add("column.audit.", columns(audit.Columns().Fields())...)
	add("column.holders.", "version")
	for _, name := range []string{"devices", "software", "installations", "changes", "audit", "holders"} {
		add(name+".", "title", "total", "empty", "empty_why")
	}
	for _, check := range health.Checks() {
		add("check."+check.ID+".", "title", "short", "what", "bad", "ok", "advice")
		add("value.check.", check.ID)
		if check.Unit != "" {
			add("check.unit.", string(check.Unit))
			add("check.count.", string(check.Unit))
		}
		for _, section := range check.Reads {
			if !Has("section." + section) {
				add("check.reads.", section)
			}
		}
	}
	for _, action := range health.Actions() {
		add("alert.action.", string(action))
	}
	for _, reason := range health.Reasons() {
		add("alert.resolved_", string(reason))
	}
	for _, level := range health.Levels() {
		add("value.health.", string(level))
	}
	add("column.alerts.", columns(health.AlertColumns(time.Time{}).Fields())...)
	add("alerts.", "title", "total", "empty", "empty_why")
	add("alert.snooze_", "1", "3", "7", "30")
	for _, spec := range report.Specs() {
		add("section.", spec.Name)
		add("value.section.", spec.Name)
		for _, field := range spec.Fields {
			name := field.Path
			if i := strings.LastIndexByte(name, '.'); i >= 0 {
				name = name[i+1:]
			}
			add("label.", strings.TrimSuffix(name, "[]"))
			for _, value := range field.OneOf {
				add("value."+name+".", value)
			}
			if field.Type == "list of group" && spec.Name != "software" {
				add("thing."+spec.Name+".", field.Path)
			}
		}
	}
	add("change.", "changed_thing")
	keys = append(keys, assetFamilies(ctx)...)
	keys = append(keys, disposalFamilies()...)
	keys = append(keys, licenceFamilies()...)
	pages := []string{"403", "404", "409", "413", "422", "429", "500", "503"}
	add("failure.", pages...)
	add("problem.", append(pages, "400", "401", "405", "406", "415")...)
	return keys
}

func columns(fields []list.Field) []string {
	keys := make([]string, len(fields))
	for i, field := range fields {
		keys[i] = field.Key
	}
	return keys
}

func TestEveryKeyThatIsPutTogetherExists(t *testing.T) {
	for _, key := range families() {
		if !Has(key) {
			t.Errorf("there is no text %s", key)
		}
	}
}

var (
	literal = regexp.MustCompile(`"([a-z_]+(?:\.[a-zA-Z0-9_-]+)+)"`)
	asked   = regexp.MustCompile(`(?:i18n\.)?(?:\bT|\bCount)\(ctx, "([^"]+)"[,)]`)
	missing = regexp.MustCompile(`NewMissing\("([a-z_]+)"\)|page\.ID\[[^\]]+\]\(c, "[a-z]+", "([a-z_]+)"\)`)
	word    = regexp.MustCompile(`"([A-Za-z0-9_.-]+)"`)
)

// source is what the program says in its own files.
type source struct {
	asked    map[string]string // keys that must exist, with the file that asks
	literals map[string]bool   // whatever looks like a key
	words    map[string]bool   // whatever stands between quotation marks
}

func readSource(t *testing.T) source {
	t.Helper()
	found := source{map[string]string{}, map[string]bool{}, map[string]bool{}}
	for _, root := range []string{"../..", "../../../shared"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			name := entry.Name()
			code := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go")
			if !code && !strings.HasSuffix(name, ".templ") {
				return nil
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found.read(path, string(content))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func (s source) read(path, content string) {
	for _, match := range asked.FindAllStringSubmatch(content, -1) {
		s.asked[match[1]] = path
	}
	for _, match := range missing.FindAllStringSubmatch(content, -1) {
		s.asked["fault.missing."+match[1]+match[2]] = path
	}
	for _, match := range literal.FindAllStringSubmatch(content, -1) {
		s.literals[match[1]] = true
		if strings.HasPrefix(match[1], "fault.") {
			s.asked[match[1]] = path
		}
	}
	for _, match := range word.FindAllStringSubmatch(content, -1) {
		for part := range strings.SplitSeq(match[1], ".") {
			s.words[part] = true
		}
	}
}

func TestEveryKeyInUseExists(t *testing.T) {
	for key, path := range readSource(t).asked {
		if !Has(key) {
			t.Errorf("%s asks for %s, which is in no catalogue", path, key)
		}
	}
}

// A key whose name is put together counts as used when its last part stands
// somewhere in the program. The catalogues of the domains are their own affair.
func TestNoKeyIsLeftOver(t *testing.T) {
	content, err := os.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	var own map[string]json.RawMessage
	if err := json.Unmarshal(content, &own); err != nil {
		t.Fatal(err)
	}
	program := readSource(t)
	family := map[string]bool{}
	for _, key := range families() {
		family[key] = true
	}
	built := regexp.MustCompile(`^(column|value|label|thing|change|area|failure|filter|audit\.action|audit\.field|fault|state|component|search\.by|age|problem|finding|outcome|device|date|unit|view|help\.estate\.type)\.`)
	for key := range own {
		last := key[strings.LastIndexByte(key, '.')+1:]
		used := program.literals[key] || family[key] || built.MatchString(key) && program.words[last]
		if !used {
			t.Errorf("nothing uses %s", key)
		}
	}
}
