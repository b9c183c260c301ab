package access

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// DB is a pool, a connection or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// ErrDenied says that a name, password, link, session or token opens nothing. It does not
// say which, nor whether there is such an account.
var ErrDenied = errors.New("that opens nothing: wrong, ended, or tried too often")

// ErrNoAccount says that no account has that name.
var ErrNoAccount = errors.New("no account has that name: `lydhor account list` names those there are")

// folded is how names are kept and compared.
func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// NewAccount makes an account without a password: a link signs in the first time.
func NewAccount(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, `insert into account (name) values ($1) on conflict (name) do nothing returning id`, folded(name)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("there is an account %q already", folded(name))
	}
	return id, err
}

// AccountNamed gives the id of the account of that name.
func AccountNamed(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, `select id from account where name = $1`, folded(name)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoAccount
	}
	return id, err
}

// Accounts counts them.
func Accounts(ctx context.Context, db DB) (n int, err error) {
	err = db.QueryRow(ctx, `select count(*) from account`).Scan(&n)
	return n, err
}

// Grant gives an account a role in a project.
func Grant(ctx context.Context, db DB, account, project string, role Role) error {
	_, err := db.Exec(ctx, `insert into membership (account, project, role) values ($1, $2, $3) on conflict do nothing`, account, project, role)
	return err
}

// Revoke takes a role in a project from an account.
func Revoke(ctx context.Context, db DB, account, project string, role Role) error {
	_, err := db.Exec(ctx, `delete from membership where account = $1 and project = $2 and role = $3`, account, project, role)
	return err
}

// Disable shuts an account out for good; what it did stays its own.
func Disable(ctx context.Context, db DB, account string) error {
	_, err := db.Exec(ctx, `update account set disabled = now() where id = $1`, account)
	return err
}

// A Member is an account with what it is in a project.
type Member struct {
	Account string `json:"account"`
	Project string `json:"project"`
	Role    Role   `json:"role"`
	Factor  string `json:"factor"` // telephone or organisation, which asks itself; "" for a password or link alone
}

const secondFactor = `
case when exists (select from second_factor f where f.account = a.id and f.confirmed is not null) then 'telephone'
	when exists (select from identity i where i.account = a.id) then 'organisation' else '' end`

const selectMembers = `
select a.name, coalesce(p.name, ''), coalesce(m.role, ''), ` + secondFactor + ` from account a
left join membership m on m.account = a.id left join project p on p.id = m.project
where a.disabled is null order by a.name, p.name, m.role`

// Members lists all accounts that may sign in, with every role of each.
func Members(ctx context.Context, db DB) ([]Member, error) {
	rows, _ := db.Query(ctx, selectMembers)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}

// Names gives the names of accounts by id: of those with a role in the project now, also where
// they may not sign in any more.
func Names(ctx context.Context, db DB, project string) (map[string]string, error) {
	rows, _ := db.Query(ctx, `select distinct a.id::text, a.name from account a join membership m on m.account = a.id where m.project = $1`, project)
	names := map[string]string{}
	var id, name string
	_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	return names, err
}

const selectMembersOf = `
select a.name, p.name, m.role, ` + secondFactor + ` from account a join membership m on m.account = a.id join project p on p.id = m.project
where a.disabled is null and p.id = $1 order by a.name, m.role`

// MembersOf lists those of a project, with every role of each.
func MembersOf(ctx context.Context, db DB, project string) ([]Member, error) {
	rows, _ := db.Query(ctx, selectMembersOf, project)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}

// HasPassword reports whether an account has one.
func HasPassword(ctx context.Context, db DB, account string) (has bool, err error) {
	err = db.QueryRow(ctx, `select password is not null from account where id = $1`, account).Scan(&has)
	return has, err
}

// SetPassword chooses an account's password and ends its sessions.
func SetPassword(ctx context.Context, db DB, account, password string) error {
	var name string
	if err := db.QueryRow(ctx, `select name from account where id = $1`, account).Scan(&name); err != nil {
		return err
	}
	if err := CheckPassword(name, password); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, `update account set password = $2, failures = 0, locked_until = null where id = $1`, account, hash); err != nil {
		return err
	}
	_, err = db.Exec(ctx, `delete from session where account = $1`, account)
	return err
}

// try counts a try before it is judged, so that tries at the same time are counted too. From
// the fifth that fails in a row the account is locked: a minute, then twice as long each
// time, an hour at most.
const try = `
update account set failures = failures + 1,
	locked_until = case when failures + 1 >= 5 then now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(failures - 4, 10)) end
where name = $1 and disabled is null and password is not null and (locked_until is null or locked_until < now())
returning id, password`

// SignIn gives the account whose name and password these are, else ErrDenied.
func SignIn(ctx context.Context, db DB, name, password string) (account string, err error) {
	var hash string
	err = db.QueryRow(ctx, try, folded(name)).Scan(&account, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	right, err := matches(ctx, hash, password)
	if err != nil {
		return "", err
	}
	if !right {
		return "", ErrDenied
	}
	_, err = db.Exec(ctx, `update account set failures = 0, locked_until = null where id = $1`, account)
	return account, err
}
