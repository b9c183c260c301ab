// Package blob keeps objects, sound above all, under keys: in any S3-compatible store, or in
// memory for tests.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"time"
)

// ErrNotFound says that there is no object under a key.
var ErrNotFound = errors.New("no such object")

// A Store keeps objects. Methods are safe for concurrent use.
type Store interface {
	// Put reads r to its end into the object under key, which then appears whole or not at
	// all. Memory stays flat however long r is.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open opens the object under key to be read from any place; ErrNotFound where there is
	// none.
	Open(ctx context.Context, key string) (Object, error)
	// Delete removes the object under key, if there is one.
	Delete(ctx context.Context, key string) error
	// Keys lists the keys of objects that were put before then and begin with prefix, sorted.
	Keys(ctx context.Context, prefix string, before time.Time) ([]string, error)
	// All lists the objects whose keys begin with prefix, sorted by key.
	All(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Sweep drops what is left of puts that began before then and were cut off.
	Sweep(ctx context.Context, before time.Time) error
}

// Info is what a listing tells of an object.
type Info struct {
	Key   string
	Bytes int64
	Put   time.Time
}

// Proofs begins the keys of the proofs of what was erased. They hold no words and so are
// never sealed.
const Proofs = "erased/"

// An Object is open for reading.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// PutHashed is Put that also tells the SHA-256, in hexadecimal, and the length of what it
// read.
func PutHashed(ctx context.Context, s Store, key string, r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	counted := &counter{r: io.TeeReader(r, h)}
	if err := s.Put(ctx, key, counted); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), counted.n, nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
