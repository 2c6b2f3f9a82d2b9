package device

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"holdfast/server/store"
	"holdfast/shared/version"
)

// SoftwareSection is the section whose list is kept as installations.
const SoftwareSection = "software"

// installation is a row of table installations, or of installations_past.
type installation struct {
	device  Key
	release int32
	since   time.Time
	on      *int32
}

// softwareMoves are the releases that came to and went from a device.
type softwareMoves struct {
	device         Key
	added, removed []int32
}

// saveSoftware writes what is installed now, and moves what ended to the
// past. Something that came and went at the same instant was never there.
func (w *writes) saveSoftware(tx *store.Tx) error {
	columns := func(rows []installation) []store.Column {
		return []store.Column{
			store.ColOf("device_id", rows, func(i *installation) Key { return i.device }),
			store.ColOf("release_id", rows, func(i *installation) int32 { return i.release }),
		}
	}
	since := func(rows []installation) store.Column {
		return store.ColOf("since", rows, func(i *installation) time.Time { return i.since })
	}
	on := func(rows []installation) store.Column {
		return store.ColOf("installed_on", rows, func(i *installation) *int32 { return i.on })
	}
	if len(w.ended) > 0 {
		slices.SortFunc(w.ended, func(a, b installation) int {
			return cmp.Or(cmp.Compare(a.device, b.device), cmp.Compare(a.release, b.release))
		})
		if err := tx.DeleteRows("installations", columns(w.ended)...); err != nil {
			return err
		}
		past := slices.DeleteFunc(w.ended, func(i installation) bool { return !i.since.Before(w.now) })
		if len(past) > 0 {
			if err := tx.InsertRows("installations_past", "", append(columns(past), since(past),
				store.ColOf("until", past, func(*installation) time.Time { return w.now }))...); err != nil {
				return err
			}
		}
	}
	if len(w.redated) > 0 {
		if err := tx.UpdateRows("installations", 2, append(columns(w.redated), on(w.redated))...); err != nil {
			return err
		}
	}
	if len(w.installed) == 0 {
		return nil
	}
	return tx.AppendRows("installations", append(columns(w.installed), since(w.installed), on(w.installed))...)
}

// releaseName is what the history says of a release.
type releaseName struct{ title, source, version, arch string }

// nameSoftware writes the history of software in words. A title that went in
// one version and came in another was upgraded or downgraded, also when its
// publisher is written differently.
func (w *writes) nameSoftware(tx *store.Tx) error {
	if len(w.software) == 0 {
		return nil
	}
	var releases []int32
	for _, moves := range w.software {
		releases = append(append(releases, moves.added...), moves.removed...)
	}
	slices.Sort(releases)
	names := make(map[int32]releaseName, len(releases))
	query := `SELECT r.id, t.name, t.source, r.version, r.arch FROM releases r JOIN titles t ON t.id = r.title_id
		WHERE ` + tx.Among("r.id", 1)
	err := tx.EachRow(query, []any{tx.List(slices.Compact(releases))}, func(rows *sql.Rows) error {
		var release int32
		var name releaseName
		err := rows.Scan(&release, &name.title, &name.source, &name.version, &name.arch)
		names[release] = name
		return err
	})
	if err != nil {
		return err
	}
	for _, moves := range w.software {
		w.changes = append(w.changes, moves.describe(names)...)
	}
	return nil
}

func (m softwareMoves) describe(names map[int32]releaseName) (changes []change) {
	named := func(releases []int32) []releaseName {
		list := make([]releaseName, len(releases))
		for i, release := range releases {
			list[i] = names[release]
		}
		slices.SortFunc(list, func(a, b releaseName) int {
			return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.source, b.source), cmp.Compare(a.arch, b.arch), version.Compare(a.source, a.version, b.version))
		})
		return list
	}
	entry := func(action Action, title string, before, after *string) {
		changes = append(changes, change{
			device: m.device, section: SoftwareSection, action: action, subject: title, before: before, after: after,
		})
	}
	type line struct{ title, source, arch string }
	gone := map[line][]string{}
	removed := named(m.removed)
	for _, was := range removed {
		at := line{was.title, was.source, was.arch}
		gone[at] = append(gone[at], was.version)
	}
	for _, now := range named(m.added) {
		at := line{now.title, now.source, now.arch}
		if earlier := gone[at]; len(earlier) > 0 {
			gone[at] = earlier[1:]
			if earlier[0] != now.version {
				action := Upgraded
				if version.Compare(now.source, earlier[0], now.version) > 0 {
					action = Downgraded
				}
				entry(action, now.title, store.Null(earlier[0]), store.Null(now.version))
			}
			continue
		}
		entry(Installed, now.title, nil, store.Null(now.version))
	}
	for _, was := range removed {
		at := line{was.title, was.source, was.arch}
		if left := gone[at]; len(left) > 0 {
			gone[at] = left[1:]
			entry(Uninstalled, was.title, store.Null(left[0]), nil)
		}
	}
	return changes
}

// InstalledAt gives the releases that a device had at a time, in their order.
func InstalledAt(ctx context.Context, db *store.DB, device Key, at time.Time) ([]int32, error) {
	var releases []int32
	at = at.UTC().Truncate(time.Microsecond)
	err := db.Read(ctx).Raw(`SELECT release_id FROM installations WHERE device_id = ? AND since <= ?
		UNION SELECT release_id FROM installations_past WHERE device_id = ? AND since <= ? AND until > ?
		ORDER BY release_id`, device, at, device, at, at).Scan(&releases).Error
	if err != nil {
		return nil, fmt.Errorf("read software of device %d at %s: %w", device, at, err)
	}
	return releases, nil
}
