// Package migrations holds the database schema: numbered files, forward only, never edited
// once they are on main, and River's own tables behind them.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// lock is the advisory lock that one process at a time migrates under.
const lock = 0x6c796468 // "lydh"

const createSchema = `create table if not exists schema_version (
	version int primary key, name text not null, applied timestamptz not null default now())`

// Up brings the database to the newest schema and says how many files that took. It may be
// called by any number of processes at the same time.
func Up(ctx context.Context, pool *pgxpool.Pool) (applied int, err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", lock); err != nil {
		return 0, err
	}
	defer conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", lock)
	if _, err := conn.Exec(ctx, createSchema); err != nil {
		return 0, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		did, err := apply(ctx, conn.Conn(), name)
		if err != nil {
			return applied, fmt.Errorf("migrate %s: %w", name, err)
		}
		if did {
			applied++
		}
	}
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return applied, err
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return applied, fmt.Errorf("migrate the job tables: %w", err)
	}
	return applied, nil
}

// Behind says how many files Up would apply, and changes nothing. River's own are counted
// as one.
func Behind(ctx context.Context, pool *pgxpool.Pool) (behind int, err error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	applied := 0
	var there bool
	if err := pool.QueryRow(ctx, "select to_regclass('schema_version') is not null").Scan(&there); err != nil {
		return 0, err
	}
	if there {
		if err := pool.QueryRow(ctx, "select count(*) from schema_version").Scan(&applied); err != nil {
			return 0, err
		}
	}
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return 0, err
	}
	valid, err := river.Validate(ctx, nil)
	if err != nil {
		return 0, err
	}
	behind = max(0, len(names)-applied)
	if !valid.OK {
		behind++
	}
	return behind, nil
}

// apply runs one file in a transaction unless its version, the number it begins with, is there.
func apply(ctx context.Context, conn *pgx.Conn, name string) (did bool, err error) {
	number, _, _ := strings.Cut(name, "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		return false, err
	}
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from schema_version where version = $1)", version).Scan(&there); err != nil || there {
		return false, err
	}
	sql, err := files.ReadFile(name)
	if err != nil {
		return false, err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, string(sql)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into schema_version (version, name) values ($1, $2)", version, name)
		return err
	})
	return err == nil, err
}
