package report

import "time"

// User is who uses the device. The whole section is personal: it is not
// collected where the agent or the unit of the device says so.
type User struct {
	Last     Account   `json:"last,omitzero" doc:"Person who signed in last."`
	Accounts []Account `json:"accounts,omitempty" doc:"People with an account who have signed in."`
}

// Account is one person's account on the device.
type Account struct {
	Login  string    `json:"login,omitempty" personal:"yes" doc:"Name to sign in with."`
	Person string    `json:"person,omitempty" personal:"yes" doc:"Full name, where the account has one."`
	SeenAt time.Time `json:"seen_at,omitzero" personal:"yes" step:"24h" doc:"When the person signed in last."`
}

// Name implements Section.
func (*User) Name() string { return "user" }
