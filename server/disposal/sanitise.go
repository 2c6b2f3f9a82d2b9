package disposal

import (
	"slices"
	"strings"
	"time"

	"holdfast/server/check"
	"holdfast/server/identity"
)

// Medium is what a drive keeps data on.
type Medium string

// The media.
const (
	SSD     Medium = "ssd"
	HDD     Medium = "hdd"
	Unknown Medium = "unknown"
)

// Media lists every medium.
func Media() []Medium { return []Medium{SSD, HDD, Unknown} }

// Outcome is what became of the data, after NIST SP 800-88, or of the drive.
type Outcome string

// The outcomes.
const (
	Clear   Outcome = "clear"
	Purge   Outcome = "purge"
	Destroy Outcome = "destroy"
	Lost    Outcome = "lost"
)

// Outcomes lists those that a record of removal may have.
func Outcomes() []Outcome { return []Outcome{Clear, Purge, Destroy} }

// Technique is a way to remove data.
type Technique struct {
	Key      string
	Outcomes map[Medium][]Outcome // what it achieves; a medium that is missing is not fit for it
}

// Techniques is the one table of what achieves what on which medium. The
// outcomes are those of NIST SP 800-88 revision 2 (2025), which are those of
// revision 1 (2014); what achieves them follows appendix A of revision 1, which
// revision 2 leaves to IEEE 2883. Degaussing purges a magnetic disk, does
// nothing to flash and destroys neither. Overwriting purges a magnetic disk as
// the drive's own sanitize command, which reaches the sectors that were set
// aside; it never reaches the cells that a solid state drive has set aside.
func Techniques() []Technique {
	destroy := map[Medium][]Outcome{SSD: {Destroy}, HDD: {Destroy}, Unknown: {Destroy}}
	return []Technique{
		{"overwrite", map[Medium][]Outcome{SSD: {Clear}, HDD: {Clear, Purge}, Unknown: {Clear}}},
		{"firmware_erase", map[Medium][]Outcome{SSD: {Clear, Purge}, HDD: {Clear, Purge}, Unknown: {Clear}}},
		{"block_erase", map[Medium][]Outcome{SSD: {Purge}}},
		{"crypto_erase", map[Medium][]Outcome{SSD: {Purge}, HDD: {Purge}, Unknown: {Purge}}},
		{"degauss", map[Medium][]Outcome{HDD: {Purge}}},
		{"shred", destroy},
		{"disintegrate", destroy},
		{"pulverise", destroy},
		{"incinerate", destroy},
	}
}

// Verifications lists how a removal may be checked: the whole drive read back,
// a sample of it, or the remains looked at.
func Verifications() []string { return []string{"full", "sample", "inspection"} }

// Record is what became of the data on a drive.
type Record struct {
	Outcome        Outcome
	Technique      string
	Tool           string
	ToolVersion    string
	PerformerID    identity.UserID
	Performer      string
	PerformedOn    time.Time // midnight UTC of the day
	Note           string
	TicketID       TicketID // the incident of a loss
	Ticket         int      // its number
	RecordedByID   identity.UserID
	RecordedBy     string
	RecordedAt     time.Time
	Verification   string
	ValidatedByID  identity.UserID
	ValidatedBy    string
	ValidatedAt    time.Time
	ValidationNote string
}

// MadeBy reports whether a person removed the data or recorded that, and so
// cannot be the one who checks it.
func (r Record) MadeBy(who identity.UserID, name string) bool {
	return who == r.PerformerID || who == r.RecordedByID || same(name, r.Performer)
}

// Weak reports whether a record says less than it seems: clearing a solid
// state drive by overwriting is not a purge.
func (d Drive) Weak() bool {
	return d.Record != nil && d.Record.Outcome == Clear && d.Medium != HDD
}

// RecordWish is a record of removal to be made.
type RecordWish struct {
	Outcome     Outcome
	Technique   string
	Tool        string
	ToolVersion string
	Performer   string // empty is who records it
	PerformedOn time.Time
	Medium      Medium // where it is not known
	Note        string
}

const (
	nameLimit = 200 // characters
	noteLimit = 4000
)

// tidied checks the wish against the drive and the day. Fault: Invalid.
func (w RecordWish) tidied(d *Drive, now time.Time) (RecordWish, error) {
	var fields check.Fields
	w.Tool = fields.Name("tool", w.Tool, nameLimit)
	w.ToolVersion = fields.Text("tool_version", w.ToolVersion, nameLimit)
	w.Performer = fields.Text("performer", w.Performer, nameLimit)
	w.Note = fields.Note("note", w.Note, noteLimit)
	if d.Medium != Unknown || !slices.Contains(Media(), w.Medium) {
		w.Medium = d.Medium
	}
	if !slices.Contains(Outcomes(), w.Outcome) {
		fields.Add("outcome", "fault.field.choice", nil)
	}
	if w.Technique == "" {
		fields.Add("technique", "fault.field.required", nil)
	} else if key := unfit(w.Technique, w.Medium, w.Outcome); key != "" {
		fields.Add("technique", key, map[string]any{"Medium": string(w.Medium)})
	}
	checkDay(&fields, w.PerformedOn, now)
	return w, fields.Err()
}

// unfit says why a technique does not achieve an outcome on a medium, as a
// message key; "" when it does.
func unfit(technique string, medium Medium, outcome Outcome) string {
	at := slices.IndexFunc(Techniques(), func(t Technique) bool { return t.Key == technique })
	if at < 0 {
		return "fault.field.choice"
	}
	achieves := Techniques()[at].Outcomes[medium]
	switch {
	case slices.Contains(achieves, outcome):
		return ""
	case technique == "degauss" && medium != HDD:
		return "fault.disposal.degauss"
	case technique == "overwrite" && outcome == Purge:
		return "fault.disposal.overwrite_purge"
	}
	return "fault.disposal.unfit"
}

// guess tells the medium from the name of a model, where no device says.
func guess(model string) Medium {
	folded := strings.ToLower(model)
	for _, word := range []string{"ssd", "nvme", "m.2", "emmc", "flash", "solid state"} {
		if strings.Contains(folded, word) {
			return SSD
		}
	}
	return Unknown
}

// same reports whether two names are of the same person as far as names tell.
func same(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// checkDay checks the day on which something was done: it is known, and not to
// come. Midnight may have passed already where the person is.
func checkDay(fields *check.Fields, day, now time.Time) {
	switch {
	case day.IsZero():
		fields.Add("performed_on", "fault.field.required", nil)
	case day.Year() < 1990 || day.After(now.Add(14*time.Hour)):
		fields.Add("performed_on", "fault.disposal.day", nil)
	}
}
