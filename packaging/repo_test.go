package packaging_test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// source is a package of the repository, as go list knows it.
type source struct {
	ImportPath, Dir  string
	Name             string
	GoFiles, Imports []string
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	decoder := json.NewDecoder(strings.NewReader(command(t, nil, "go", "-C", "..", "list", "-json=ImportPath,Dir,Name,GoFiles,Imports", "./...")))
	for {
		var one source
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		one.ImportPath = strings.TrimPrefix(one.ImportPath, "holdfast/")
		all = append(all, one)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, one := range sources(t) {
		if len(one.GoFiles) == 0 { // only tests
			continue
		}
		start := "Package " + one.ImportPath[strings.LastIndex(one.ImportPath, "/")+1:]
		if one.Name == "main" {
			start = "Command "
		}
		said := slices.ContainsFunc(one.GoFiles, func(name string) bool {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(one.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			return strings.HasPrefix(file.Doc.Text(), start)
		})
		if !said {
			t.Errorf("%s: no file has a package doc that starts with %q", one.ImportPath, start)
		}
	}
}

// floor says who may not import whom: a package below one of the folders
// imports none that starts with one of the others.
type floor struct {
	of, not []string
	but     []string // exceptions to of
	why     string
}

func floors() []floor {
	return []floor{
		{of: []string{"shared/"}, not: []string{"holdfast/agent", "holdfast/server", "github.com/gin-gonic", "gorm.io"}, why: "both sides stand on shared"},
		{of: []string{"agent/"}, not: []string{"holdfast/server", "holdfast/migrations", "gorm.io", "github.com/gin-gonic"}, why: "the agent is built without the server"},
		{of: []string{"server/", "migrations"}, not: []string{"holdfast/agent"}, why: "the server is built without the agent"},
		{
			of: []string{"server/"}, but: []string{"server/api", "server/web", "server/route", "server/app", "server/cmd"},
			why: "a domain knows neither transport nor pages",
			not: []string{
				"github.com/gin-gonic", "github.com/danielgtaylor/huma", "github.com/a-h/templ", "net/http/httptest",
				"holdfast/server/api", "holdfast/server/web", "holdfast/server/app", "holdfast/server/route",
			},
		},
		{of: []string{"server/"}, but: []string{"server/cmd/"}, not: []string{"holdfast/server/app", "holdfast/server/cmd"}, why: "only a command uses app"},
		{of: []string{"server/web"}, not: []string{"holdfast/server/api"}, why: "pages and API stand side by side"},
		{of: []string{"server/api"}, not: []string{"holdfast/server/web"}, why: "pages and API stand side by side"},
		{
			of: []string{"agent/"}, but: []string{"agent/host", "agent/cmd/"}, why: "only agent/host touches the machine",
			not: []string{"os/exec", "github.com/shirou/gopsutil", "golang.org/x/sys/windows/registry", "github.com/yusufpapurcu/wmi"},
		},
	}
}

func within(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(path+"/", strings.TrimSuffix(folder, "/")+"/") })
}

func TestImportsFollowTheFloors(t *testing.T) {
	for _, one := range sources(t) {
		for _, floor := range floors() {
			if !within(one.ImportPath, floor.of) || within(one.ImportPath, floor.but) {
				continue
			}
			for _, imported := range one.Imports {
				own := strings.TrimPrefix(imported, "holdfast/")
				if within(imported, floor.not) && own != one.ImportPath && !strings.HasPrefix(own, one.ImportPath+"/") {
					t.Errorf("%s imports %s: %s", one.ImportPath, imported, floor.why)
				}
			}
		}
	}
}

// The agent runs on systems that nobody here may have: at least it compiles.
func TestAgentCompilesForEverySystem(t *testing.T) {
	for _, system := range []string{"windows", "darwin"} {
		command(t, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "go", "-C", "..", "vet", "./agent/...", "./shared/...")
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	want := []string{"Makefile", "README.md", "agent", "go.mod", "go.sum", "migrations", "packaging", "server", "shared"}
	var found []string
	for path := range strings.FieldsSeq(command(t, nil, "git", "-C", "..", "ls-files")) {
		top, _, _ := strings.Cut(path, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(found, top) {
			found = append(found, top)
		}
	}
	slices.Sort(found)
	for _, top := range found {
		if !slices.Contains(want, top) {
			t.Errorf("%s has no place at the top level", top)
		}
	}
}
