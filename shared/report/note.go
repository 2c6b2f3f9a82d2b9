package report

import (
	"strings"
	"unicode"
)

// Note says why one value of a report was not stored as it was sent. The rest
// of the report was.
type Note struct {
	Section string `json:"section"`
	Path    string `json:"path"`            // such as "modules[2].size_bytes"; empty means the whole section
	Reason  Reason `json:"reason"`          // message key, such as "note.negative"
	Value   string `json:"value,omitempty"` // what was sent, cut to 80 characters
}

// Reason is the message key that says why a value was not stored.
type Reason string

// The reasons. Long and Many keep what fits; all others drop the value.
const (
	Malformed    Reason = "note.malformed" // no JSON that can be read
	WrongType    Reason = "note.type"      // a text where a number belongs, or the like
	Negative     Reason = "note.negative"  // less than nothing
	TooLarge     Reason = "note.range"     // more than there can be
	NotOneOf     Reason = "note.oneof"     // not among the values there are
	BadMAC       Reason = "note.mac"       // no hardware address
	BadIP        Reason = "note.ip"        // no IP address
	BadPrefix    Reason = "note.prefix"    // no IP address with prefix length
	BadUUID      Reason = "note.uuid"      // no UUID
	BadDate      Reason = "note.date"      // a day that does not exist or cannot be meant
	BadTime      Reason = "note.time"      // a time that does not exist or cannot be meant
	Long         Reason = "note.long"      // cut to 1,000 characters
	Control      Reason = "note.control"   // control characters in a text
	BadEncoding  Reason = "note.encoding"  // bytes that are not UTF-8
	Many         Reason = "note.many"      // cut to 20,000 entries
	Twice        Reason = "note.twice"     // the same member a second time
	Incomplete   Reason = "note.missing"   // an entry without what names it
	TooDeep      Reason = "note.deep"      // nested deeper than anything known
	FurtherNotes Reason = "note.more"      // there are more notes than are kept
)

// Reasons lists every reason there is, for the catalogues of messages.
func Reasons() []Reason {
	return []Reason{
		Malformed, WrongType, Negative, TooLarge, NotOneOf, BadMAC, BadIP, BadPrefix, BadUUID, BadDate,
		BadTime, Long, Control, BadEncoding, Many, Twice, Incomplete, TooDeep, FurtherNotes,
	}
}

const (
	maxNotes     = 100 // a section that is wrong throughout is not worth more
	maxNoteValue = 80
)

// notes collects what is wrong with one section.
type notes struct {
	section string
	list    []Note
	count   int // with those that were too many for the list
}

func (n *notes) add(path string, reason Reason, value string) {
	n.count++
	switch {
	case len(n.list) < maxNotes:
		n.list = append(n.list, Note{n.section, excerpt(path), reason, excerpt(value)})
	case len(n.list) == maxNotes:
		n.list = append(n.list, Note{Section: n.section, Reason: FurtherNotes})
	}
}

// excerpt makes foreign text safe to keep and to show.
func excerpt(value string) string {
	safe := make([]rune, 0, maxNoteValue)
	for _, char := range strings.ToValidUTF8(value, "\uFFFD") {
		if len(safe) == maxNoteValue {
			safe[maxNoteValue-1] = '…'
			break
		}
		if unicode.IsControl(char) {
			char = '\uFFFD'
		}
		safe = append(safe, char)
	}
	return string(safe)
}
