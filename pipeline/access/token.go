package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewLink gives the secret of a link that signs an account in once, within that time.
func NewLink(ctx context.Context, db DB, account string, within time.Duration) (string, error) {
	s, hash := secret()
	if _, err := db.Exec(ctx, `delete from sign_in_link where expires < now()`); err != nil {
		return "", err
	}
	_, err := db.Exec(ctx, `insert into sign_in_link (hash, account, expires) values ($1, $2, $3)`, hash, account, time.Now().Add(within))
	return s, err
}

const takeLink = `
delete from sign_in_link using account
where hash = $1 and expires > now() and account.id = sign_in_link.account and account.disabled is null
returning account.id`

// UseLink gives the account that a link signs in, and uses it up; else ErrDenied.
func UseLink(ctx context.Context, db DB, secret string) (account string, err error) {
	err = db.QueryRow(ctx, takeLink, hashed(secret)).Scan(&account)
	return account, denied(err)
}

// ParseScopes reads the acts that a token is for. Who may do what is managed in person.
func ParseScopes(names []string) ([]Act, error) {
	var scopes []Act
	for _, name := range names {
		if act := Act(name); slices.Contains(Acts, act) && act != Manage {
			scopes = append(scopes, act)
			continue
		}
		return nil, fmt.Errorf("no scope %q: choose of read, code, export, reveal, upload, design, watch, retry, audit", name)
	}
	return scopes, nil
}

const insertToken = `insert into api_token (hash, account, project, scopes, expires) values ($1, $2, $3, $4, $5)`

// NewToken gives the secret of a token that acts for an account in a project.
func NewToken(ctx context.Context, db DB, account, project string, scopes []Act, within time.Duration) (string, error) {
	s, hash := secret()
	_, err := db.Exec(ctx, insertToken, hash, account, project, scopes, time.Now().Add(within))
	return s, err
}

const useToken = `
select account.id, account.name, api_token.project::text, scopes from api_token join account on account.id = api_token.account
where hash = $1 and expires > now() and disabled is null`

// Token gives whom a token acts for, in its project only; else ErrDenied.
func Token(ctx context.Context, db DB, secret string) (*Caller, error) {
	c, project := &Caller{}, ""
	if err := db.QueryRow(ctx, useToken, hashed(secret)).Scan(&c.Account, &c.Name, &project, &c.Scopes); err != nil {
		return nil, denied(err)
	}
	return c, c.grants(ctx, db, project)
}

// An Issued is a token that is good, without its secret, which nobody has kept.
type Issued struct {
	ID, Account, Project string // the last two are names
	Scopes               []string
	Made, Expires        time.Time
}

const selectTokens = `
select t.id::text, account.name, project.name, scopes, t.made, t.expires
from api_token t join account on account.id = t.account join project on project.id = t.project
where expires > now() and disabled is null order by account.name, t.made`

// Tokens lists those that are good, by account, the oldest first.
func Tokens(ctx context.Context, db DB) ([]Issued, error) {
	rows, _ := db.Query(ctx, selectTokens)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Issued])
}

// ErrNoToken says that no token has that id.
var ErrNoToken = errors.New("no token has that id: `lydhor tokens --list` names those there are")

// RevokeToken ends a token by its id, and gives the ids of its account and project.
func RevokeToken(ctx context.Context, db DB, id string) (account, project string, err error) {
	err = db.QueryRow(ctx, `delete from api_token where id::text = $1 returning account::text, project::text`, id).Scan(&account, &project)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNoToken
	}
	return account, project, err
}
