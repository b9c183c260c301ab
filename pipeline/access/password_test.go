package access

import "testing"

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA")
	f.Add("$argon2id$v=19$m=4294967295,t=0,p=0$$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, phc string) {
		c, salt, sum, err := parseHash(phc)
		if err != nil {
			return
		}
		if c.memory > 1<<20 || c.time < 1 || c.time > 16 || c.lanes < 1 || len(salt) < 8 || len(sum) < 16 {
			t.Errorf("took %q: %+v, salt of %d, sum of %d bytes", phc, c, len(salt), len(sum))
		}
	})
}

func TestMatchesKnowsItsOwn(t *testing.T) {
	hash, err := hashPassword(t.Context(), "blåbærgrød på fjorden")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"blåbærgrød på fjorden":             true,
		"bla\u030abærgrød pa\u030a fjorden": true, // å as a and a ring above it
		"blåbærgrød på fjorden ":            false,
	} {
		if got, err := matches(t.Context(), hash, password); err != nil || got != want {
			t.Errorf("%q: got %t, %v, want %t", password, got, err, want)
		}
	}
}
