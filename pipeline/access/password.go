package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// NIST SP 800-63B-4, 3.1.1.2: a password that stands alone has at least 15 characters; 64 and
// more must be taken; no rules of composition and no expiry.
const (
	shortest = 15
	longest  = 256
)

// commonest are long passwords that people are known to choose, one a line, folded.
//
//go:embed common.txt
var commonest string

// CheckPassword says why a password may not be chosen for an account of that name.
func CheckPassword(name, password string) error {
	password = norm.NFKC.String(password)
	folded := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case n < shortest:
		return fmt.Errorf("a password has at least %d characters: a few words do", shortest)
	case n > longest:
		return fmt.Errorf("a password has at most %d characters", longest)
	case monotonous(folded):
		return errors.New("a password that repeats itself is guessed at once: choose another")
	}
	for _, expected := range []string{name, "lydhør", "lydhor"} {
		if rest := strings.ReplaceAll(folded, expected, ""); utf8.RuneCountInString(rest) < shortest/2 {
			return errors.New("a password made of the account's or the program's name is guessed at once: choose another")
		}
	}
	for line := range strings.Lines(commonest) {
		if folded == strings.TrimSpace(line) {
			return errors.New("this password is among the most used: choose another")
		}
	}
	return nil
}

// monotonous reports whether s has fewer than five different characters or only counts up or down.
func monotonous(s string) bool {
	different, steps := map[rune]bool{}, map[rune]bool{}
	last := rune(-1)
	for _, r := range s {
		different[r] = true
		if last >= 0 {
			steps[r-last] = true
		}
		last = r
	}
	return len(different) < 5 || len(steps) == 1
}

// cost is what OWASP's password storage cheat sheet asks of argon2id at least.
var cost = hashCost{memory: 19 * 1024, time: 2, lanes: 1}

type hashCost struct {
	memory, time uint32 // KiB, passes
	lanes        uint8
}

// hashing bounds how many hashes are made at a time, and with them the memory that people
// who have not signed in can take.
var hashing = make(chan struct{}, 4)

// hashPassword gives the PHC string of a password with fresh salt.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum, err := argon(ctx, password, salt, cost, 32)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.time, cost.lanes, b64(salt), b64(sum)), nil
}

func argon(ctx context.Context, password string, salt []byte, c hashCost, length uint32) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.time, c.memory, c.lanes, length), nil
}

var errHash = errors.New("not an argon2id hash")

// matches reports whether phc is of that password, and takes as long where it is of none.
func matches(ctx context.Context, phc, password string) (bool, error) {
	c, salt, want, err := parseHash(phc)
	if err != nil {
		_, err := argon(ctx, password, make([]byte, 16), cost, 32)
		return false, err
	}
	got, err := argon(ctx, password, salt, c, uint32(len(want)))
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

// parseHash reads a PHC string.
func parseHash(phc string) (c hashCost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes); err != nil {
		return c, nil, nil, errHash
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return c, nil, nil, errHash
	}
	sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(sum) < 16 || len(sum) > 64 || len(salt) < 8 || c.memory > 1<<20 || c.time < 1 || c.time > 16 || c.lanes < 1 {
		return c, nil, nil, errHash
	}
	return c, salt, sum, nil
}
