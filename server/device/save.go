package device

import (
	"fmt"
	"slices"
	"time"

	"holdfast/server/store"
	"holdfast/shared/report"
)

// writes is everything that a batch of reports changes, table by table.
type writes struct {
	now      time.Time
	devices  []*state
	contacts []contact
	sections []newSection
	parts    []component

	keys, keysGone   []deviceKey
	notes, notesGone []deviceNote

	installed, redated, ended []installation
	software                  []softwareMoves
	changes                   []change
	reports                   []stored
	forget                    []Key
}

type contact struct {
	device  Key
	version string
	digest  *string
}

type newSection struct {
	device Key
	part   Part
	facts  string
}

type deviceKey struct {
	device Key
	key    key
}

type deviceNote struct {
	device Key
	note   report.Note
}

type stored struct {
	device Key
	report string
}

// finish adds what every report writes. The digest is kept only if the
// sections on record are what it stands for; otherwise the next check-in
// brings the hashes, and what is missing.
func (w *writes) finish(s *state, in *Incoming) {
	parts := make([]report.Part, 0, len(s.hashes))
	for name, hash := range s.hashes {
		parts = append(parts, report.Part{Name: name, Hash: hash})
	}
	one := contact{device: s.key, version: clip(in.Agent.Version)}
	if report.StateDigest(parts) == in.Digest {
		one.digest = &in.Digest
	}
	w.devices = append(w.devices, s)
	w.contacts = append(w.contacts, one)
	w.reports = append(w.reports, stored{s.key, in.Report})
}

func (w *writes) save(tx *store.Tx) error {
	if len(w.devices) == 0 {
		return nil
	}
	steps := []struct {
		what string
		do   func(*store.Tx) error
	}{
		{"forget users", w.saveForgotten}, {"write devices", w.saveDevices}, {"write contacts", w.saveContacts},
		{"write sections", w.saveSections}, {"write keys", w.saveKeys}, {"write notes", w.saveNotes},
		{"write components", w.saveParts}, {"write installations", w.saveSoftware}, {"write report numbers", w.saveReports},
	}
	for _, step := range steps {
		if err := step.do(tx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return appendHistory(tx, w.changes)
}

func (w *writes) saveDevices(tx *store.Tx) error {
	rows := w.devices
	summaryColumn := func(name string, get func(*summary) *string) store.Column {
		return store.ColOf(name, rows, func(s **state) *string { return get(&(*s).summary) })
	}
	return tx.UpdateRows("devices", 1,
		store.ColOf("id", rows, func(s **state) Key { return (*s).key }),
		store.ColOf("name", rows, func(s **state) string { return (*s).summary.name }),
		store.ColOf("kind", rows, func(s **state) string { return string((*s).summary.kind) }),
		summaryColumn("maker", func(s *summary) *string { return s.maker }),
		summaryColumn("model", func(s *summary) *string { return s.model }),
		summaryColumn("serial", func(s *summary) *string { return s.serial }),
		summaryColumn("asset_tag", func(s *summary) *string { return s.assetTag }),
		summaryColumn("os_family", func(s *summary) *string { return s.osFamily }),
		summaryColumn("os_name", func(s *summary) *string { return s.osName }),
		summaryColumn("os_version", func(s *summary) *string { return s.osVersion }),
		summaryColumn("kernel", func(s *summary) *string { return s.kernel }),
		summaryColumn("arch", func(s *summary) *string { return s.arch }),
		summaryColumn("cpu", func(s *summary) *string { return s.cpu }),
		store.ColOf("cores", rows, func(s **state) *int32 { return (*s).summary.cores }),
		store.ColOf("memory_bytes", rows, func(s **state) *int64 { return (*s).summary.memory }),
		store.ColOf("disk_bytes", rows, func(s **state) *int64 { return (*s).summary.disk }),
		store.ColOf("free_bytes", rows, func(s **state) *int64 { return (*s).summary.free }),
		summaryColumn("address", func(s *summary) *string { return s.address }),
		summaryColumn("mac", func(s *summary) *string { return s.mac }),
		summaryColumn("last_user", func(s *summary) *string { return s.lastUser }),
		store.ColOf("booted_at", rows, func(s **state) *time.Time { return (*s).summary.booted }),
		store.ColOf("updates", rows, func(s **state) *int32 { return (*s).summary.updates }),
		store.ColOf("security_updates", rows, func(s **state) *int32 { return (*s).summary.securityUpdates }),
		store.ColOf("restart_required", rows, func(s **state) *bool { return (*s).summary.restart }),
		store.ColOf("reported_at", rows, func(**state) time.Time { return w.now }))
}

func (w *writes) saveContacts(tx *store.Tx) error {
	return tx.UpdateRows("device_contacts", 1,
		store.ColOf("device_id", w.contacts, func(c *contact) Key { return c.device }),
		store.ColOf("agent_version", w.contacts, func(c *contact) *string { return store.Null(c.version) }),
		store.ColOf("digest", w.contacts, func(c *contact) *string { return c.digest }),
		store.ColOf("seen_at", w.contacts, func(*contact) time.Time { return w.now }))
}

func (w *writes) saveSections(tx *store.Tx) error {
	if len(w.sections) == 0 {
		return nil
	}
	return tx.InsertRows("device_sections", `ON CONFLICT (device_id, name) DO UPDATE SET hash = excluded.hash, outcome = excluded.outcome,
		detail = excluded.detail, took_ms = excluded.took_ms, reported_at = excluded.reported_at, facts = excluded.facts`,
		store.ColOf("device_id", w.sections, func(s *newSection) Key { return s.device }),
		store.ColOf("name", w.sections, func(s *newSection) string { return s.part.Name }),
		store.ColOf("hash", w.sections, func(s *newSection) string { return s.part.Hash }),
		store.ColOf("outcome", w.sections, func(s *newSection) string { return string(s.part.Outcome) }),
		store.ColOf("detail", w.sections, func(s *newSection) *string { return short(store.Null(s.part.Detail)) }),
		store.ColOf("took_ms", w.sections, func(s *newSection) int32 { return s.part.Took }),
		store.ColOf("reported_at", w.sections, func(*newSection) time.Time { return w.now }),
		store.ColOf("facts", w.sections, func(s *newSection) string { return s.facts }).As("json"))
}

func (w *writes) saveKeys(tx *store.Tx) error {
	columns := func(rows []deviceKey) []store.Column {
		return []store.Column{
			store.ColOf("device_id", rows, func(k *deviceKey) Key { return k.device }),
			store.ColOf("kind", rows, func(k *deviceKey) string { return k.key.kind }),
			store.ColOf("value", rows, func(k *deviceKey) string { return k.key.value }),
		}
	}
	if len(w.keysGone) > 0 {
		if err := tx.DeleteRows("device_keys", columns(w.keysGone)...); err != nil {
			return err
		}
	}
	if len(w.keys) == 0 {
		return nil
	}
	return tx.InsertRows("device_keys", "ON CONFLICT DO NOTHING", columns(w.keys)...)
}

func (w *writes) saveNotes(tx *store.Tx) error {
	columns := func(rows []deviceNote) []store.Column {
		return []store.Column{
			store.ColOf("device_id", rows, func(n *deviceNote) Key { return n.device }),
			store.ColOf("section", rows, func(n *deviceNote) string { return n.note.Section }),
			store.ColOf("path", rows, func(n *deviceNote) string { return n.note.Path }),
		}
	}
	if len(w.notesGone) > 0 {
		if err := tx.DeleteRows("device_notes", columns(w.notesGone)...); err != nil {
			return err
		}
	}
	if len(w.notes) == 0 {
		return nil
	}
	return tx.InsertRows("device_notes",
		"ON CONFLICT (device_id, section, path) DO UPDATE SET reason = excluded.reason, value = excluded.value, noted_at = excluded.noted_at",
		append(columns(w.notes),
			store.ColOf("reason", w.notes, func(n *deviceNote) string { return string(n.note.Reason) }),
			store.ColOf("value", w.notes, func(n *deviceNote) *string { return store.Null(n.note.Value) }),
			store.ColOf("noted_at", w.notes, func(*deviceNote) time.Time { return w.now }))...)
}

func (w *writes) saveParts(tx *store.Tx) error {
	if len(w.parts) == 0 {
		return nil
	}
	return tx.InsertRows("components", `ON CONFLICT (device_id, kind, ident) DO UPDATE SET maker = excluded.maker, model = excluded.model,
		serial = excluded.serial, size_bytes = excluded.size_bytes, last_seen_at = excluded.last_seen_at, removed_at = excluded.removed_at`,
		store.ColOf("device_id", w.parts, func(c *component) Key { return c.device }),
		store.ColOf("kind", w.parts, func(c *component) string { return c.part.kind }),
		store.ColOf("ident", w.parts, func(c *component) string { return c.part.ident }),
		store.ColOf("maker", w.parts, func(c *component) *string { return c.part.maker }),
		store.ColOf("model", w.parts, func(c *component) *string { return c.part.model }),
		store.ColOf("serial", w.parts, func(c *component) *string { return c.part.serial }),
		store.ColOf("size_bytes", w.parts, func(c *component) *int64 { return c.part.size }),
		store.ColOf("first_seen_at", w.parts, func(c *component) time.Time { return c.firstSeen }),
		store.ColOf("last_seen_at", w.parts, func(c *component) time.Time { return c.lastSeen }),
		store.ColOf("removed_at", w.parts, func(c *component) *time.Time { return c.removed }))
}

func (w *writes) saveReports(tx *store.Tx) error {
	return tx.InsertRows("device_reports", "ON CONFLICT DO NOTHING",
		store.ColOf("device_id", w.reports, func(r *stored) Key { return r.device }),
		store.ColOf("report_id", w.reports, func(r *stored) string { return r.report }).As("uuid"),
		store.ColOf("stored_at", w.reports, func(*stored) time.Time { return w.now }))
}

func (w *writes) saveForgotten(tx *store.Tx) error {
	if len(w.forget) == 0 {
		return nil
	}
	return forgetUsers(tx, slices.Clone(w.forget))
}
