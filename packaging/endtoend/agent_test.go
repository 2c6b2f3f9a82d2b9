package endtoend_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"

	"holdfast/agent/deliver"
	"holdfast/server/store"
	"holdfast/shared/report"
)

// titles is how many titles a made-up device has besides the one that counts.
const titles = 100

// parts are the sections of made-up device number, in whose state the title
// "work" has the version round.
func parts(number, round int) []report.Part {
	packages := []report.Package{{Title: "work", Version: strconv.Itoa(round), Source: "deb"}}
	for i := range titles {
		packages = append(packages, report.Package{Title: fmt.Sprintf("title %d", (number*7+i*3)%500), Version: "1", Source: "deb"})
	}
	sections := []report.Section{
		&report.System{Maker: "Contoso", Model: "E2E", Serial: serial(number), Machine: "physical", Chassis: "desktop"},
		&report.OS{Family: "linux", Title: "Debian GNU/Linux", Version: "12", Hostname: serial(number)},
		&report.Software{Packages: packages},
	}
	made := make([]report.Part, 0, len(sections))
	for _, section := range sections {
		facts, err := json.Marshal(section)
		if err != nil {
			panic(err) // sections are made to be written
		}
		made = append(made, report.Part{
			Name: section.Name(), Outcome: report.OK, Hash: report.Hash(report.OK, section), Facts: facts,
		})
	}
	return made
}

func serial(number int) string { return fmt.Sprintf("E2E-%05d", number) }

func open(folder, server, key string) (*deliver.Deliverer, error) {
	return deliver.Open(folder, deliver.Connection{
		Server: server,
		Agent:  report.Agent{Version: "1.0.0", OS: "linux", Arch: "amd64"},
		Log:    slog.New(slog.DiscardHandler),
	}, deliver.Secret(key))
}

// history is what the server knows of a device: the versions of "work" one
// after another, as its history tells them.
func history(t *testing.T, db *store.DB, number int) (versions []int) {
	t.Helper()
	var changes []struct{ Before, After string }
	err := db.Read(t.Context()).Raw(`SELECT c.before, c.after FROM device_changes c
		JOIN device_keys k ON k.device_id = c.device_id AND k.kind = 'serial' AND k.value = lower(?)
		WHERE c.action = 'upgraded' AND c.subject = 'work' ORDER BY c.at, c.seq`, serial(number)).Scan(&changes).Error
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		before, after := whole(t, change.Before), whole(t, change.After)
		if len(versions) == 0 {
			versions = append(versions, before)
		}
		if before != versions[len(versions)-1] {
			t.Errorf("device %d went from %d to %d after %v", number, before, after, versions)
		}
		versions = append(versions, after)
	}
	return versions
}

func whole(t *testing.T, text string) int {
	t.Helper()
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// upTo is 0, 1, ... last.
func upTo(last int) []int {
	all := make([]int, 0, last+1)
	for n := range last + 1 {
		all = append(all, n)
	}
	return all
}

func expectHistory(t *testing.T, db *store.DB, number, last int) {
	t.Helper()
	if got := history(t, db, number); !slices.Equal(got, upTo(last)) {
		t.Errorf("device %d: the server knows the rounds %v, want each from 0 to %d once", number, got, last)
	}
}
