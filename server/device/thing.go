package device

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/server/store"
	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// list says how the entries of one list of a section are told apart, and what
// becomes of them. It is the one table that merging, components and history
// go by.
type list struct {
	idents [][]string // facts that tell entries apart: the first ones that the entry has
	agree  []string   // facts that must not differ for one entry to fill the blanks of another
	label  []string   // facts that name the entry to people: the first that it has
	part   string     // kind of component; none when empty
	blank  blankList
	quiet  bool // not for the history: it moves by itself
}

// blankList is what it means when a section that was read in full lacks a list.
type blankList int

const (
	keeps   blankList = iota // not known: what was known stays
	empties                  // there are none: an agent writes no empty list
)

// lists holds every list of things, by section and member.
//
//nolint:gochecknoglobals // a constant in disguise
var lists = map[string]list{
	"cpu.processors":     {idents: [][]string{{"socket"}}, label: []string{"model"}},
	"memory.modules":     {idents: [][]string{{"serial"}, {"bank", "slot"}}, label: []string{"slot", "bank", "part"}, part: "memory"},
	"storage.drives":     {idents: [][]string{{"serial"}, {"wwn"}, {"model", "device"}}, label: []string{"model", "device"}, part: "drive"},
	"storage.volumes":    {idents: [][]string{{"mount"}, {"device"}}, agree: []string{"device"}, label: []string{"mount", "device"}},
	"network.interfaces": {idents: [][]string{{"device"}, {"mac"}}, agree: []string{"mac"}, label: []string{"device", "mac"}},
	"graphics.adapters":  {idents: [][]string{{"pci", "model"}, {"model"}}, label: []string{"model", "pci"}, blank: empties},
	"monitor.monitors":   {idents: [][]string{{"maker", "model", "serial"}, {"model", "connector"}}, label: []string{"model", "connector"}, part: "monitor", blank: empties},
	"usb.devices":        {idents: [][]string{{"vendor_id", "product_id", "serial"}, {"vendor_id", "product_id", "port"}}, label: []string{"model", "class", "product_id"}, part: "usb", blank: empties},
	"printer.printers":   {idents: [][]string{{"name"}}, label: []string{"name"}, part: "printer", blank: empties},
	"battery.batteries":  {idents: [][]string{{"serial"}, {"device"}}, label: []string{"model", "device"}, part: "battery", blank: empties},
	"security.antivirus": {idents: [][]string{{"product"}}, label: []string{"product"}, blank: empties},
	"user.accounts":      {idents: [][]string{{"login"}}, label: []string{"login"}, blank: empties, quiet: true},
	"update.updates":     {idents: [][]string{{"name"}}, label: []string{"name"}, blank: empties, quiet: true},
	"update.restart_for": {blank: empties, quiet: true},
}

// quiet are facts that move by themselves and are no history, besides those
// that have a step in the specification, such as free space.
//
//nolint:gochecknoglobals // a constant in disguise
var quiet = map[string]bool{
	"network.interfaces[].up":         true,
	"network.interfaces[].speed_mbps": true,
	"network.interfaces[].mtu":        true,
	"cpu.processors[].max_mhz":        true,
	"memory.total_bytes":              true, // the kernel takes a little more or less; modules are told one by one
	"memory.swap_bytes":               true,
	"storage.volumes[].size_bytes":    true,
	"user.last.person":                true,
	"update.manager":                  true,
	"update.pending":                  true,
	"update.pending_security":         true,
	"update.restart_required":         true,
}

// thing is one entry of a list, such as a drive or an interface, or, without
// a list, the section itself.
type thing struct {
	list  string // such as "storage.drives"
	ident string
	label string
	facts []fact
	part  *part
	quiet bool // not for the history
}

// fact is one value, by its path in the specification below the thing.
type fact struct{ path, value string }

// part is what table components keeps of a thing.
type part struct {
	kind, ident          string
	maker, model, serial *string
	size                 *int64
}

// things takes a section apart: the section's own facts first, then each
// entry of its lists. Entries that cannot be told apart count once.
func things(section report.Section) []thing {
	value := reflect.ValueOf(section).Elem()
	own := thing{}
	all := []thing{{}}
	collect(&own, section.Name()+".", "", value, func(name string, entries reflect.Value) {
		for i := range entries.Len() {
			all = append(all, entryOf(section.Name()+"."+name, entries.Index(i)))
		}
	})
	all[0] = own
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(t thing) bool {
		id := t.list + "\x00" + t.ident
		if seen[id] {
			return true
		}
		seen[id] = true
		return false
	})
}

func entryOf(path string, entry reflect.Value) thing {
	made := thing{list: path}
	collect(&made, path+"[].", "", entry, nil)
	rule := lists[path]
	values := plainValues(entry)
	made.ident = identOf(rule, values)
	for _, name := range rule.label {
		if made.label = values[name]; made.label != "" {
			break
		}
	}
	made.label = cmp.Or(made.label, made.ident)
	serial := values["serial"]
	// Containers bring and take virtual interfaces all day, and a mouse
	// without a number is nobody's.
	made.quiet = rule.quiet || values["virtual"] == "true" || rule.part == "usb" && serial == ""
	if rule.part == "" || made.quiet {
		return made
	}
	made.part = &part{
		kind: rule.part, ident: made.ident, maker: store.Null(clip(values["maker"])),
		model: store.Null(clip(cmp.Or(values["model"], values["part"], values["name"]))), serial: store.Null(clip(serial)),
	}
	if size := entry.FieldByName("SizeBytes"); size.IsValid() && size.Int() > 0 {
		made.part.size = new(size.Int())
	}
	return made
}

// identOf tells an entry apart by the first facts in its rule that it has.
func identOf(rule list, values map[string]string) string {
	for _, names := range rule.idents {
		if ident := identBy(names, values); ident != "" {
			return ident
		}
	}
	return ""
}

// identBy joins the named facts; without the last of them they tell nothing.
func identBy(names []string, values map[string]string) string {
	last := names[len(names)-1]
	if values[last] == "" || last == "serial" && identify.Placeholder(values[last]) {
		return ""
	}
	ident := make([]string, 0, len(names))
	for _, name := range names {
		if values[name] != "" {
			ident = append(ident, values[name])
		}
	}
	return clip(strings.ToLower(strings.Join(ident, "/")))
}

// plainValues gives the plain facts of a struct by their names.
func plainValues(structure reflect.Value) map[string]string {
	values := map[string]string{}
	for i, member := range membersOf(structure.Type()) {
		field := structure.Field(i)
		switch field.Kind() {
		case reflect.String:
			values[member.name] = field.String()
		case reflect.Int, reflect.Int64:
			values[member.name] = strconv.FormatInt(field.Int(), 10)
		case reflect.Bool:
			values[member.name] = strconv.FormatBool(field.Bool())
		default:
		}
	}
	return values
}

// member is a field of a section's struct.
type member struct {
	name    string // on the wire
	stepped bool
}

// members holds the fields of each struct, read once.
//
//nolint:gochecknoglobals // a constant in disguise: it derives from the types
var members sync.Map

func membersOf(structure reflect.Type) []member {
	if known, found := members.Load(structure); found {
		return known.([]member) //nolint:forcetypeassert // nothing else is stored
	}
	made := make([]member, structure.NumField())
	for i := range made {
		tag := structure.Field(i).Tag
		made[i].name, _, _ = strings.Cut(tag.Get("json"), ",")
		made[i].stepped = tag.Get("step") != ""
	}
	members.Store(structure, made)
	return made
}

// collect gathers the facts of a struct that are known and belong in the
// history. Lists of things go to entries.
func collect(into *thing, spec, prefix string, structure reflect.Value, entries func(name string, list reflect.Value)) {
	for i, member := range membersOf(structure.Type()) {
		field, path := structure.Field(i), prefix+member.name
		if member.name == "-" || member.stepped || quiet[spec+path] {
			continue
		}
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		} else if field.IsZero() {
			continue
		}
		switch value := field.Interface().(type) {
		case time.Time:
			into.facts = append(into.facts, fact{path, value.UTC().Format(time.RFC3339)})
			continue
		case []string:
			sorted := slices.Sorted(slices.Values(value))
			into.facts = append(into.facts, fact{path, strings.Join(sorted, ", ")})
			continue
		}
		switch field.Kind() {
		case reflect.Struct:
			collect(into, spec, path+".", field, entries)
		case reflect.Slice:
			if entries != nil {
				entries(member.name, field)
			}
		case reflect.String:
			into.facts = append(into.facts, fact{path, field.String()})
		case reflect.Int, reflect.Int64:
			into.facts = append(into.facts, fact{path, strconv.FormatInt(field.Int(), 10)})
		case reflect.Bool:
			into.facts = append(into.facts, fact{path, strconv.FormatBool(field.Bool())})
		default:
		}
	}
}
