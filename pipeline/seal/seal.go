// Package seal keeps objects so that whoever has the disks of the object store, or a backup of
// them, has nothing: each is an age file (age-encryption.org/v1) sealed with a key of its
// recording, and that key with a master key that stands in neither Postgres nor the object
// store. Deleting a recording's key deletes its sound from every backup.
package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"filippo.io/age"
	"github.com/google/uuid"

	"lydhor/pipeline/blob"
)

// A Ring gives the key of each recording.
type Ring interface {
	// Key gives a recording's key; ErrNoKey where it has none.
	Key(ctx context.Context, recording string) (*age.X25519Identity, error)
	// NewKey gives a recording's key, which is made if it has none.
	NewKey(ctx context.Context, recording string) (*age.X25519Identity, error)
}

// ErrNoKey says that a recording has no key: it never had one, or it was erased.
var ErrNoKey = errors.New("the recording has no key")

// Store is a blob.Store whose objects are sealed. Keys of objects begin with the id of their
// recording.
type Store struct {
	blob.Store
	Ring Ring
}

var _ blob.Store = Store{}

// recordingOf is the id that an object's key begins with.
func recordingOf(key string) (string, error) {
	id, _, _ := strings.Cut(key, "/")
	if err := uuid.Validate(id); err != nil {
		return "", fmt.Errorf("object %s belongs to no recording, and so to no key", key)
	}
	return id, nil
}

// Put is blob.Store's.
func (s Store) Put(ctx context.Context, key string, r io.Reader) error {
	if strings.HasPrefix(key, blob.Proofs) {
		return s.Store.Put(ctx, key, r)
	}
	id, err := recordingOf(key)
	if err != nil {
		return err
	}
	k, err := s.Ring.NewKey(ctx, id)
	if err != nil {
		return fmt.Errorf("key of object %s: %w", key, err)
	}
	sealed, err := age.EncryptReader(r, k.Recipient())
	if err != nil {
		return fmt.Errorf("seal object %s: %w", key, err)
	}
	return s.Store.Put(ctx, key, sealed)
}

// Open is blob.Store's. Objects of a recording without a key are as they were put: they are
// older than sealing.
func (s Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if strings.HasPrefix(key, blob.Proofs) {
		return s.Store.Open(ctx, key)
	}
	id, err := recordingOf(key)
	if err != nil {
		return nil, err
	}
	o, err := s.Store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	k, err := s.Ring.Key(ctx, id)
	if errors.Is(err, ErrNoKey) && !isSealed(o) {
		return o, nil
	}
	if err != nil {
		o.Close()
		return nil, fmt.Errorf("key of object %s: %w", key, err)
	}
	opened, size, err := age.DecryptReaderAt(&ahead{r: o, size: o.Size()}, o.Size(), k)
	if err != nil {
		o.Close()
		return nil, fmt.Errorf("unseal object %s: %w", key, err)
	}
	return object{io.NewSectionReader(opened, 0, size), o}, nil
}

// isSealed reports whether an object is an age file.
func isSealed(o blob.Object) bool {
	const intro = "age-encryption.org/v1\n"
	head := make([]byte, len(intro))
	_, err := o.ReadAt(head, 0)
	return (err == nil || err == io.EOF) && bytes.Equal(head, []byte(intro))
}

// object is an opened one; closing it closes the sealed one beneath.
type object struct {
	*io.SectionReader
	io.Closer
}

// block is how much is asked of the object store at a time: age reads 64 KiB, and each
// question costs a round trip.
const block = 1 << 20

// ahead reads whole blocks and keeps the newest.
type ahead struct {
	r    io.ReaderAt
	size int64

	mu   sync.Mutex
	from int64
	kept []byte
}

// ReadAt is io.ReaderAt's.
func (a *ahead) ReadAt(p []byte, off int64) (n int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		if at >= a.size {
			return n, io.EOF
		}
		if at < a.from || at >= a.from+int64(len(a.kept)) {
			if err := a.fill(at - at%block); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], a.kept[at-a.from:])
	}
	return n, nil
}

// fill keeps the block that begins at from.
func (a *ahead) fill(from int64) error {
	if a.kept == nil {
		a.kept = make([]byte, 0, block)
	}
	a.kept = a.kept[:min(block, a.size-from)]
	n, err := a.r.ReadAt(a.kept, from)
	a.from = from
	if n < len(a.kept) {
		a.kept = a.kept[:0]
		return errors.Join(io.ErrUnexpectedEOF, err)
	}
	return nil
}
