package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// tokens makes a token that commands sign in with, lists those that are good, or ends one. A
// token's secret is printed once and not kept.
func (a *app) tokens(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("tokens", flag.ContinueOnError)
	data := folder(fs)
	project := fs.String("project", c.Project, "the one project that it opens")
	list := fs.String("scopes", "upload,watch", "what it may do, as far as its account may: read, code, export, reveal, upload, design, watch, retry, audit")
	days := fs.Int("days", 90, "days that it is good for")
	all := fs.Bool("list", false, "print those that are good, with their ids")
	revoke := fs.String("revoke", "", "id of one that is to be good for nothing from now on")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *all && *revoke != "" || (*all || *revoke != "") && len(rest) > 0 {
		return fmt.Errorf("%w: name an account for a new token, or say --list or --revoke alone", errUsage)
	}
	if *all || *revoke != "" {
		return a.issuedTokens(ctx, c, *data, *revoke)
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
	in, err := store.ProjectNamed(ctx, pool, *project)
	if err != nil {
		return noProject(*project, err)
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

// issuedTokens lists the tokens that are good, after it has ended one if that is named.
func (a *app) issuedTokens(ctx context.Context, c *config, data, revoke string) error {
	pool, err := a.database(ctx, c, data)
	if err != nil {
		return err
	}
	defer pool.Close()
	if revoke != "" {
		account, project, err := access.RevokeToken(ctx, pool, revoke)
		if err != nil {
			return err
		}
		if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "token revoked", Project: project, Subject: account}); err != nil {
			return err
		}
	}
	list, err := access.Tokens(ctx, pool)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\tmade %s\tuntil %s\n", t.ID, t.Account, t.Project, strings.Join(t.Scopes, ","), t.Made.Format(time.DateOnly), t.Expires.Format(time.DateOnly))
	}
	return w.Flush()
}
