package report

import "time"

// Update is what the device's package manager would bring, as of its last
// look. The agent does not make it look.
type Update struct {
	Manager         string          `json:"manager,omitempty" doc:"What installs updates, such as apt or dnf."`
	CheckedAt       time.Time       `json:"checked_at,omitzero" step:"24h" doc:"When it last asked its sources."`
	PendingCount    *int            `json:"pending,omitempty" doc:"Updates that wait to be installed."`
	SecurityCount   *int            `json:"pending_security,omitempty" doc:"Those of them that mend security."`
	RestartRequired *bool           `json:"restart_required,omitempty" doc:"Whether installed updates wait for a restart."`
	RestartFor      []string        `json:"restart_for,omitempty" doc:"Titles that want the restart."`
	Pending         []PendingUpdate `json:"updates,omitempty" doc:"Each update that waits."`
}

// PendingUpdate is one update that waits to be installed.
type PendingUpdate struct {
	Title    string `json:"name" doc:"Name of the title."`
	From     string `json:"from,omitempty" doc:"Version that is installed."`
	To       string `json:"to,omitempty" doc:"Version that waits."`
	Security bool   `json:"security,omitempty" doc:"Whether it mends security."`
}

// Name implements Section.
func (*Update) Name() string { return "update" }
