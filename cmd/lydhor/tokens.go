package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// tokens makes a token that commands sign in with. Its secret is printed once and not kept.
func (a *app) tokens(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("tokens", flag.ContinueOnError)
	data := folder(fs)
	project := fs.String("project", c.Project, "the one project that it opens")
	list := fs.String("scopes", "upload,watch", "what it may do, as far as its account may: read, code, export, reveal, upload, design, watch, retry, audit")
	days := fs.Int("days", 90, "days that it is good for")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	scopes, err := access.ParseScopes(strings.Split(*list, ","))
	if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	if len(rest) != 1 || *days < 1 || *days > 366 {
		return fmt.Errorf("%w: name the account that it acts for, and 1 to 366 days", errUsage)
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	account, err := access.AccountNamed(ctx, pool, rest[0])
	if err != nil {
		return err
	}
	in, err := store.Project(ctx, pool, *project)
	if err != nil {
		return err
	}
	if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "token made", Project: in, Subject: account, Detail: *list}); err != nil {
		return err
	}
	secret, err := access.NewToken(ctx, pool, account, in, scopes, time.Duration(*days)*24*time.Hour)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, secret)
	return nil
}
