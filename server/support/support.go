// Package support knows until when operating systems get security updates. The
// dates are one file, dates.json, with the source of each and the day of the
// edition; checks and plans read them through Of.
//
// EndsOn is the last day on which updates come to everybody. ExtendedEndsOn is
// the last day for those who pay or sign up for more, and zero where there is
// no such offer. Dates that the maker does not publish are marked Estimated.
//
// To add a system, add its entry and its source; the test checks the form. The
// first entry that matches counts, so the particular stand before the general.
package support

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"holdfast/shared/report"
)

//go:embed dates.json
var file []byte

// Dates say until when a system is supported.
type Dates struct {
	Title          string    // such as "Debian 12 (bookworm)"
	EndsOn         time.Time // midnight UTC of the last day
	ExtendedEndsOn time.Time // as above, at extra cost; zero: not offered
	Estimated      bool      // the maker publishes none
	Source         string    // address where the dates stand
}

// Version is the day of this edition of the dates.
func Version() string { return bundle().Version }

// Of gives the dates of a system, if they are known.
func Of(system report.OS) (Dates, bool) {
	all := bundle().Systems
	i := slices.IndexFunc(all, func(e entry) bool { return e.matches(system) })
	if i < 0 {
		return Dates{}, false
	}
	return all[i].dates(), true
}

// All lists the dates of every system that is known.
func All() []Dates {
	all := make([]Dates, 0, len(bundle().Systems))
	for i := range bundle().Systems {
		all = append(all, bundle().Systems[i].dates())
	}
	return all
}

// contents is the file.
type contents struct {
	Version string  `json:"version"`
	Systems []entry `json:"systems"`
}

// entry is one system. What is empty is not asked for.
type entry struct {
	Title          string   `json:"title"`
	ID             string   `json:"id"`                 // as the agent reports it
	Version        string   `json:"version,omitempty"`  // this version, or one that begins with it and a dot
	Build          string   `json:"build,omitempty"`    // or this build, likewise
	Name           string   `json:"name,omitempty"`     // a word in name or edition
	Editions       []string `json:"editions,omitempty"` // one of these words in name or edition
	EndsOn         date     `json:"ends_on"`
	ExtendedEndsOn date     `json:"extended_ends_on"`
	Estimated      bool     `json:"estimated,omitempty"`
	Source         string   `json:"source"`
}

func (e *entry) dates() Dates {
	return Dates{
		Title: e.Title, EndsOn: e.EndsOn.day, ExtendedEndsOn: e.ExtendedEndsOn.day,
		Estimated: e.Estimated, Source: e.Source,
	}
}

func (e *entry) matches(system report.OS) bool {
	if e.ID != system.ID {
		return false
	}
	version := e.Version != "" && begins(system.Version, e.Version)
	build := e.Build != "" && begins(strings.TrimPrefix(system.Build, "10.0."), e.Build)
	if !version && !build {
		return false
	}
	called := strings.ToLower(system.Title + " " + system.Edition)
	if !strings.Contains(called, strings.ToLower(e.Name)) {
		return false
	}
	return len(e.Editions) == 0 || slices.ContainsFunc(e.Editions, func(word string) bool {
		return strings.Contains(called, strings.ToLower(word))
	})
}

// begins reports whether text is start, or start and then a dot and more.
func begins(text, start string) bool {
	rest, found := strings.CutPrefix(text, start)
	return found && (rest == "" || rest[0] == '.')
}

// date is a day.
type date struct{ day time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *date) UnmarshalText(text []byte) (err error) {
	d.day, err = time.Parse(time.DateOnly, string(text))
	return err
}

// bundle is the file, read once.
//
//nolint:gochecknoglobals // a constant in disguise: it is part of the program
var bundle = sync.OnceValue(func() contents {
	read, err := parse(file)
	if err != nil {
		panic(err) // part of the program; the test reads it too
	}
	return read
})

func parse(file []byte) (contents, error) {
	var read contents
	if err := json.Unmarshal(file, &read); err != nil {
		return contents{}, fmt.Errorf("read support dates: %w", err)
	}
	for _, e := range read.Systems {
		if e.Title == "" || e.ID == "" || e.Version == "" && e.Build == "" || e.EndsOn.day.IsZero() || !strings.HasPrefix(e.Source, "https://") {
			return contents{}, fmt.Errorf("read support dates: %q lacks something", e.Title)
		}
		if !e.ExtendedEndsOn.day.IsZero() && e.ExtendedEndsOn.day.Before(e.EndsOn.day) {
			return contents{}, fmt.Errorf("read support dates: %q ends after its extension", e.Title)
		}
	}
	if _, err := time.Parse(time.DateOnly, read.Version); err != nil {
		return contents{}, errors.Join(errors.New("read support dates: the version is no day"), err)
	}
	return read, nil
}
