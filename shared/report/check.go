package report

import (
	"bytes"
	"encoding/json"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

const (
	maxText    = 1000   // characters
	maxEntries = 20_000 // of a list
	maxDepth   = 32     // of values that this build does not know
	firstYear  = 1980   // before the first PC with a clock
	lastYear   = 2100
)

// Read takes the facts of a foreign section as they arrived. It gives the
// section, nil when this build does not know its name; the facts without the
// values that break the specification, always a JSON object that a database
// can hold; and a note for each value that was dropped or cut. One bad value
// costs that value only. Members that this build does not know are kept.
//
// Nearly every report is fine, so Read first decodes and checks it as a whole
// and returns facts itself; it goes through value by value only if that fails.
func Read(name string, facts json.RawMessage) (Section, json.RawMessage, []Note) {
	shape := shapes()[name]
	if facts = bytes.TrimSpace(facts); len(facts) == 0 || string(facts) == "null" {
		facts = json.RawMessage("{}")
	}
	if shape != nil && facts[0] == '{' {
		section := shape.newSection()
		err := jsonv2.Unmarshal(facts, section, jsonv2.RejectUnknownMembers(true))
		if err == nil && shape.fine(reflect.ValueOf(section).Elem()) {
			return section, facts, nil
		}
	}
	found := notes{section: excerpt(name)}
	kept := mend(facts, shape, &found)
	if shape == nil {
		return nil, kept, found.list
	}
	section, err := shape.decode(kept)
	if err != nil { // cannot be: what mend keeps fits the struct
		found.add("", Malformed, err.Error())
		return shape.newSection(), json.RawMessage("{}"), found.list
	}
	return section, kept, found.list
}

func (s *shape) newSection() Section {
	section, _ := reflect.New(s.structure).Interface().(Section)
	return section
}

// decode reads facts that were mended. The members of a software title that
// are not known go to its Extra, because titles are stored one by one.
func (s *shape) decode(facts json.RawMessage) (Section, error) {
	section := s.newSection()
	software, isSoftware := section.(*Software)
	if !isSoftware {
		return section, jsonv2.Unmarshal(facts, section)
	}
	var wide struct {
		Packages []struct {
			Package
			Unknown jsontext.Value `json:",embed"`
		} `json:"packages"`
	}
	if err := jsonv2.Unmarshal(facts, &wide); err != nil {
		return nil, err
	}
	if wide.Packages != nil {
		software.Packages = make([]Package, 0, len(wide.Packages))
	}
	for _, title := range wide.Packages {
		title.Extra = json.RawMessage(title.Unknown)
		software.Packages = append(software.Packages, title.Package)
	}
	return section, nil
}

// fine reports whether every value of a decoded struct keeps the
// specification and is written in the one way that is stored.
func (s *shape) fine(structure reflect.Value) bool {
	for i := range s.fields {
		field := &s.fields[i]
		value := structure.Field(field.index)
		if !field.list {
			if !field.fine(value) {
				return false
			}
			continue
		}
		if value.Len() > maxEntries {
			return false
		}
		for i := range value.Len() {
			entry := value.Index(i)
			if !field.fine(entry) || entry.IsZero() {
				return false
			}
		}
	}
	return true
}

func (f *field) fine(value reflect.Value) bool {
	if f.pointer {
		if value.IsNil() {
			return true
		}
		value = value.Elem()
	}
	switch f.kind {
	case text, day:
		raw := value.String()
		kept, reason := f.checkText(raw)
		return reason == "" && kept == raw && (!f.required || strings.TrimSpace(raw) != "")
	case whole:
		return f.checkWhole(value.Int()) == ""
	case moment:
		when, _ := value.Interface().(time.Time)
		return when.IsZero() || checkTime(when) == ""
	case group:
		return f.group.fine(value)
	case truth:
	}
	return true
}

// checkText gives text as it is stored, and a reason when that is not what
// was meant; with Long the cut text is stored, else nothing.
func (f *field) checkText(raw string) (string, Reason) {
	kept, reason := checkPlain(raw)
	if reason != "" || raw == "" {
		return kept, reason
	}
	switch {
	case f.kind == day:
		when, err := time.Parse(time.DateOnly, raw)
		if err != nil || checkTime(when) != "" {
			return "", BadDate
		}
	case len(f.oneOf) > 0:
		for _, known := range f.oneOf {
			if strings.EqualFold(raw, known) {
				return known, ""
			}
		}
		return "", NotOneOf
	case f.format != "":
		return checkFormat(f.format, raw)
	}
	return kept, ""
}

// checkPlain refuses what no text may hold. Tabs and line ends are harmless.
func checkPlain(raw string) (string, Reason) {
	simple := len(raw) <= maxText
	for i := 0; simple && i < len(raw); i++ {
		simple = raw[i] >= ' ' && raw[i] < 0x7f
	}
	if simple {
		return raw, ""
	}
	if !utf8.ValidString(raw) {
		return "", BadEncoding
	}
	count := 0
	for at, char := range raw {
		if unicode.IsControl(char) && char != '\t' && char != '\n' && char != '\r' {
			return "", Control
		}
		if count++; count > maxText {
			return raw[:at], Long
		}
	}
	return raw, ""
}

// checkFormat gives an address in the one way that it is stored.
func checkFormat(format, raw string) (string, Reason) {
	switch format {
	case "mac":
		address, err := net.ParseMAC(raw)
		if err != nil || len(bytes.Trim(address, "\x00")) == 0 {
			return "", BadMAC
		}
		return address.String(), ""
	case "ip":
		address, err := netip.ParseAddr(raw)
		if err != nil {
			return "", BadIP
		}
		return address.WithZone("").String(), ""
	case "prefix":
		prefix, err := netip.ParsePrefix(raw)
		if err != nil {
			return "", BadPrefix
		}
		return prefix.String(), ""
	case "uuid":
		if len(raw) != 36 {
			return "", BadUUID
		}
		if _, err := uuid.Parse(raw); err != nil {
			return "", BadUUID
		}
		return strings.ToLower(raw), ""
	}
	return raw, ""
}

func (f *field) checkWhole(number int64) Reason {
	if number < 0 {
		return Negative
	}
	if number > mostOf(f.unit) {
		return TooLarge
	}
	return ""
}

// mostOf is beyond anything real: what drivers say when they do not know,
// such as 4294967295 Mbit/s, lies above it.
func mostOf(unit string) int64 {
	switch unit {
	case "B":
		return 1 << 60
	case "MHz", "MT/s", "mm":
		return 1_000_000
	case "Mbit/s":
		return 10_000_000
	}
	return 1<<31 - 1
}

func checkTime(when time.Time) Reason {
	if year := when.UTC().Year(); year < firstYear || year >= lastYear {
		return BadTime
	}
	return ""
}
