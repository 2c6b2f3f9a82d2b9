package device

import (
	"cmp"
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
	"holdfast/shared/identify"
)

// Arrival is an agent that was let in by an enrolment key.
type Arrival struct {
	Unit       identity.UnitID // where a new device lands
	Key        string          // identifier of the enrolment key
	Hostname   string
	Agent      string            // its version
	Evidence   identify.Evidence // clean
	Credential []byte            // hash of the new credential
	Own        []byte            // hash of the credential that the agent had before, if any
}

// Admission is the device that an arrival turned out to be.
type Admission struct {
	ID      ID
	Key     Key
	Verdict Verdict
}

const mostCandidates = 20 // devices that share a piece of evidence; more say nothing

// Admit finds or makes the device of an agent and gives it the credential. A
// credential that the device had before is refused from then on. Two agents
// that show the same evidence at once wait for one another here.
func Admit(tx *store.Tx, arrival Arrival) (Admission, error) {
	if err := lockEvidence(tx, arrival); err != nil {
		return Admission{}, fmt.Errorf("lock the evidence: %w", err)
	}
	own, known, err := candidates(tx, arrival)
	if err != nil {
		return Admission{}, fmt.Errorf("look for the device: %w", err)
	}
	admitted := Admission{Verdict: Recognise(arrival.Evidence, own, known)}
	if admitted.Verdict.Device == 0 {
		err = admitNew(tx, arrival, &admitted)
	} else {
		err = admitKnown(tx, arrival, &admitted)
	}
	return admitted, err
}

func admitNew(tx *store.Tx, arrival Arrival, admitted *Admission) error {
	admitted.ID = id.New[Mark]()
	name := clip(arrival.Hostname)
	if name == "" {
		name = clip(cmp.Or(arrival.Evidence.Serial, admitted.ID.String()))
	}
	err := tx.Raw(`INSERT INTO devices (uid, unit_id, name, kind, maker, serial, first_seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		admitted.ID, arrival.Unit, name, Other, store.Null(arrival.Evidence.Maker), store.Null(arrival.Evidence.Serial), tx.Now).
		Scan(&admitted.Key).Error
	if err != nil {
		return fmt.Errorf("make device: %w", err)
	}
	keys := append(evidenceKeys(arrival.Evidence), key{KeyName, strings.ToLower(name)})
	var kinds, values []string
	for _, one := range keys {
		kinds, values = append(kinds, one.kind), append(values, one.value)
	}
	if err := tx.InsertRows("device_keys", "ON CONFLICT DO NOTHING",
		store.Col("device_id", slices.Repeat([]Key{admitted.Key}, len(keys))), store.Col("kind", kinds), store.Col("value", values)); err != nil {
		return fmt.Errorf("make device: %w", err)
	}
	if err := setCredential(tx, arrival, admitted.Key); err != nil {
		return err
	}
	changes := []change{{device: admitted.Key, action: Enrolled, after: store.Null(arrival.Agent)}}
	hints, err := hints(tx, admitted, name)
	if err != nil {
		return err
	}
	return appendHistory(tx, append(changes, hints...))
}

func admitKnown(tx *store.Tx, arrival Arrival, admitted *Admission) error {
	admitted.Key = admitted.Verdict.Device
	if err := tx.Raw("SELECT uid FROM devices WHERE id = ?", admitted.Key).Scan(&admitted.ID).Error; err != nil {
		return fmt.Errorf("read device: %w", err)
	}
	if err := setCredential(tx, arrival, admitted.Key); err != nil {
		return err
	}
	return appendHistory(tx, []change{{
		device: admitted.Key, action: Reenrolled,
		before: store.Null(string(admitted.Verdict.Basis)), after: store.Null(arrival.Agent),
	}})
}

// setCredential makes the new credential the only one. The digest goes, so
// that the agent is asked for everything that is another now.
func setCredential(tx *store.Tx, arrival Arrival, device Key) error {
	err := tx.Exec(`INSERT INTO device_contacts
		(device_id, credential_hash, enrolment_key_id, agent_version, enrolled_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (device_id) DO UPDATE SET credential_hash = excluded.credential_hash,
			enrolment_key_id = excluded.enrolment_key_id, agent_version = excluded.agent_version, digest = NULL,
			enrolled_at = excluded.enrolled_at, seen_at = excluded.seen_at, revoked_at = NULL`,
		device, arrival.Credential, store.Null(arrival.Key), store.Null(clip(arrival.Agent)), tx.Now, tx.Now).Error
	if err != nil {
		return fmt.Errorf("give credential: %w", err)
	}
	return nil
}

// hints are the entries that name a new device and those that it may be the
// same as to one another.
func hints(tx *store.Tx, admitted *Admission, name string) ([]change, error) {
	const most = 3 // devices with such a hint; more is a mass of machines alike
	possibly := admitted.Verdict.Possibly
	if len(possibly) == 0 || len(possibly) > most {
		return nil, nil
	}
	var changes []change
	err := tx.EachRow("SELECT id, uid, name FROM devices WHERE "+tx.Among("id", 1)+" ORDER BY id", []any{tx.List(possibly)},
		func(rows *sql.Rows) error {
			var other Key
			var uid ID
			var otherName string
			if err := rows.Scan(&other, &uid, &otherName); err != nil {
				return err
			}
			changes = append(changes,
				change{device: admitted.Key, action: SameAs, subject: otherName, after: store.Null(uid.String())},
				change{device: other, action: SameAs, subject: name, after: store.Null(admitted.ID.String())})
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read devices alike: %w", err)
	}
	return changes, nil
}

// candidates reads the devices that share a piece of the evidence, and the
// one whose credential the agent had. A revoked credential lets nobody in, but
// beside an enrolment key it still says which device this is, as a serial
// number would.
func candidates(tx *store.Tx, arrival Arrival) (own Key, known []Known, err error) {
	if arrival.Own != nil {
		err := tx.Raw("SELECT device_id FROM device_contacts WHERE credential_hash = ?", arrival.Own).Scan(&own).Error
		if err != nil {
			return 0, nil, err
		}
	}
	var devices []Key
	if own != 0 {
		devices = append(devices, own)
	}
	var values, kinds []string
	for _, one := range evidenceKeys(arrival.Evidence) {
		kinds, values = append(kinds, one.kind), append(values, one.value)
		if one.kind == KeyUUID {
			kinds, values = append(kinds, one.kind), append(values, identify.SwapUUID(one.value))
		}
	}
	if len(values) > 0 {
		err = tx.EachMatch("SELECT k.device_id FROM v JOIN device_keys k ON k.value = v.value AND k.kind = v.kind",
			[]store.Column{store.Col("kind", kinds), store.Col("value", values)}, func(rows *sql.Rows) error {
				var device Key
				err := rows.Scan(&device)
				devices = append(devices, device)
				return err
			})
		if err != nil {
			return 0, nil, err
		}
	}
	slices.Sort(devices)
	if devices = slices.Compact(devices); len(devices) > mostCandidates {
		devices = devices[len(devices)-mostCandidates:]
	}
	known, err = evidenceOf(tx, devices)
	return own, known, err
}

func evidenceOf(tx *store.Tx, devices []Key) (known []Known, err error) {
	if len(devices) == 0 {
		return nil, nil
	}
	query := `SELECT d.id, coalesce(d.maker, ''), k.kind, k.value FROM devices d
		LEFT JOIN device_keys k ON k.device_id = d.id AND k.kind IN ('` + KeySerial + `', '` + KeyUUID + `', '` + KeyMAC + `')
		WHERE ` + tx.Among("d.id", 1) + ` ORDER BY d.id`
	err = tx.EachRow(query, []any{tx.List(devices)}, func(rows *sql.Rows) error {
		var device Key
		var maker string
		var kind, value *string
		if err := rows.Scan(&device, &maker, &kind, &value); err != nil {
			return err
		}
		if len(known) == 0 || known[len(known)-1].Device != device {
			known = append(known, Known{Device: device, Evidence: identify.Evidence{Maker: maker}})
		}
		evidence := &known[len(known)-1].Evidence
		if kind == nil || value == nil {
			return nil
		}
		switch *kind {
		case KeySerial:
			evidence.Serial = *value
		case KeyUUID:
			evidence.UUID = *value
		case KeyMAC:
			evidence.MACs = append(evidence.MACs, *value)
		}
		return nil
	})
	return known, err
}

// lockEvidence makes agents with a piece of evidence in common wait for one
// another. SQLite has one writer anyway.
func lockEvidence(tx *store.Tx, arrival Arrival) error {
	if tx.Dialect() != store.Postgres {
		return nil
	}
	var locks []int64
	for _, one := range evidenceKeys(arrival.Evidence) {
		if one.kind == KeyUUID { // the same lock for both byte orders
			one.value = min(one.value, identify.SwapUUID(one.value))
		}
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(one.kind + " " + one.value)) // a hash takes everything
		locks = append(locks, int64(sum.Sum64()))            //nolint:gosec // any 64 bits do
	}
	slices.Sort(locks)
	return tx.EachRow("SELECT pg_advisory_xact_lock(l) FROM unnest($1::int8[]) AS l", []any{slices.Compact(locks)},
		func(*sql.Rows) error { return nil })
}
