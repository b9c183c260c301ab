package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/migrations"
	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// linkLife is how long a link signs in.
const linkLife = 24 * time.Hour

// database is the one that is configured, or else that of up on a folder, brought up to date.
func (a *app) database(ctx context.Context, c *config, data string) (*pgxpool.Pool, error) {
	if c.unread != nil {
		return nil, c.unread
	}
	url := c.DatabaseURL
	if url == "" {
		text, err := os.ReadFile(filepath.Join(data, "postgres.port"))
		if err != nil {
			return nil, fmt.Errorf("no Postgres is configured and none runs on %s: set LYDHOR_DATABASE_URL, or --data to the folder of `lydhor up`", data)
		}
		port, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return nil, fmt.Errorf("%s/postgres.port: %w", data, err)
		}
		url = privateDatabase(port)
	}
	pool, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := migrations.Up(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// account says who may sign in, and what each is in a project.
func (a *app) account(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("account", flag.ContinueOnError)
	data := folder(fs)
	project := fs.String("project", c.Project, "project that the role is in")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return fmt.Errorf("%w: say what to do", errUsage)
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	switch what := rest[0]; {
	case what == "list" && len(rest) == 1:
		return a.listMembers(ctx, pool)
	case what == "new" && len(rest) == 2:
		id, err := access.NewAccount(ctx, pool, rest[1])
		if err == nil {
			err = audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "account made", Subject: id})
		}
		if err != nil {
			return err
		}
		return a.printLink(ctx, pool, c, id)
	case what == "connect" && len(rest) == 3:
		return a.connectAccount(ctx, pool, c, rest[1], rest[2])
	case (what == "link" || what == "disable" || what == "sign-out" || what == "drop-factor") && len(rest) == 2:
		return a.changeAccount(ctx, pool, c, what, rest[1])
	case (what == "grant" || what == "revoke") && len(rest) == 3:
		return a.changeRole(ctx, pool, what, rest[1], rest[2], *project)
	}
	return fmt.Errorf("%w: it does not know how to %q", errUsage, rest)
}

// operator stands in the audit log for who runs commands on the database's machine.
const operator = "operator"

func (a *app) listMembers(ctx context.Context, pool *pgxpool.Pool) error {
	members, err := access.Members(ctx, pool)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, m := range members {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Account, m.Project, m.Role, cmp.Or(m.Factor, "no second factor"))
	}
	return w.Flush()
}

// changeAccount gives out a link or shuts an account out.
func (a *app) changeAccount(ctx context.Context, pool *pgxpool.Pool, c *config, what, name string) error {
	id, err := access.AccountNamed(ctx, pool, name)
	if err != nil {
		return err
	}
	if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "account " + what, Subject: id}); err != nil {
		return err
	}
	if what == "sign-out" {
		_, err := access.EndSessions(ctx, pool, id, "")
		return err
	}
	if what == "drop-factor" {
		return access.DropFactor(ctx, pool, id)
	}
	if what == "disable" {
		return access.Disable(ctx, pool, id)
	}
	return a.printLink(ctx, pool, c, id)
}

// connectAccount lets a person of the identity provider sign in to an account that is there.
func (a *app) connectAccount(ctx context.Context, pool *pgxpool.Pool, c *config, name, subject string) error {
	if c.OIDC.Issuer == "" {
		return errors.New("no identity provider is configured: set LYDHOR_OIDC_ISSUER")
	}
	id, err := access.AccountNamed(ctx, pool, name)
	if err != nil {
		return err
	}
	if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "account connected", Subject: id}); err != nil {
		return err
	}
	return access.Connect(ctx, pool, id, c.OIDC.Issuer, subject)
}

func (a *app) printLink(ctx context.Context, pool *pgxpool.Pool, c *config, account string) error {
	link, err := signInLink(ctx, pool, c.page(), account, linkLife)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "this link signs in once, within a day:\n")
	fmt.Fprintln(a.stdout, link)
	return nil
}

// changeRole grants or revokes a role in a project.
func (a *app) changeRole(ctx context.Context, pool *pgxpool.Pool, what, name, role, project string) error {
	r, err := access.ParseRole(role)
	if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	account, err := access.AccountNamed(ctx, pool, name)
	if err != nil {
		return err
	}
	in, err := store.Project(ctx, pool, project)
	if err != nil {
		return err
	}
	change := access.Grant
	if what == "revoke" {
		change = access.Revoke
	}
	if err := audit.Add(ctx, pool, audit.Event{Actor: operator, Act: "role " + what, Project: in, Subject: account, Detail: role}); err != nil {
		return err
	}
	return change(ctx, pool, account, in, r)
}

// firstAdmin is the account that up makes the first time.
const firstAdmin = "admin"

// admit makes the first admin where there is no account, and leaves a token in the folder
// for the commands of whoever may read it.
func (a *app) admit(ctx context.Context, c *config, data string) error {
	pool, err := a.database(ctx, &config{}, data)
	if err != nil {
		return err
	}
	defer pool.Close()
	project, err := store.Project(ctx, pool, c.Project)
	if err != nil {
		return err
	}
	if n, err := access.Accounts(ctx, pool); err != nil {
		return err
	} else if n == 0 {
		id, err := access.NewAccount(ctx, pool, firstAdmin)
		if err != nil {
			return err
		}
		if err := access.Grant(ctx, pool, id, project, access.Admin); err != nil {
			return err
		}
	}
	account, err := access.AccountNamed(ctx, pool, firstAdmin)
	if errors.Is(err, access.ErrNoAccount) { // others run it now, and make their own tokens
		return nil
	}
	if err != nil {
		return err
	}
	file := filepath.Join(data, "token")
	old, _ := os.ReadFile(file)
	if _, err := access.Token(ctx, pool, strings.TrimSpace(string(old))); !errors.Is(err, access.ErrDenied) {
		return err
	}
	secret, err := access.NewToken(ctx, pool, account, project, []access.Act{access.Read, access.Upload, access.Watch, access.Retry, access.Export}, 365*24*time.Hour)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(secret+"\n"), 0o600)
}

// admitted is admit, and gives the token.
func (a *app) admitted(ctx context.Context, c *config, data string) (string, error) {
	if err := a.admit(ctx, c, data); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(data, "token"))
	return strings.TrimSpace(string(text)), err
}

// invite prints a link that signs the first admin in.
func (a *app) invite(ctx context.Context, c *config, data string) error {
	pool, err := a.database(ctx, &config{}, data)
	if err != nil {
		return err
	}
	defer pool.Close()
	account, err := access.AccountNamed(ctx, pool, firstAdmin)
	if errors.Is(err, access.ErrNoAccount) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.printLink(ctx, pool, c, account)
}
