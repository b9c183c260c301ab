package access_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"lydhor/pipeline/access"
	"lydhor/pipeline/pgtest"
)

// shown is what a telephone with that factor shows, so much later than now.
func shown(t *testing.T, secret string, later time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(later))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// withFactor makes an account with a confirmed factor, whose last code is long past.
func withFactor(t *testing.T, db *pgxpool.Pool) (account, secret string, recovery []string) {
	t.Helper()
	account = someone(t, db, "karen")
	f, err := access.NewFactor(t.Context(), db, account)
	if err != nil {
		t.Fatal(err)
	}
	if recovery, err = access.ConfirmFactor(t.Context(), db, account, shown(t, f.Secret, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `update second_factor set taken = 0`); err != nil {
		t.Fatal(err)
	}
	return account, f.Secret, recovery
}

func TestFactorIsAskedForOnceConfirmed(t *testing.T) {
	db := pgtest.New(t)
	account := someone(t, db, "karen")
	f, err := access.NewFactor(t.Context(), db, account)
	if err != nil {
		t.Fatal(err)
	}
	if has, err := access.HasFactor(t.Context(), db, account); err != nil || has {
		t.Errorf("before a code was shown: got %t, %v", has, err)
	}
	if pending, err := access.PendingFactor(t.Context(), db, account); err != nil || pending.Secret != f.Secret {
		t.Errorf("pending: got %+v, %v, want the same secret", pending, err)
	}
	if key, err := otp.NewKeyFromURL(f.Address); err != nil || key.Secret() != f.Secret || key.Issuer() != "Lydhør" || key.AccountName() != "karen" {
		t.Errorf("got address %s, %v", f.Address, err)
	}
	if _, err := access.ConfirmFactor(t.Context(), db, account, shown(t, f.Secret, time.Hour)); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a code of later: got %v, want %v", err, access.ErrDenied)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, shown(t, f.Secret, 0)); !errors.Is(err, access.ErrDenied) {
		t.Errorf("shown before it is confirmed: got %v, want %v", err, access.ErrDenied)
	}
	recovery, err := access.ConfirmFactor(t.Context(), db, account, shown(t, f.Secret, 0))
	if err != nil || len(recovery) != 10 {
		t.Fatalf("got recovery codes %v, %v", recovery, err)
	}
	if has, err := access.HasFactor(t.Context(), db, account); err != nil || !has {
		t.Errorf("afterwards: got %t, %v", has, err)
	}
	if _, err := access.NewFactor(t.Context(), db, account); !errors.Is(err, access.ErrDenied) {
		t.Errorf("another in its place: got %v, want %v", err, access.ErrDenied)
	}
	if err := access.DropFactor(t.Context(), db, account); err != nil {
		t.Fatal(err)
	}
	if n, err := access.RecoveryLeft(t.Context(), db, account); err != nil || n != 0 {
		t.Errorf("dropped: got %d recovery codes left, %v", n, err)
	}
}

func TestCodesAreGoodOnceAndForAMinute(t *testing.T) {
	db := pgtest.New(t)
	account, secret, _ := withFactor(t, db)
	code := shown(t, secret, 0)
	for name, code := range map[string]string{"of another time": shown(t, secret, -5*time.Minute), "of letters": "abcdef", "empty": "", "as a number": "1"} {
		if _, err := access.ShowFactor(t.Context(), db, account, code); !errors.Is(err, access.ErrDenied) {
			t.Errorf("%s: got %v, want %v", name, err, access.ErrDenied)
		}
	}
	if _, err := access.ShowFactor(t.Context(), db, account, code[:3]+" "+code[3:]); err != nil {
		t.Fatalf("got %v", err)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, code); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a second time: got %v, want %v", err, access.ErrDenied)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, shown(t, secret, -30*time.Second)); !errors.Is(err, access.ErrDenied) {
		t.Errorf("one before it: got %v, want %v", err, access.ErrDenied)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, shown(t, secret, 30*time.Second)); err != nil {
		t.Errorf("the next: got %v", err)
	}
}

func TestFiveWrongCodesLockAFactor(t *testing.T) {
	db := pgtest.New(t)
	account, secret, recovery := withFactor(t, db)
	for range 5 {
		if _, err := access.ShowFactor(t.Context(), db, account, "no code of mine"); !errors.Is(err, access.ErrDenied) {
			t.Fatalf("got %v, want %v", err, access.ErrDenied)
		}
	}
	for name, code := range map[string]string{"code": shown(t, secret, 0), "recovery code": recovery[0]} {
		if _, err := access.ShowFactor(t.Context(), db, account, code); !errors.Is(err, access.ErrDenied) {
			t.Errorf("right %s while locked: got %v, want %v", name, err, access.ErrDenied)
		}
	}
	if _, err := db.Exec(t.Context(), `update second_factor set locked_until = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, shown(t, secret, 0)); err != nil {
		t.Errorf("right code after the lock: got %v", err)
	}
}

func TestMembersAreListedWithTheirSecondFactor(t *testing.T) {
	db := pgtest.New(t)
	with, _, _ := withFactor(t, db)
	without, elsewhere := someone(t, db, "lise"), someone(t, db, "mads")
	in := project(t, db, "first")
	for _, account := range []string{with, without, elsewhere} {
		if err := access.Grant(t.Context(), db, account, in, access.Analyst); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := access.NewFactor(t.Context(), db, without); err != nil { // not confirmed
		t.Fatal(err)
	}
	if err := access.Connect(t.Context(), db, elsewhere, "https://login.example.dk", "17"); err != nil {
		t.Fatal(err)
	}
	want := []access.Member{{"karen", "first", access.Analyst, "telephone"}, {"lise", "first", access.Analyst, ""}, {"mads", "first", access.Analyst, "organisation"}}
	for name, list := range map[string]func() ([]access.Member, error){
		"all":            func() ([]access.Member, error) { return access.Members(t.Context(), db) },
		"of the project": func() ([]access.Member, error) { return access.MembersOf(t.Context(), db, in) },
	} {
		if got, err := list(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
	}
}

func TestRecoveryCodesAreGoodOnce(t *testing.T) {
	db := pgtest.New(t)
	account, _, recovery := withFactor(t, db)
	if used, err := access.ShowFactor(t.Context(), db, account, " "+recovery[3]); err != nil || !used {
		t.Fatalf("got %t, %v, want a recovery code used", used, err)
	}
	if _, err := access.ShowFactor(t.Context(), db, account, recovery[3]); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a second time: got %v, want %v", err, access.ErrDenied)
	}
	if n, err := access.RecoveryLeft(t.Context(), db, account); err != nil || n != 9 {
		t.Errorf("got %d left, %v, want 9", n, err)
	}
	var plain int
	if err := db.QueryRow(t.Context(), `select count(*) from recovery_code where position(convert_to($1, 'UTF8') in hash) > 0`, recovery[0][:7]).Scan(&plain); err != nil || plain != 0 {
		t.Errorf("%d codes stand in the database as they are, %v", plain, err)
	}
}
