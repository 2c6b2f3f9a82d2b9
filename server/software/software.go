// Package software keeps every title that was ever reported, once, and counts
// where it is installed. It owns the tables titles, releases, title_counts and
// count_runs. Which release is on which device is package device's.
//
// A title is a name with its publisher and package source, a release is a
// title in one version, edition and architecture. Interner turns what a report
// lists into the numbers of releases; Counter keeps the counts that lists show.
package software

import (
	"holdfast/shared/id"
)

// Title marks the identifiers of titles.
type Title struct{}

// TitleID identifies a title outside the database.
type TitleID = id.Of[Title]

// Key identifies a release or a title inside the database, where narrow rows
// count.
type Key = int32
