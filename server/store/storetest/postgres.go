package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"holdfast/migrations"
	"holdfast/server/store/storetest/cluster"
)

// ServerVariable names the environment variable with the address of a
// PostgreSQL server to use in place of one of our own. "make test" sets it.
const ServerVariable = "HOLDFAST_TEST_POSTGRES"

// server is a PostgreSQL server with a migrated template database on it.
type server struct {
	own      *cluster.Cluster // held because it stops when nothing does; nil for one that was there
	address  *url.URL
	template string
}

//nolint:gochecknoglobals // one server for the test binary, started by the first test that wants it
var postgres = sync.OnceValues(func() (*server, error) {
	ctx := context.Background()
	s := &server{}
	address := os.Getenv(ServerVariable)
	var err error
	if address == "" {
		if s.own, err = cluster.Start(ctx, cluster.Options{}); err != nil {
			return nil, err
		}
		address = s.own.URL("postgres")
	}
	if s.address, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("read %s: %w", ServerVariable, err)
	}
	s.template, err = s.makeTemplate(ctx)
	return s, err
})

func postgresURL(t *testing.T, start content) string {
	t.Helper()
	s, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + hex.EncodeToString(id())
	template := "template0"
	if start == templated {
		template = s.template
	}
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return s.url(name)
}

func id() []byte {
	fresh := uuid.New()
	return fresh[:]
}

// url is the address of one database on the server.
func (s *server) url(database string) string {
	address := *s.address
	address.Path = "/" + database
	return address.String()
}

func (s *server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.address.String())
	if err != nil {
		return fmt.Errorf("reach the PostgreSQL of the tests: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// makeTemplate gives the name of a migrated database that is named after its
// schema, and makes it unless another test binary has.
func (s *server) makeTemplate(ctx context.Context) (name string, err error) {
	sum, err := schema()
	if err != nil {
		return "", err
	}
	name = "template_" + sum
	conn, err := pgx.Connect(ctx, s.address.String())
	if err != nil {
		return "", fmt.Errorf("reach the PostgreSQL of the tests: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	const one = 7061 // any number, the same in every test binary
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", one); err != nil {
		return "", fmt.Errorf("wait for the template database: %w", err)
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	// Named last, so that one whose migration failed is never taken for good.
	raw := name + "_raw"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+raw+" WITH (FORCE)"); err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+raw+" TEMPLATE template0"); err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	if err := migrate(ctx, s.url(raw)); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+raw+" RENAME TO "+name); err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	return name, nil
}

// schema is a short name for what the migrations make.
func schema() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.Postgres, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := migrations.Postgres.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
