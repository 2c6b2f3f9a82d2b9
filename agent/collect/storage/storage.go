// Package storage reports what keeps data: the drives, and the file systems
// on them.
package storage

// Storage collects the storage section.
type Storage struct{}

// New returns the collector.
func New() Storage { return Storage{} }

// Section implements collect.Collector.
func (Storage) Section() string { return "storage" }
