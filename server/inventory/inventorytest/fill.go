// Package inventorytest fills a database with a made-up inventory of any size
// and measures how long its lists take. It writes rows by the hundred thousand
// in a few statements, past the rules of package device, so it is only good
// for tests and benchmarks of what reads.
package inventorytest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/server/identity"
	"holdfast/server/store"
	"holdfast/shared/id"
)

// Size is how large an inventory is to be.
type Size struct {
	Devices int
	Titles  int // at least 200
	Each    int // titles on each device
	Changes int // in the history of each device
}

// Units is how many units the devices are spread over, all below the root.
const Units = 20

// Unit gives the identifier of a unit: 0 is the root, 1 to Units lie below it.
func Unit(number int) identity.UnitID {
	unit, err := id.Parse[identity.Unit](fmt.Sprintf("00000000-0000-7000-8000-%012d", number))
	if err != nil {
		panic(err) // the text above is an identifier
	}
	return unit
}

// statements are what Fill runs. N stands for the numbers 1 to a bound that
// follows it in brackets, the words in capitals for what differs between the
// databases.
//
//nolint:gochecknoglobals // a constant in disguise
var statements = []string{
	`INSERT INTO units (id, parent_id, name, path, created_at)
		VALUES (UUID(8,0), NULL, 'Everything', '/' || TEXTUUID(8,0) || '/', AGO(0))`,
	`INSERT INTO units (id, parent_id, name, path, created_at) N[units]
		SELECT UUID(8,i), UUID(8,0), 'Unit ' || PAD(i), '/' || TEXTUUID(8,0) || '/' || TEXTUUID(8,i) || '/', AGO(0) FROM n`,
	`INSERT INTO devices (id, uid, unit_id, name, kind, maker, model, serial, asset_tag, os_family, os_name, os_version,
		kernel, arch, cpu, cores, memory_bytes, disk_bytes, free_bytes, address, mac, last_user, booted_at, updates,
		security_updates, restart_required, first_seen_at, reported_at) N[devices]
		SELECT i, UUID(9,i), UUID(8, 1 + i % [units]), 'PC-' || PAD(i),
		CASE WHEN i % 3 = 0 THEN 'laptop' WHEN i % 50 = 1 THEN 'server' ELSE 'desktop' END,
		CASE WHEN i % 3 = 0 THEN 'Dell Inc.' ELSE 'LENOVO' END, 'Model ' || CAST(i * 7 % 120 AS text), 'SN' || PAD(CAST(i AS bigint) * 7919 % 100000007),
		CASE WHEN i % 4 = 0 THEN NULL ELSE 'T' || PAD(i) END,
		CASE WHEN i % 5 = 0 THEN 'linux' ELSE 'windows' END, CASE WHEN i % 5 = 0 THEN 'Debian GNU/Linux' ELSE 'Windows 11 Pro' END,
		CASE WHEN i % 5 = 0 THEN '1' || CAST(i % 4 AS text) ELSE '2' || CAST(i % 5 AS text) || 'H2' END,
		'6.1.' || CAST(i % 90 AS text), 'x86_64', 'Intel(R) Core(TM) i' || CAST(3 + i % 3 * 2 AS text) || '-' || CAST(8000 + i % 4000 AS text), 4 + i % 3 * 4,
		CAST(8 + i % 4 * 8 AS bigint) * 1073741824, CAST(256 + i % 3 * 256 AS bigint) * 1000000000, CAST(i * 31 % 250 AS bigint) * 1000000000,
		'10.' || CAST(i / 65536 AS text) || '.' || CAST(i / 256 % 256 AS text) || '.' || CAST(i % 256 AS text),
		MAC(i), 'user' || CAST(i * 13 % 90000 AS text), AGO(CAST(i AS bigint) * 4099 % 900000), i % 40, CASE WHEN i % 6 = 0 THEN i % 7 ELSE 0 END,
		i % 11 = 0, AGO(CAST(i AS bigint) * 104729 % 90000000), AGO(CAST(i AS bigint) * 6151 % 900000) FROM n`,
	`INSERT INTO device_contacts (device_id, credential_hash, agent_version, enrolled_at, seen_at) N[devices]
		SELECT i, BLOB(i), '1.0.' || CAST(i % 3 AS text), AGO(CAST(i AS bigint) * 104729 % 90000000), AGO(CAST(i AS bigint) * 7919 % 2000000) FROM n`,
	`INSERT INTO device_keys (device_id, kind, value) SELECT id, 'name', LOWER(name) FROM devices
		UNION ALL SELECT id, 'serial', LOWER(serial) FROM devices UNION ALL SELECT id, 'user', last_user FROM devices
		UNION ALL SELECT id, 'address', address FROM devices UNION ALL SELECT id, 'mac', mac FROM devices
		UNION ALL SELECT id, 'model', LOWER(model) FROM devices
		UNION ALL SELECT id, 'tag', LOWER(asset_tag) FROM devices WHERE asset_tag IS NOT NULL`,
	`INSERT INTO device_changes (device_id, at, seq, section, action, subject, field, before, after) N[changes]
		SELECT d.id, AGO(i * 86400 + d.id % 86400), i, 'software', 'upgraded', 'Title ' || PAD(i), 'version', '1.' || CAST(i AS text), '2.' || CAST(i AS text)
		FROM n, devices d`,
	`INSERT INTO titles (id, uid, name, publisher, source, first_seen_at) N[titles]
		SELECT i, UUID(7,i), CASE WHEN i % 3 = 0 THEN 'lib' ELSE 'Title ' END || PAD(i), 'Publisher ' || CAST(i % 300 AS text),
		CASE WHEN i % 2 = 0 THEN 'deb' ELSE 'msi' END, AGO(i * 997 % 90000000) FROM n`,
	`INSERT INTO releases (id, title_id, version, first_seen_at) N[titles]
		SELECT i, i, '1.0', AGO(0) FROM n UNION ALL SELECT [titles] + i, i, '1.1', AGO(0) FROM n`,
	`INSERT INTO installations (device_id, release_id, since) N[each]
		SELECT d.id, CASE WHEN i <= 100 THEN i ELSE 101 + (d.id * 31 + i * 7907) % ([titles] - 100) END + CASE WHEN d.id % 3 = 0 THEN [titles] ELSE 0 END,
		AGO(i * 3600) FROM devices d CROSS JOIN n WHERE true ON CONFLICT DO NOTHING`,
	`UPDATE releases SET devices = (SELECT COUNT(*) FROM installations i WHERE i.release_id = releases.id)`,
	`UPDATE titles SET devices = (SELECT SUM(r.devices) FROM releases r WHERE r.title_id = titles.id)`,
	`INSERT INTO title_counts (title_id, unit_id, devices) SELECT r.title_id, d.unit_id, COUNT(*)
		FROM installations i JOIN releases r ON r.id = i.release_id JOIN devices d ON d.id = i.device_id GROUP BY 1, 2`,
	`INSERT INTO device_counts (unit_id, kind, system, devices, restart, security) SELECT unit_id, kind, os_name || ' ' || os_version,
		COUNT(*), COUNT(CASE WHEN restart_required THEN 1 END), COUNT(CASE WHEN security_updates > 0 THEN 1 END) FROM devices GROUP BY 1, 2, 3`,
}

// Fill makes an inventory in an empty database. The same size makes the same
// inventory, but for its times, which count back from now.
func Fill(ctx context.Context, db *store.DB, size Size) error {
	err := db.Tx(ctx, func(tx *store.Tx) error {
		for _, statement := range statements {
			if err := tx.Exec(translate(statement, size, tx.Dialect(), tx.Now)).Error; err != nil {
				return fmt.Errorf("fill inventory: %s: %w", strings.SplitN(statement, "(", 2)[0], err)
			}
		}
		return nil
	})
	if err != nil || db.Dialect() != store.Postgres {
		return err
	}
	// What autovacuum does within a minute.
	if err := db.Read(ctx).Exec("VACUUM ANALYZE").Error; err != nil {
		return fmt.Errorf("fill inventory: %w", err)
	}
	return nil
}

// translate writes a statement for one of the databases.
func translate(statement string, size Size, dialect store.Dialect, now time.Time) string {
	for name, bound := range map[string]int{
		"devices": size.Devices, "titles": size.Titles, "each": size.Each, "changes": size.Changes, "units": Units,
	} {
		text := fmt.Sprint(bound)
		statement = strings.ReplaceAll(statement, "N["+name+"]",
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "+text+")")
		statement = strings.ReplaceAll(statement, "["+name+"]", text)
	}
	statement = call(statement, "AGO", func(seconds string) string {
		if dialect == store.Postgres {
			return "(timestamptz '" + now.Format(time.RFC3339) + "' - make_interval(secs => (" + seconds + ")))"
		}
		return fmt.Sprintf("(%d - (%s) * 1000000)", now.UnixMicro(), seconds)
	})
	statement = call(statement, "TEXTUUID", func(arguments string) string { return textUUID(arguments, dialect) })
	statement = call(statement, "UUID", func(arguments string) string {
		if dialect == store.Postgres {
			return "CAST(" + textUUID(arguments, dialect) + " AS uuid)"
		}
		return textUUID(arguments, dialect)
	})
	statement = call(statement, "PAD", func(number string) string { return pad(number, dialect) })
	statement = call(statement, "MAC", func(number string) string {
		if dialect == store.Postgres {
			return "'02:00:' || rtrim(regexp_replace(lpad(to_hex(" + number + "), 8, '0'), '(..)', '\\1:', 'g'), ':')"
		}
		return "printf('02:00:%02x:%02x:%02x:%02x', " + number + " >> 24 & 255, " + number + " >> 16 & 255, " + number + " >> 8 & 255, " + number + " & 255)"
	})
	return call(statement, "BLOB", func(number string) string {
		if dialect == store.Postgres {
			return "decode(lpad(to_hex(" + number + "), 64, '0'), 'hex')"
		}
		return "CAST(printf('%064x', " + number + ") AS blob)"
	})
}

// call replaces NAME(argument) throughout; an argument may hold brackets.
func call(statement, name string, write func(argument string) string) string {
	for {
		start := strings.Index(statement, name+"(")
		if start < 0 {
			return statement
		}
		end, depth := start+len(name), 0
		for ; ; end++ {
			switch statement[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 {
				break
			}
		}
		statement = statement[:start] + write(statement[start+len(name)+1:end]) + statement[end+1:]
	}
}

func pad(number string, dialect store.Dialect) string {
	if dialect == store.Postgres {
		return "lpad(CAST(" + number + " AS text), 12, '0')"
	}
	return "printf('%012d', " + number + ")"
}

// textUUID takes the first digit of the identifier's last group but one, and
// its number.
func textUUID(arguments string, dialect store.Dialect) string {
	family, number, _ := strings.Cut(arguments, ",")
	return "('00000000-0000-7000-" + family + "000-' || " + pad("("+strings.TrimSpace(number)+")", dialect) + ")"
}
