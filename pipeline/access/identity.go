package access

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A Person is who an identity provider says somebody is. Issuer and subject never change; the
// name may.
type Person struct{ Issuer, Subject, Name string }

// A Given is a role in a project that somebody has by a group of their organisation.
type Given struct {
	Project string // id
	Role    Role
}

// ErrTaken says that an account has a person's name and is not connected with them.
var ErrTaken = errors.New("an account has that name and another way in: `lydhor account connect` connects it")

const accountOf = `
select account.id, account.disabled is null from identity join account on account.id = identity.account
where issuer = $1 and subject = $2`

// Arrive gives the account of a person, which is made the first time. Of the roles that
// groups gave before it has now what groups give; those given by hand stay.
func Arrive(ctx context.Context, tx pgx.Tx, p Person, given []Given) (account string, err error) {
	var may bool
	err = tx.QueryRow(ctx, accountOf, p.Issuer, p.Subject).Scan(&account, &may)
	if errors.Is(err, pgx.ErrNoRows) {
		account, err = newcomer(ctx, tx, p)
		may = true
	}
	if err != nil {
		return "", err
	}
	if !may {
		return account, ErrDenied
	}
	if _, err := tx.Exec(ctx, `delete from membership where account = $1 and by_group`, account); err != nil {
		return "", err
	}
	for _, g := range given {
		if _, err := tx.Exec(ctx, `insert into membership (account, project, role, by_group) values ($1, $2, $3, true) on conflict do nothing`, account, g.Project, g.Role); err != nil {
			return "", err
		}
	}
	return account, nil
}

// newcomer makes the account of a person. That of a local account with the same name is not
// theirs: whoever chooses names at the provider would choose accounts here.
func newcomer(ctx context.Context, tx pgx.Tx, p Person) (account string, err error) {
	err = tx.QueryRow(ctx, `insert into account (name) values ($1) on conflict (name) do nothing returning id`, folded(p.Name)).Scan(&account)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("%q: %w", folded(p.Name), ErrTaken)
	}
	if err != nil {
		return "", err
	}
	return account, Connect(ctx, tx, account, p.Issuer, p.Subject)
}

// Connect lets a person of an identity provider sign in to an account.
func Connect(ctx context.Context, db DB, account, issuer, subject string) error {
	_, err := db.Exec(ctx, `insert into identity (issuer, subject, account) values ($1, $2, $3)
		on conflict (issuer, subject) do update set account = excluded.account`, issuer, subject, account)
	return err
}

// Connected reports whether somebody signs in to an account at an identity provider.
func Connected(ctx context.Context, db DB, account string) (connected bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from identity where account = $1)`, account).Scan(&connected)
	return connected, err
}
