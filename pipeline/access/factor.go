package access

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// A Factor is what a telephone holds to make the codes of an account: the second factor.
type Factor struct {
	Secret  string // base32
	Address string // otpauth://, as telephones read it from a picture
}

// period is how long one code is shown. RFC 6238, 5.2 recommends half a minute.
const period = 30 * time.Second

// NewFactor makes a factor for an account, which is asked for from ConfirmFactor on. One that
// is confirmed stays: ErrDenied.
func NewFactor(ctx context.Context, db DB, account string) (*Factor, error) {
	var name string
	if err := db.QueryRow(ctx, `select name from account where id = $1`, account).Scan(&name); err != nil {
		return nil, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Lydhør", AccountName: name})
	if err != nil {
		return nil, err
	}
	tag, err := db.Exec(ctx, `insert into second_factor (account, secret) values ($1, $2)
		on conflict (account) do update set secret = excluded.secret, made = now(), failures = 0, locked_until = null where second_factor.confirmed is null`, account, key.Secret())
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrDenied
	}
	return &Factor{key.Secret(), key.URL()}, err
}

// PendingFactor gives the factor of an account that has not been confirmed; ErrDenied where
// there is none.
func PendingFactor(ctx context.Context, db DB, account string) (*Factor, error) {
	var name, secret string
	err := db.QueryRow(ctx, `select name, secret from second_factor join account on id = account where account = $1 and confirmed is null`, account).Scan(&name, &secret)
	if err != nil {
		return nil, denied(err)
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return nil, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Lydhør", AccountName: name, Secret: raw})
	if err != nil {
		return nil, err
	}
	return &Factor{secret, key.URL()}, nil
}

// HasFactor reports whether an account has a factor that is asked for.
func HasFactor(ctx context.Context, db DB, account string) (has bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from second_factor where account = $1 and confirmed is not null)`, account).Scan(&has)
	return has, err
}

// recoveries is how many codes stand for a telephone that is lost.
const recoveries = 10

// ConfirmFactor has an account's factor asked for from now on, if code is one that it makes,
// and gives the codes that each stand for it once; else ErrDenied.
func ConfirmFactor(ctx context.Context, db DB, account, code string) (recovery []string, err error) {
	if err := judge(ctx, db, account, code, false); err != nil {
		return nil, err
	}
	if _, err := db.Exec(ctx, `update second_factor set confirmed = now() where account = $1`, account); err != nil {
		return nil, err
	}
	for range recoveries {
		c := rand.Text()
		if _, err := db.Exec(ctx, `insert into recovery_code (hash, account) values ($1, $2)`, hashed(c), account); err != nil {
			return nil, err
		}
		recovery = append(recovery, c[:7]+"-"+c[7:13]+"-"+c[13:19]+"-"+c[19:])
	}
	return recovery, nil
}

// ShowFactor takes a code of an account's telephone, or one of those that stand for it, each
// once; else ErrDenied. It says whether it was one of the latter.
func ShowFactor(ctx context.Context, db DB, account, code string) (recovery bool, err error) {
	if plain := folding.Replace(strings.ToUpper(code)); len(plain) != int(otp.DigitsSix) {
		return true, useRecovery(ctx, db, account, plain)
	}
	return false, judge(ctx, db, account, code, true)
}

// RecoveryLeft counts the codes that still stand for an account's telephone.
func RecoveryLeft(ctx context.Context, db DB, account string) (n int, err error) {
	err = db.QueryRow(ctx, `select count(*) from recovery_code where account = $1`, account).Scan(&n)
	return n, err
}

// DropFactor forgets an account's factor and what stands for it.
func DropFactor(ctx context.Context, db DB, account string) error {
	_, err := db.Exec(ctx, `delete from second_factor where account = $1`, account)
	return err
}

// folding takes from a code what people write between its parts.
var folding = strings.NewReplacer(" ", "", "-", "", "\t", "")

// tryCode counts a try before it is judged, and locks, as try does for passwords.
const tryCode = `
update second_factor set failures = failures + 1,
	locked_until = case when failures + 1 >= 5 then now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(failures - 4, 10)) end
where account = $1 and (confirmed is not null) = $2 and (locked_until is null or locked_until < now())
returning secret`

// tookCode notes the half minute of the code that was taken, unless one of it was taken before.
const tookCode = `update second_factor set failures = 0, locked_until = null, taken = $2 where account = $1 and taken < $2`

// judge takes a code of the telephone once, of this half minute or the one on either side.
func judge(ctx context.Context, db DB, account, code string, confirmed bool) error {
	var secret string
	if err := db.QueryRow(ctx, tryCode, account, confirmed).Scan(&secret); err != nil {
		return denied(err)
	}
	code = folding.Replace(code)
	now := time.Now()
	for _, off := range []time.Duration{0, -period, period} {
		at := now.Add(off)
		right, err := totp.ValidateCustom(code, secret, at, totp.ValidateOpts{Period: uint(period / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil && !errors.Is(err, otp.ErrValidateInputInvalidLength) {
			return err
		}
		if !right {
			continue
		}
		tag, err := db.Exec(ctx, tookCode, account, at.Unix()/int64(period/time.Second))
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrDenied
		}
		return err
	}
	return ErrDenied
}

// useRecovery uses up a code that stands for the telephone.
func useRecovery(ctx context.Context, db DB, account, code string) error {
	var secret string
	if err := db.QueryRow(ctx, tryCode, account, true).Scan(&secret); err != nil {
		return denied(err)
	}
	tag, err := db.Exec(ctx, `delete from recovery_code where account = $1 and hash = $2`, account, hashed(code))
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrDenied
	}
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `update second_factor set failures = 0, locked_until = null where account = $1`, account)
	return err
}
