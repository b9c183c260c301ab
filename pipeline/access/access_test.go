package access_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline/access"
	"lydhor/pipeline/pgtest"
)

const right = "fire ord om vejret"

// someone makes an account with a password.
func someone(t *testing.T, db *pgxpool.Pool, name string) string {
	t.Helper()
	id, err := access.NewAccount(t.Context(), db, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := access.SetPassword(t.Context(), db, id, right); err != nil {
		t.Fatal(err)
	}
	return id
}

func project(t *testing.T, db *pgxpool.Pool, name string) (id string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `insert into project (name) values ($1) returning id`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCheckPassword(t *testing.T) {
	for _, test := range []struct {
		name, password, want string // want is in the error; "" for none
	}{
		{"words without digits or capitals", "fire ord om vejret", ""},
		{"Danish letters count as one", "åååæææøøøabcdef", ""},
		{"fourteen characters", "fjorten tegn, ", "at least 15"},
		{"a page of text", strings.Repeat("lang tekst ", 30), "at most 256"},
		{"one letter", strings.Repeat("a", 20), "repeats itself"},
		{"counting up", "abcdefghijklmno", "repeats itself"},
		{"the account's name", "karen.jensen 1234", "account's"},
		{"a common one in capitals", "CorrectHorseBatteryStaple", "most used"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := access.CheckPassword("karen.jensen", test.password)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	db := pgtest.New(t)
	id := someone(t, db, "Karen")
	if got, err := access.SignIn(t.Context(), db, " KAREN ", right); err != nil || got != id {
		t.Errorf("got %q, %v, want %q whatever the capitals", got, err, id)
	}
	for name, try := range map[string][2]string{"wrong password": {"karen", right + "!"}, "no such account": {"nobody", right}, "no password": {"karen", ""}} {
		if _, err := access.SignIn(t.Context(), db, try[0], try[1]); !errors.Is(err, access.ErrDenied) {
			t.Errorf("%s: got %v, want %v", name, err, access.ErrDenied)
		}
	}
	if err := access.Disable(t.Context(), db, id); err != nil {
		t.Fatal(err)
	}
	if _, err := access.SignIn(t.Context(), db, "karen", right); !errors.Is(err, access.ErrDenied) {
		t.Errorf("disabled account: got %v, want %v", err, access.ErrDenied)
	}
}

// Guesses that come at the same time are counted before any is judged.
func TestFiveGuessesLockAnAccount(t *testing.T) {
	db := pgtest.New(t)
	someone(t, db, "karen")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { access.SignIn(context.Background(), db, "karen", "a wrong guess of mine") })
	}
	wait.Wait()
	var failures int
	var locked bool
	if err := db.QueryRow(t.Context(), `select failures, locked_until > now() from account`).Scan(&failures, &locked); err != nil {
		t.Fatal(err)
	}
	if failures != 5 || !locked {
		t.Errorf("got %d tries let through, locked %t, want 5 and locked", failures, locked)
	}
	if _, err := access.SignIn(t.Context(), db, "karen", right); !errors.Is(err, access.ErrDenied) {
		t.Errorf("right password while locked: got %v, want %v", err, access.ErrDenied)
	}
	if _, err := db.Exec(t.Context(), `update account set locked_until = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if _, err := access.SignIn(t.Context(), db, "karen", right); err != nil {
		t.Errorf("right password after the lock: got %v", err)
	}
}

func TestSession(t *testing.T) {
	db := pgtest.New(t)
	id := someone(t, db, "karen")
	first, second := project(t, db, "first"), project(t, db, "second")
	for _, g := range []struct {
		project string
		role    access.Role
	}{{first, access.Analyst}, {first, access.Ops}, {second, access.Protection}} {
		if err := access.Grant(t.Context(), db, id, g.project, g.role); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := access.NewSession(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	c, err := access.Session(t.Context(), db, secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		project string
		act     access.Act
		want    bool
	}{{first, access.Read, true}, {first, access.Retry, true}, {first, access.Export, false}, {first, access.Audit, false}, {second, access.Audit, true}, {second, access.Read, false}, {"", access.Read, false}} {
		if got := c.May(test.project, test.act); got != test.want {
			t.Errorf("%s in %s: got %t, want %t", test.act, test.project, got, test.want)
		}
	}
	for name, sql := range map[string]string{
		"left for half an hour": `update session set used = now() - interval '31 minutes'`,
		"half a day old":        `update session set used = now(), made = now() - interval '13 hours'`,
		"account disabled":      `with s as (update session set made = now()) update account set disabled = now()`,
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := db.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(context.Background())
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			if _, err := access.Session(t.Context(), tx, secret); !errors.Is(err, access.ErrDenied) {
				t.Errorf("got %v, want %v", err, access.ErrDenied)
			}
		})
	}
	if err := access.SetPassword(t.Context(), db, id, "fire andre ord nu"); err != nil {
		t.Fatal(err)
	}
	if _, err := access.Session(t.Context(), db, secret); !errors.Is(err, access.ErrDenied) {
		t.Errorf("after a new password: got %v, want %v", err, access.ErrDenied)
	}
}

func TestLinkSignsInOnce(t *testing.T) {
	db := pgtest.New(t)
	id := someone(t, db, "karen")
	link, err := access.NewLink(t.Context(), db, id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := access.UseLink(t.Context(), db, link); err != nil || got != id {
		t.Errorf("got %q, %v, want %q", got, err, id)
	}
	if _, err := access.UseLink(t.Context(), db, link); !errors.Is(err, access.ErrDenied) {
		t.Errorf("second time: got %v, want %v", err, access.ErrDenied)
	}
	late, err := access.NewLink(t.Context(), db, id, -time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := access.UseLink(t.Context(), db, late); !errors.Is(err, access.ErrDenied) {
		t.Errorf("late: got %v, want %v", err, access.ErrDenied)
	}
}

func TestTokenIsBoundByScopesRolesAndProject(t *testing.T) {
	db := pgtest.New(t)
	id := someone(t, db, "karen")
	mine, other := project(t, db, "mine"), project(t, db, "other")
	for _, p := range []string{mine, other} {
		if err := access.Grant(t.Context(), db, id, p, access.Analyst); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := access.NewToken(t.Context(), db, id, mine, []access.Act{access.Watch, access.Upload}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c, err := access.Token(t.Context(), db, secret)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]bool{
		"role and scope allow it": c.May(mine, access.Watch),
		"only the scope does":     !c.May(mine, access.Upload),
		"only the role does":      !c.May(mine, access.Read),
		"in another project":      !c.May(other, access.Watch),
	} {
		if !got {
			t.Errorf("%s: got the opposite", name)
		}
	}
	if _, err := access.Token(t.Context(), db, secret+"x"); !errors.Is(err, access.ErrDenied) {
		t.Errorf("guessed: got %v, want %v", err, access.ErrDenied)
	}
}
