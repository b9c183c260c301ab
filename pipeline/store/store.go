// Package store keeps rows in Postgres: one file a noun, each query beside the one function
// that runs it. Functions take a DB, which a pool and a transaction both are, so that they
// compose in one transaction.
package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is a pool, a connection or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// ErrNotFound says that no row has that id within the caller's project.
var ErrNotFound = errors.New("not found")

// Open connects to the database at url and waits until it answers, a few seconds at most.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return OpenTraced(ctx, url, nil)
}

// OpenTraced is Open with a tracer that sees every query.
func OpenTraced(ctx context.Context, url string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(encrypted(url))
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	patience, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := pool.Ping(patience); err != nil {
		pool.Close()
		return nil, fmt.Errorf("no answer from Postgres: %w: start it, or set LYDHOR_DATABASE_URL to where it is", err)
	}
	return pool, nil
}

// encrypted is the address with TLS and the server's name checked, where it is of another
// machine and says nothing of TLS itself. pgx would go on without where the server has none.
func encrypted(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Query().Has("sslmode") || u.Query().Has("host") {
		return address
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return address
	}
	query := u.Query()
	query.Set("sslmode", "verify-full")
	u.RawQuery = query.Encode()
	return u.String()
}

// found turns pgx's word for no row into ErrNotFound.
func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func ms(d time.Duration) int64 { return d.Milliseconds() }

func duration(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// null is nil for a zero value.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
