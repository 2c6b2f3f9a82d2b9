package account

import "holdfast/server/store"

// NewCheap makes a service whose password hashes cost next to nothing.
func NewCheap(db *store.DB) *Service {
	return &Service{db: db, passwords: newPasswords(cost{memory: 64, time: 1, threads: 1})}
}
