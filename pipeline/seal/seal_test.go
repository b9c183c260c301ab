package seal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"golang.org/x/crypto/chacha20poly1305"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/seal"
)

func master(t *testing.T, keys ...string) seal.Master {
	t.Helper()
	m, err := seal.ParseMaster(strings.Join(keys, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := seal.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// noise is n bytes that look like nothing else.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestSealedObjectReadsAsItWasPut(t *testing.T) {
	plain := &blob.Memory{}
	s := seal.Store{Store: plain, Ring: seal.Stored{Pool: pgtest.New(t), Master: master(t, newKey(t))}}
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 1<<20 + 17, 3 << 20} {
		key, want := uuid.NewString()+"/original", noise(size)
		if err := s.Put(t.Context(), key, bytes.NewReader(want)); err != nil {
			t.Fatal(err)
		}
		o, err := s.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, want) || o.Size() != int64(size) {
			t.Errorf("%d bytes: got %d that differ, size %d, %v", size, len(got), o.Size(), err)
		}
		for _, at := range []int{size / 2, size * 9 / 10, 0} {
			part := make([]byte, min(100, size-at))
			if _, err := o.ReadAt(part, int64(at)); err != nil && err != io.EOF || !bytes.Equal(part, want[at:at+len(part)]) {
				t.Errorf("%d bytes: got other bytes at %d, %v", size, at, err)
			}
		}
		sealed, err := plain.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if kept, _ := io.ReadAll(sealed); size > 1 && bytes.Contains(kept, want[:min(size, 64)]) {
			t.Errorf("%d bytes: they stand in the store in the clear", size)
		}
	}
}

func TestObjectThatWasChangedIsRefused(t *testing.T) {
	plain := &blob.Memory{}
	s := seal.Store{Store: plain, Ring: seal.Stored{Pool: pgtest.New(t), Master: master(t, newKey(t))}}
	key := uuid.NewString() + "/original"
	if err := s.Put(t.Context(), key, bytes.NewReader(noise(200<<10))); err != nil {
		t.Fatal(err)
	}
	o, err := plain.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"a bit in the middle": func(b []byte) []byte { b[100<<10] ^= 1; return b },
		"the end cut off":     func(b []byte) []byte { return b[:150<<10] },
		"put in the clear":    func([]byte) []byte { return []byte("plain sound") },
	} {
		t.Run(name, func(t *testing.T) {
			if err := plain.Put(t.Context(), key, bytes.NewReader(change(bytes.Clone(sealed)))); err != nil {
				t.Fatal(err)
			}
			o, err := s.Open(t.Context(), key)
			if err == nil {
				_, err = io.ReadAll(o)
			}
			if err == nil {
				t.Error("it reads as if nothing had happened")
			}
		})
	}
}

// What was put before there was a master key still reads; a sealed one without its key does
// not.
func TestObjectWithoutKey(t *testing.T) {
	db, plain := pgtest.New(t), &blob.Memory{}
	s := seal.Store{Store: plain, Ring: seal.Stored{Pool: db, Master: master(t, newKey(t))}}
	old, sealed := uuid.NewString()+"/original", uuid.NewString()+"/original"
	if err := errors.Join(plain.Put(t.Context(), old, strings.NewReader("old sound")), s.Put(t.Context(), sealed, strings.NewReader("sound"))); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `delete from sealing_key`); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(o); string(got) != "old sound" {
		t.Errorf("got %q", got)
	}
	if _, err := s.Open(t.Context(), sealed); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("got %v, want %v", err, seal.ErrNoKey)
	}
	if err := s.Put(t.Context(), "elsewhere/original", strings.NewReader("x")); err == nil {
		t.Error("an object of no recording was taken")
	}
}

// After rotation the old master key opens nothing and the new one everything, and no object
// has been written.
func TestRotate(t *testing.T) {
	db, plain := pgtest.New(t), &blob.Memory{}
	first, second := newKey(t), newKey(t)
	with := func(keys ...string) seal.Store {
		return seal.Store{Store: plain, Ring: seal.Stored{Pool: db, Master: master(t, keys...)}}
	}
	var keys []string
	for range 3 {
		keys = append(keys, uuid.NewString()+"/original")
		if err := with(first).Put(t.Context(), keys[len(keys)-1], strings.NewReader("sound")); err != nil {
			t.Fatal(err)
		}
	}
	both := seal.Stored{Pool: db, Master: master(t, second, first)}
	for _, want := range []int{3, 0} {
		if n, err := both.Rotate(t.Context()); err != nil || n != want {
			t.Errorf("got %d rotated, %v, want %d", n, err, want)
		}
	}
	for _, key := range keys {
		if _, err := with(first).Open(t.Context(), key); err == nil {
			t.Error("the old master key still opens it")
		}
		if _, err := with(second).Open(t.Context(), key); err != nil {
			t.Errorf("with the new master key: %v", err)
		}
	}
}

func TestParseMasterKeepsTheKeyToItself(t *testing.T) {
	for _, text := range []string{"", "AGE-SECRET-KEY-1SECRET", "age1secret", "# only a comment"} {
		if _, err := seal.ParseMaster(text); err == nil || strings.Contains(strings.ToLower(err.Error()), "secret-key-1secret") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// one is a key for all.
type one struct{ *age.X25519Identity }

func (o one) Key(context.Context, string) (*age.X25519Identity, error) { return o.X25519Identity, nil }
func (o one) NewKey(context.Context, string) (*age.X25519Identity, error) {
	return o.X25519Identity, nil
}

// Each pass takes 64 MiB; cipher is what ChaCha20-Poly1305 alone does of age's chunks. What is
// reported beside the wall is bytes for each second of processor time, which a busy machine
// hardly changes.
func BenchmarkSealing(b *testing.B) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	sound := noise(64 << 20)
	name := uuid.NewString() + "/original"
	s := seal.Store{Store: &blob.Memory{}, Ring: one{key}}
	if err := s.Put(b.Context(), name, bytes.NewReader(sound)); err != nil {
		b.Fatal(err)
	}
	for _, way := range []struct {
		name string
		pass func() error
	}{
		{"cipher", func() error { return cipherAlone(sound) }},
		{"put", func() error {
			return seal.Store{Store: sink{}, Ring: one{key}}.Put(b.Context(), name, bytes.NewReader(sound))
		}},
		{"put plain", func() error { return sink{}.Put(b.Context(), name, bytes.NewReader(sound)) }},
		{"read", func() error { return read(b, s, name) }},
		{"read plain", func() error { return read(b, s.Store, name) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(len(sound)))
			before := processorTime()
			for b.Loop() {
				if err := way.pass(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(sound))/1e6/(processorTime()-before).Seconds(), "MB/cpu-s")
		})
	}
}

func read(b *testing.B, s blob.Store, name string) error {
	o, err := s.Open(b.Context(), name)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{o}, make([]byte, 1<<20))
	return err
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// sink takes objects and keeps none.
type sink struct{ blob.Store }

func (sink) Put(_ context.Context, _ string, r io.Reader) error {
	_, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, 1<<20))
	return err
}

func cipherAlone(sound []byte) error {
	aead, err := chacha20poly1305.New(make([]byte, chacha20poly1305.KeySize))
	if err != nil {
		return err
	}
	nonce, out := make([]byte, aead.NonceSize()), make([]byte, 0, 65<<10)
	for chunk := range slices.Chunk(sound, 64<<10) {
		out = aead.Seal(out[:0], nonce, chunk, nil)
	}
	return nil
}
