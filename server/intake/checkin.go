package intake

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/fault"
	"holdfast/server/store"
	"holdfast/shared/protocol"
)

// mostCheckins is how many check-ins share one transaction.
const mostCheckins = 1000

// checkin is one check-in that waits for its batch.
type checkin struct {
	wait
	agent   Agent
	hash    hash
	message protocol.Checkin
	answer  protocol.CheckedIn
	digest  *string // on record
	known   bool
}

func (c *checkin) device() int32 { return c.agent.Device }

// Checkin records that an agent was here and tells it what to send. Faults:
// SignedOut, TooMany, Unavailable, Invalid.
func (s *Service) Checkin(ctx context.Context, agent Agent, message protocol.Checkin) (protocol.CheckedIn, error) {
	if err := s.allow(agent.Device); err != nil {
		return protocol.CheckedIn{}, err
	}
	if err := checkCheckin(message); err != nil {
		s.metrics.refused("malformed")
		return protocol.CheckedIn{}, err
	}
	one := &checkin{wait: newWait(), agent: agent, hash: hash(agent.Credential.Hash()), message: message}
	one.answer.Next = s.next()
	if err := s.checkins.put(one); err != nil {
		s.metrics.refused("busy")
		return protocol.CheckedIn{}, err
	}
	if err := one.until(ctx, s.stopped); err != nil {
		if fault.Is(err, fault.SignedOut) {
			s.known.forget(one.hash)
			s.metrics.refused("unknown")
			err = errors.Join(s.tellRefused(ctx, one.hash), err)
		}
		return protocol.CheckedIn{}, internal("check in", err)
	}
	return one.answer, nil
}

func checkCheckin(message protocol.Checkin) error {
	if !isWord(message.Digest, 64) {
		return fault.NewInvalid(fault.Field{Name: "digest", Key: "fault.field.malformed"})
	}
	if len(message.Sections) > mostSections {
		return fault.NewInvalid(fault.Field{Name: "sections", Key: "fault.field.too_many", Args: fault.Args{"Limit": mostSections}})
	}
	for name, hash := range message.Sections {
		if !isName(name) || !isWord(hash, 64) {
			return fault.NewInvalid(fault.Field{Name: "sections." + plain(name, 80), Key: "fault.field.malformed"})
		}
	}
	return nil
}

// storeCheckins commits a batch of check-ins and answers them.
func (s *Service) storeCheckins(ctx context.Context, batch []*checkin) {
	started := time.Now()
	err := s.db.Tx(ctx, func(tx *store.Tx) error { return s.record(tx, batch) })
	s.metrics.batch("checkin", len(batch), time.Since(started))
	for _, one := range batch {
		switch {
		case err != nil:
			one.finish(err)
		case !one.known:
			one.finish(fault.NewSignedOut())
		default:
			one.finish(nil)
		}
	}
}

// record writes that the agents were here, in one statement, and works out
// what they are to send.
func (s *Service) record(tx *store.Tx, batch []*checkin) error {
	// In the order of devices, as reports lock them.
	slices.SortFunc(batch, func(a, b *checkin) int { return int(a.agent.Device) - int(b.agent.Device) })
	byDevice := make(map[int32]*checkin, len(batch))
	devices, hashes := make([]int32, len(batch)), make([][]byte, len(batch))
	for i, one := range batch {
		one.known, one.answer.Want, one.answer.Resend, one.answer.Skip = false, nil, false, nil // a transaction may run again
		byDevice[one.agent.Device] = one
		devices[i], hashes[i] = one.agent.Device, one.hash[:]
	}
	if err := tx.ByIndex(); err != nil {
		return err
	}
	var id int32
	var digest *string
	err := tx.EachMatch(`UPDATE device_contacts AS c SET seen_at = v.at FROM v
		WHERE c.device_id = v.id AND c.credential_hash = v.hash AND c.revoked_at IS NULL
		RETURNING device_id, digest`,
		[]store.Column{
			store.Col("id", devices), store.Col("hash", hashes),
			store.Col("at", slices.Repeat([]time.Time{tx.Now}, len(batch))),
		}, func(rows *sql.Rows) error {
			digest = nil
			err := rows.Scan(&id, &digest)
			one := byDevice[id]
			one.known, one.digest = true, digest
			return err
		})
	if err != nil {
		return fmt.Errorf("record check-ins: %w", err)
	}
	if err := s.private.mark(tx, devices, byDevice); err != nil {
		return err
	}
	var compare []*checkin
	for _, one := range batch {
		switch {
		case !one.known || one.digest != nil && subtle.ConstantTimeCompare([]byte(*one.digest), []byte(one.message.Digest)) == 1:
		case len(one.message.Sections) == 0:
			one.answer.Resend = true
		default:
			compare = append(compare, one)
		}
	}
	return compareSections(tx, compare)
}

// compareSections asks for the sections that are another now, and for those
// that the agent no longer has: it may know why. When nothing that it has
// differs, its digest is taken, so that it is not asked twice.
func compareSections(tx *store.Tx, batch []*checkin) error {
	if len(batch) == 0 {
		return nil
	}
	stored := make(map[int32]map[string]string, len(batch))
	devices := make([]int32, len(batch))
	for i, one := range batch {
		devices[i] = one.agent.Device
		stored[one.agent.Device] = map[string]string{}
	}
	var id int32
	var name, hash string
	err := tx.EachRow("SELECT device_id, name, hash FROM device_sections WHERE "+tx.Among("device_id", 1), []any{tx.List(devices)},
		func(rows *sql.Rows) error {
			err := rows.Scan(&id, &name, &hash)
			stored[id][name] = hash
			return err
		})
	if err != nil {
		return fmt.Errorf("read section hashes: %w", err)
	}
	var settled []int32
	var digests []string
	for _, one := range batch {
		has := stored[one.agent.Device]
		for name, hash := range one.message.Sections {
			if has[name] != hash && !slices.Contains(one.answer.Skip, name) {
				one.answer.Want = append(one.answer.Want, name)
			}
		}
		if len(one.answer.Want) == 0 {
			settled, digests = append(settled, one.agent.Device), append(digests, one.message.Digest)
		}
		for name := range has {
			if _, sent := one.message.Sections[name]; !sent {
				one.answer.Want = append(one.answer.Want, name)
			}
		}
		slices.Sort(one.answer.Want)
	}
	if len(settled) == 0 {
		return nil
	}
	if err := tx.UpdateRows("device_contacts", 1, store.Col("device_id", settled), store.Col("digest", digests)); err != nil {
		return fmt.Errorf("keep digests: %w", err)
	}
	return nil
}

// privateUnits tells which devices belong to units that do not want to know
// who uses a device. Most estates have none, which is remembered for a moment.
type privateUnits struct {
	db      *store.DB
	any     bool
	checked time.Time
}

func (p *privateUnits) mark(tx *store.Tx, devices []int32, byDevice map[int32]*checkin) error {
	const remembered = 5 * time.Second
	if age := tx.Now.Sub(p.checked); age > remembered || age < 0 {
		if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM units WHERE users_private)").Scan(&p.any).Error; err != nil {
			return fmt.Errorf("read units: %w", err)
		}
		p.checked = tx.Now
	}
	if !p.any {
		return nil
	}
	err := tx.EachRow(`SELECT d.id FROM devices d WHERE `+tx.Among("d.id", 1)+` AND EXISTS (
		SELECT 1 FROM units u JOIN units p ON u.path LIKE p.path || '%' WHERE u.id = d.unit_id AND p.users_private)`,
		[]any{tx.List(devices)}, func(rows *sql.Rows) error {
			var id int32
			err := rows.Scan(&id)
			if one := byDevice[id]; one != nil {
				one.answer.Skip = []string{device.UserSection}
			}
			return err
		})
	if err != nil {
		return fmt.Errorf("read private devices: %w", err)
	}
	return nil
}
