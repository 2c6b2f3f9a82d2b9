// Package user reports who uses the device: the people with an account who
// have signed in. All of it is personal, so the roster can leave it out.
package user

// User collects the user section.
type User struct{}

// New returns the collector.
func New() User { return User{} }

// Section implements collect.Collector.
func (User) Section() string { return "user" }
