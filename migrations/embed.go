// Package migrations holds the schema: one numbered SQL file a step, the same
// steps for PostgreSQL and for SQLite. Both must yield the same tables,
// columns, nullability and indexes, which a test checks. Once released a file
// is never edited; the next step is a new one.
//
// Times on SQLite are whole microseconds since 1970 in columns declared
// datetime, identifiers are text, JSON is text that a CHECK holds to be JSON.
package migrations

import "embed"

// Postgres holds the steps for PostgreSQL.
//
//go:embed postgres/*.sql
var Postgres embed.FS

// SQLite holds the steps for SQLite.
//
//go:embed sqlite/*.sql
var SQLite embed.FS
