package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	idle     = 30 * time.Minute // a session that nobody uses ends
	lifetime = 12 * time.Hour   // and every one does
)

// secret is a fresh one of more than 128 bits, and what the database keeps of it.
func secret() (string, []byte) {
	s := rand.Text() + rand.Text()
	return s, hashed(s)
}

func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// A Caller is somebody who signed in, or a command with a token.
type Caller struct {
	Account string // id
	Name    string
	Roles   []Grants
	Scopes  []Act // of a token; nil for a person, whom only roles bound
	ByLink  bool  // whether a person came by a link
	Factor  bool  // whether a person showed a second factor
}

// Grants are the roles of a caller in one project.
type Grants struct {
	Project string // id
	Name    string
	Roles   []Role
}

// In gives the caller's roles in a project.
func (c *Caller) In(project string) []Role {
	for _, g := range c.Roles {
		if g.Project == project {
			return g.Roles
		}
	}
	return nil
}

// May reports whether the caller may do that in the project.
func (c *Caller) May(project string, act Act) bool {
	if c.Scopes != nil && !slices.Contains(c.Scopes, act) {
		return false
	}
	return slices.ContainsFunc(c.In(project), func(r Role) bool { return r.May(act) })
}

// An Entry is how somebody signed in, and from where.
type Entry struct {
	ByLink  bool   // who forgot a password need not know it to choose another
	Half    bool   // the code of the second factor is still to come
	Factor  bool   // a second factor was shown, here or at the organisation
	Address string // for its owner to see
	Browser string // likewise: the kind, not the whole of what it says of itself
}

// NewSession signs an account in and gives the secret that the browser keeps. Each sign-in
// makes a new one.
func NewSession(ctx context.Context, db DB, account string) (string, error) {
	return Enter(ctx, db, account, Entry{})
}

const insertSession = `insert into session (hash, account, by_link, half, factor, address, browser) values ($1, $2, $3, $4, $5, $6, $7)`

// Enter is NewSession that says how somebody came.
func Enter(ctx context.Context, db DB, account string, e Entry) (string, error) {
	s, hash := secret()
	if _, err := db.Exec(ctx, `delete from session where used < $1 or made < $2`, time.Now().Add(-idle), time.Now().Add(-lifetime)); err != nil {
		return "", err
	}
	_, err := db.Exec(ctx, insertSession, hash, account, e.ByLink, e.Half, e.Factor, e.Address, e.Browser)
	return s, err
}

const useSession = `
update session set used = now() from account
where hash = $1 and used > $2 and session.made > $3 and not half and account.id = session.account and account.disabled is null
returning account.id, account.name, session.by_link, session.factor`

// Session gives who is signed in under a secret, and notes that it was used; else ErrDenied.
func Session(ctx context.Context, db DB, secret string) (*Caller, error) {
	c := &Caller{}
	err := db.QueryRow(ctx, useSession, hashed(secret), time.Now().Add(-idle), time.Now().Add(-lifetime)).Scan(&c.Account, &c.Name, &c.ByLink, &c.Factor)
	if err != nil {
		return nil, denied(err)
	}
	return c, c.grants(ctx, db, "")
}

const halfSession = `
select account.id, by_link from session join account on account.id = session.account
where hash = $1 and half and session.made > $2 and disabled is null`

// Halfway gives who has still to show the second factor under a secret, for five minutes, and
// whether they came by a link; else ErrDenied.
func Halfway(ctx context.Context, db DB, secret string) (account string, byLink bool, err error) {
	err = db.QueryRow(ctx, halfSession, hashed(secret), time.Now().Add(-5*time.Minute)).Scan(&account, &byLink)
	return account, byLink, denied(err)
}

// SetFactor notes whether a second factor was shown in a session.
func SetFactor(ctx context.Context, db DB, secret string, shown bool) error {
	_, err := db.Exec(ctx, `update session set factor = $2 where hash = $1`, hashed(secret), shown)
	return err
}

// A Place is where an account is signed in.
type Place struct {
	ID      string
	Made    time.Time
	Used    time.Time
	Address string
	Browser string
	Here    bool // under the secret asked with
}

const selectPlaces = `
select id::text, made, used, address, browser, hash = $2 from session
where account = $1 and not half and used > $3 and made > $4 order by used desc`

// Places lists where an account is signed in, the last used first; the secret tells which is here.
func Places(ctx context.Context, db DB, account, secret string) ([]Place, error) {
	rows, _ := db.Query(ctx, selectPlaces, account, hashed(secret), time.Now().Add(-idle), time.Now().Add(-lifetime))
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
}

// EndPlace signs an account out in one place, and says whether it was signed in there.
func EndPlace(ctx context.Context, db DB, account, id string) (ended bool, err error) {
	tag, err := db.Exec(ctx, `delete from session where account = $1 and id::text = $2`, account, id)
	return tag.RowsAffected() > 0, err
}

// EndSessions signs an account out everywhere but under the secret kept, "" for everywhere, and
// says of how many places.
func EndSessions(ctx context.Context, db DB, account, kept string) (ended int64, err error) {
	tag, err := db.Exec(ctx, `delete from session where account = $1 and hash <> $2`, account, hashed(kept))
	return tag.RowsAffected(), err
}

// EndSession signs out.
func EndSession(ctx context.Context, db DB, secret string) error {
	_, err := db.Exec(ctx, `delete from session where hash = $1`, hashed(secret))
	return err
}

const selectGrants = `
select p.id, p.name, array_agg(m.role order by m.role) from membership m join project p on p.id = m.project
where m.account = $1 and ($2 = '' or p.id::text = $2) group by p.id order by p.name`

// grants reads the caller's roles, in one project or in all.
func (c *Caller) grants(ctx context.Context, db DB, project string) (err error) {
	rows, _ := db.Query(ctx, selectGrants, c.Account, project)
	c.Roles, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Grants])
	return err
}

func denied(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrDenied
	}
	return err
}
