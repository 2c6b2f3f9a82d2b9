package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // writes what the reader must read

	"holdfast/agent/collect/sqlite"
	"holdfast/agent/collect/window"
	"holdfast/agent/host"
)

// write runs statements on a database, which stays open as if its owner ran.
func write(t testing.TB, path, options string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
	}
}

func machine(root string) host.Host {
	return host.Captured(host.Capture{Root: root, Now: time.Now()})
}

// rows writes each row of a table as one line.
func rows(t testing.TB, root, table string) (lines []string) {
	t.Helper()
	err := sqlite.Walk(machine(root), "/a.db", table, func(row []sqlite.Value) error {
		var words []string
		for _, value := range row {
			words = append(words, fmt.Sprintf("%d %q %d", value.Number(), value.Text(), len(value.Bytes())))
		}
		lines = append(lines, strings.Join(words, ", "))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestValuesOfEveryKindAreRead(t *testing.T) {
	root := t.TempDir()
	long := strings.Repeat("ü", 30_000) // spills over into other pages
	write(t, filepath.Join(root, "a.db"), "",
		"CREATE TABLE other(x)", "INSERT INTO other VALUES (1)",
		"CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c BLOB) STRICT",
		"INSERT INTO t VALUES (1, 0, '', x''), (2, 1, 'alice', x'00ff'), (3, -1, NULL, NULL), (4, 127, 'é', NULL)",
		"INSERT INTO t VALUES (5, -129, 'x', NULL), (6, 8388607, 'x', NULL), (7, -2147483648, 'x', NULL)",
		"INSERT INTO t VALUES (8, 140737488355327, 'x', NULL), (9, -9223372036854775808, '"+long+"', NULL)",
		"ALTER TABLE t ADD COLUMN d TEXT", "INSERT INTO t VALUES (10, 1, 'x', NULL, 'later')")
	want := []string{
		`0 "" 0, 0 "" 0, 0 "" 0, 0 "" 0`,
		`0 "" 0, 1 "" 0, 0 "alice" 5, 0 "" 2`,
		`0 "" 0, -1 "" 0, 0 "" 0, 0 "" 0`,
		`0 "" 0, 127 "" 0, 0 "é" 2, 0 "" 0`,
		`0 "" 0, -129 "" 0, 0 "x" 1, 0 "" 0`,
		`0 "" 0, 8388607 "" 0, 0 "x" 1, 0 "" 0`,
		`0 "" 0, -2147483648 "" 0, 0 "x" 1, 0 "" 0`,
		`0 "" 0, 140737488355327 "" 0, 0 "x" 1, 0 "" 0`,
		`0 "" 0, -9223372036854775808 "" 0, 0 "` + long + `" 60000, 0 "" 0`,
		`0 "" 0, 1 "" 0, 0 "x" 1, 0 "" 0, 0 "later" 5`,
	}
	if diff := cmp.Diff(want, rows(t, root, "t")); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestManyRowsAreReadInTheirOrder(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.db"), "?_pragma=page_size(512)", "CREATE TABLE t(n INTEGER)",
		"WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 5000) INSERT INTO t SELECT n FROM i")
	got := rows(t, root, "t")
	for i, line := range got {
		if line != fmt.Sprintf(`%d "" 0`, i+1) {
			t.Fatalf("row %d is %s", i+1, line)
		}
	}
	if len(got) != 5000 {
		t.Errorf("%d rows of 5000", len(got))
	}
}

// A program that has the database open keeps the latest changes in the log.
func TestRowsInTheWriteAheadLogAreRead(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.db"), "?_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)",
		"CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES (1), (2)", "PRAGMA wal_checkpoint", "DELETE FROM t WHERE n = 1", "INSERT INTO t VALUES (3)",
		"BEGIN", "INSERT INTO t VALUES (4)") // and never committed
	if diff := cmp.Diff([]string{`2 "" 0`, `3 "" 0`}, rows(t, root, "t")); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoTableIsSaid(t *testing.T) {
	root := t.TempDir()
	visit := func([]sqlite.Value) error { return nil }
	if err := sqlite.Walk(machine(root), "/a.db", "t", visit); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "a.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Walk(machine(root), "/a.db", "t", visit); !errors.Is(err, sqlite.ErrNoTable) {
		t.Errorf("an empty file: %v", err)
	}
	write(t, filepath.Join(root, "a.db"), "", "CREATE TABLE t(n INTEGER)")
	if err := sqlite.Walk(machine(root), "/a.db", "another", visit); !errors.Is(err, sqlite.ErrNoTable) || !errors.Is(err, window.ErrDamaged) {
		t.Errorf("no such table: %v", err)
	}
}
