package migrations_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/migrations"
	"holdfast/server/store"
	"holdfast/server/store/storetest"
)

func TestBothDatabasesHaveTheSameSteps(t *testing.T) {
	names := func(folder fs.FS, pattern string) []string {
		files, err := fs.Glob(folder, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for i, file := range files {
			files[i] = file[strings.Index(file, "/")+1:]
		}
		return files
	}
	if diff := cmp.Diff(names(migrations.Postgres, "postgres/*.sql"), names(migrations.SQLite, "sqlite/*.sql")); diff != "" {
		t.Errorf("-PostgreSQL +SQLite\n%s", diff)
	}
}

func TestBothDatabasesHaveTheSameShape(t *testing.T) {
	postgres, sqlite := storetest.Open(t, store.Postgres), storetest.Open(t, store.SQLite)
	for name, query := range map[string]struct{ postgres, sqlite string }{
		"columns":      {postgresColumns, sqliteColumns},
		"primary keys": {postgresKeys, sqliteKeys},
		"indexes":      {postgresIndexes, sqliteIndexes},
		"references":   {postgresReferences, sqliteReferences},
	} {
		t.Run(name, func(t *testing.T) {
			want, got := lines(t, postgres, query.postgres), lines(t, sqlite, query.sqlite)
			if len(want) == 0 {
				t.Error("PostgreSQL has none")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-PostgreSQL +SQLite\n%s", diff)
			}
		})
	}
}

// lines gives the one column of a query, sorted.
func lines(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	var found []string
	if err := db.Read(t.Context()).Raw(query).Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// Each query gives lines that are the same on both databases when the
// schema is. A partition is no table of its own, and goose keeps its own books.
const (
	postgresTables = `SELECT c.oid, c.relname FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		AND c.relname <> 'goose_db_version'`
	sqliteTables = `SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`

	// Table, column, kind of value, whether it may be missing.
	postgresColumns = `WITH tables AS (` + postgresTables + `)
		SELECT t.relname || ' ' || a.attname || ' ' || CASE format_type(a.atttypid, NULL)
			WHEN 'uuid' THEN 'text' WHEN 'json' THEN 'text' WHEN 'jsonb' THEN 'text' WHEN 'bytea' THEN 'blob'
			WHEN 'timestamp with time zone' THEN 'datetime' WHEN 'bigint' THEN 'integer' WHEN 'smallint' THEN 'integer'
			ELSE format_type(a.atttypid, NULL) END || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS line
		FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped`
	sqliteColumns = `WITH tables AS (` + sqliteTables + `)
		SELECT t.name || ' ' || c.name || ' ' || CASE lower(c.type) WHEN 'bigint' THEN 'integer' ELSE lower(c.type) END
			|| CASE WHEN c."notnull" OR c.pk > 0 THEN ' not null' ELSE '' END AS line
		FROM tables t JOIN pragma_table_info(t.name) c`

	postgresKeys = `WITH tables AS (` + postgresTables + `)
		SELECT t.relname || ' (' || string_agg(a.attname, ', ' ORDER BY k.place) || ')' AS line
		FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
		CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
		GROUP BY t.relname`
	sqliteKeys = `WITH tables AS (` + sqliteTables + `)
		SELECT name || ' (' || group_concat(key, ', ') || ')' AS line FROM (
			SELECT t.name, c.name AS key FROM tables t JOIN pragma_table_info(t.name) c WHERE c.pk > 0 ORDER BY t.name, c.pk)
		GROUP BY name`

	// Table, name, whether unique, columns; an expression is only called one.
	postgresIndexes = `WITH tables AS (` + postgresTables + `)
		SELECT t.relname || ' ' || x.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
			|| ' (' || string_agg(COALESCE(a.attname, 'expression'), ', ' ORDER BY k.place) || ')'
			|| CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END AS line
		FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND NOT i.indisprimary
		JOIN pg_class x ON x.oid = i.indexrelid
		CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
		LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number AND k.number <> 0
		WHERE k.place <= i.indnkeyatts
		GROUP BY t.relname, x.relname, i.indisunique, i.indpred IS NOT NULL`
	sqliteIndexes = `WITH tables AS (` + sqliteTables + `)
		SELECT name || ' ' || index_name || CASE WHEN is_unique THEN ' unique' ELSE '' END
			|| ' (' || group_concat(key, ', ') || ')' || CASE WHEN partial THEN ' partial' ELSE '' END AS line FROM (
			SELECT t.name, l.name AS index_name, l."unique" AS is_unique, l.partial, COALESCE(c.name, 'expression') AS key
			FROM tables t JOIN pragma_index_list(t.name) l JOIN pragma_index_info(l.name) c
			WHERE l.origin = 'c' ORDER BY t.name, l.name, c.seqno)
		GROUP BY name, index_name`

	postgresReferences = `WITH tables AS (` + postgresTables + `)
		SELECT t.relname || ' ' || a.attname || ' -> ' || f.relname AS line
		FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f'
		JOIN pg_class f ON f.oid = c.confrelid
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)`
	sqliteReferences = `WITH tables AS (` + sqliteTables + `)
		SELECT t.name || ' ' || f."from" || ' -> ' || f."table" AS line
		FROM tables t JOIN pragma_foreign_key_list(t.name) f`
)
