package seal_test

import (
	"bytes"
	"io"
	"testing"

	"filippo.io/age"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/seal"
)

// FuzzOpen opens objects that somebody changed in the store: it gives what was put, or an
// error.
func FuzzOpen(f *testing.F) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	const name = "00000000-0000-4000-8000-000000000000/original"
	want := noise(70 << 10)
	f.Add(0, []byte{}, 0)
	f.Add(200, []byte{1}, 0)
	f.Add(66<<10, []byte("x"), 3)
	f.Fuzz(func(t *testing.T, at int, put []byte, cut int) {
		plain := &blob.Memory{}
		s := seal.Store{Store: plain, Ring: one{key}}
		if err := s.Put(t.Context(), name, bytes.NewReader(want)); err != nil {
			t.Fatal(err)
		}
		o, _ := plain.Open(t.Context(), name)
		sealed, _ := io.ReadAll(o)
		if at = max(0, min(at, len(sealed))); at < len(sealed) {
			copy(sealed[at:], put)
		}
		sealed = sealed[:len(sealed)-max(0, min(cut, len(sealed)))]
		if err := plain.Put(t.Context(), name, bytes.NewReader(sealed)); err != nil {
			t.Fatal(err)
		}
		opened, err := s.Open(t.Context(), name)
		if err != nil {
			return
		}
		defer opened.Close()
		if got, err := io.ReadAll(opened); err == nil && !bytes.Equal(got, want) {
			t.Errorf("got %d bytes that were never put", len(got))
		}
	})
}

// FuzzParseMaster reads files of master keys.
func FuzzParseMaster(f *testing.F) {
	key, err := seal.NewMaster()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key)
	f.Add("# key\n" + key + "\n\n")
	f.Add("AGE-SECRET-KEY-1")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := seal.ParseMaster(text); err == nil && len(m) == 0 {
			t.Error("got no key and no error")
		}
	})
}
