// Package pgtest gives a test a database of its own with the newest schema, on the real
// Postgres at TEST_DATABASE_URL, which `make test` starts.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/migrations"
)

// New gives a pool on a fresh, migrated database that is dropped when the test ends. Without
// a Postgres the test is skipped, or fails where CI is set.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL is the address of a fresh, migrated database that is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Postgres: %v", err)
		}
		t.Skipf("no Postgres: %v", err)
	}
	name := "test_" + rand.Text()
	admin(t, server, fmt.Sprintf(`create database %q template %q`, name, template))
	t.Cleanup(func() { admin(t, server, fmt.Sprintf(`drop database %q with (force)`, name)) })
	return withDatabase(server, name)
}

// template is a migrated database that others are copied from, which takes milliseconds.
var template = "lydhor_template_" + rand.Text()

// serverURL is the address of the server, with the template made in it, once a process.
var serverURL = sync.OnceValues(func() (string, error) {
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		return "", errors.New("TEST_DATABASE_URL is not set; `make test` sets it")
	}
	return server, makeTemplate(server)
})

func makeTemplate(server string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, fmt.Sprintf(`create database %q`, template)); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, withDatabase(server, template))
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = migrations.Up(ctx, pool)
	return err
}

func admin(t testing.TB, server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}
