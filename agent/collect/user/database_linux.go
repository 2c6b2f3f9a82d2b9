package user

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"holdfast/agent/collect/sqlite"
	"holdfast/agent/host"
)

// databases reads what Debian 13, SUSE and others keep in place of wtmp and
// lastlog, whose times end in 2038: wtmpdb(8) and lastlog2(8). Rows are visited
// in the order in which their programs declare the columns.
func databases(h host.Host, known directory) error {
	logged := read(h, "/var/lib/wtmpdb/wtmp.db", "wtmp", func(row []sqlite.Value) {
		const userProcess = 3 // not the 7 of utmp(5)
		// ID, Type, User, Login in microseconds, and more
		if len(row) >= 4 && row[1].Number() == userProcess {
			known.seen(row[2].Text(), time.UnixMicro(row[3].Number()).UTC())
		}
	})
	last := read(h, "/var/lib/lastlog/lastlog2.db", "Lastlog2", func(row []sqlite.Value) {
		// Name, Time in seconds, and more
		if len(row) >= 2 {
			known.seen(row[0].Text(), time.Unix(row[1].Number(), 0).UTC())
		}
	})
	return errors.Join(logged, last)
}

func read(h host.Host, path, table string, visit func([]sqlite.Value)) error {
	err := sqlite.Walk(h, path, table, func(row []sqlite.Value) error {
		visit(row)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, sqlite.ErrNoTable) {
		return nil // older systems keep none, and new ones none before the first sign-in
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
