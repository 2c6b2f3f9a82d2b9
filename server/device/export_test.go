package device

import "github.com/go-json-experiment/json/jsontext"

// Merge lays fresh facts of a section over old ones.
func Merge(section, old, fresh string, complete bool) string {
	return string(merge(section, jsontext.Value(old), jsontext.Value(fresh), complete))
}

// MakePartition makes one monthly partition.
//
//nolint:gochecknoglobals // for tests
var MakePartition = makePartition
