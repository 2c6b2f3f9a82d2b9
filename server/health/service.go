package health

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"holdfast/server/device"
	"holdfast/server/job"
	"holdfast/server/outbox"
	"holdfast/server/store"
)

// Publish says in a transaction that something happened to subject; it is the
// outbox's.
type Publish func(tx *store.Tx, topic, subject string, payload any) error

// Options are the settings of the service.
type Options struct {
	Interval time.Duration // between check-ins of an agent; 15 minutes when 0
	Log      *slog.Logger
}

// Service has the use cases of health.
type Service struct {
	db      *store.DB
	publish Publish
	options Options
	started time.Time // from when on this server hears agents
}

// New makes the service.
func New(db *store.DB, publish Publish, options Options) *Service {
	if options.Interval <= 0 {
		options.Interval = 15 * time.Minute
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: db, publish: publish, options: options, started: db.Now()}
}

// Reported judges the devices that reported something a check looks at. It
// handles the topic "device.reported" of the outbox.
func (s *Service) Reported(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	var devices []device.Key
	for _, message := range messages {
		var what device.Event
		if err := json.Unmarshal(message.Payload, &what); err != nil {
			return fmt.Errorf("read message %d: %w", message.ID, err)
		}
		concerns := what.First || !what.Changed() || slices.ContainsFunc(what.Sections, func(section string) bool {
			return section == "system" || slices.Contains(watched(), section) // system tells the kind
		})
		if concerns {
			devices = append(devices, what.Device)
		}
	}
	return s.Judge(ctx, tx, devices...)
}

// AssetChanged judges the devices of assets that were decided about. It
// handles the topic "asset.changed" of the outbox.
func (s *Service) AssetChanged(ctx context.Context, tx *store.Tx, messages []outbox.Message) error {
	assets := make([]string, len(messages))
	for i, message := range messages {
		assets[i] = message.Subject
	}
	var devices []device.Key
	// A device that has just been parted from its asset is judged by the
	// clock: its finding says when.
	err := tx.Raw("SELECT device_id FROM assets WHERE id IN ? AND device_id IS NOT NULL", assets).Scan(&devices).Error
	if err != nil {
		return fmt.Errorf("find the devices of assets: %w", err)
	}
	return s.Judge(ctx, tx, devices...)
}

// Jobs lists the periodic work of health.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "health.due", Every: time.Minute, Run: s.Due},
		{Name: "health.unjudged", Every: time.Hour, Run: s.Unjudged},
		{Name: "health.upkeep", Every: day, Run: s.Upkeep},
	}
}

// judgedAtOnce is how many devices share a transaction.
const judgedAtOnce = 200

// Due judges the devices whose findings may be others by now, though they
// reported nothing: time has passed a limit, or a silent one has come back.
func (s *Service) Due(ctx context.Context) error {
	return s.until(ctx, `SELECT device_id FROM device_health WHERE due_at <= $1
		UNION SELECT h.device_id FROM device_health h JOIN device_contacts c ON c.device_id = h.device_id
		WHERE h.silent AND c.seen_at >= h.judged_at
		ORDER BY 1 LIMIT $2`)
}

// Unjudged judges the devices that were never judged, as after an upgrade.
func (s *Service) Unjudged(ctx context.Context) error {
	return s.until(ctx, `SELECT c.device_id FROM device_contacts c LEFT JOIN device_health h ON h.device_id = c.device_id
		WHERE h.device_id IS NULL AND c.revoked_at IS NULL AND c.seen_at <= $1 ORDER BY 1 LIMIT $2`)
}

// until judges what a query finds, a part at a time, until it finds nothing.
// Its parameters are the time and how many to find.
func (s *Service) until(ctx context.Context, query string) error {
	for found := judgedAtOnce; found == judgedAtOnce; {
		err := s.db.Tx(ctx, func(tx *store.Tx) error {
			if err := lock(tx); err != nil {
				return err
			}
			var devices []device.Key
			err := tx.EachRow(query, []any{tx.Now, judgedAtOnce}, func(rows *sql.Rows) error {
				var one device.Key
				err := rows.Scan(&one)
				devices = append(devices, one)
				return err
			})
			if err != nil {
				return fmt.Errorf("find devices to judge: %w", err)
			}
			found = len(devices)
			return s.Judge(ctx, tx, devices...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keptDays is for how many days free space is kept day by day.
const keptDays = 90

// Upkeep removes what nobody asks for any more: old free space, but the last
// value of each volume.
func (s *Service) Upkeep(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		oldest := dayOf(tx.Now) - keptDays
		err := tx.Exec(`DELETE FROM volume_samples WHERE day < ? AND EXISTS (SELECT 1 FROM volume_samples n
			WHERE n.device_id = volume_samples.device_id AND n.mount = volume_samples.mount AND n.day > volume_samples.day AND n.day <= ?)`,
			oldest, oldest).Error
		if err != nil {
			return fmt.Errorf("remove old free space: %w", err)
		}
		return nil
	})
}

// CloseForDevice resolves the alerts of a device and forgets what was found
// on it, because it leaves. It is judged no more once its agent is revoked.
func (s *Service) CloseForDevice(ctx context.Context, tx *store.Tx, of device.Key, why Reason) error {
	if err := lock(tx); err != nil {
		return err
	}
	return s.close(ctx, tx, []device.Key{of}, why)
}

func (s *Service) close(_ context.Context, tx *store.Tx, devices []device.Key, why Reason) error {
	if len(devices) == 0 {
		return nil
	}
	w := &writes{now: tx.Now}
	err := tx.EachRow("SELECT "+alertColumns+" FROM alerts a WHERE a.state = 'open' AND "+tx.Among("a.device_id", 1),
		[]any{tx.List(devices)}, func(rows *sql.Rows) error {
			var alert Alert
			if err := rows.Scan(alert.scan()...); err != nil {
				return err
			}
			w.alert(&alert, alert.resolve(true, why, tx.Now))
			return nil
		})
	if err != nil {
		return fmt.Errorf("read alerts to close: %w", err)
	}
	for _, table := range []string{"findings", "device_health", "volume_samples"} {
		if err := tx.DeleteRows(table, store.Col("device_id", devices)); err != nil {
			return fmt.Errorf("close devices in %s: %w", table, err)
		}
	}
	return s.save(tx, w)
}
