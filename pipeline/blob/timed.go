package blob

import (
	"context"
	"io"
	"time"
)

// Timed is a Store that tells Took how long each call took and how it ended. Of an object it
// tells the opening, not the reading.
type Timed struct {
	Store
	Took func(call string, took time.Duration, err error)
}

// Put is Store's.
func (t Timed) Put(ctx context.Context, key string, r io.Reader) error {
	started := time.Now()
	err := t.Store.Put(ctx, key, r)
	t.Took("put", time.Since(started), err)
	return err
}

// Open is Store's.
func (t Timed) Open(ctx context.Context, key string) (Object, error) {
	started := time.Now()
	o, err := t.Store.Open(ctx, key)
	t.Took("open", time.Since(started), err)
	return o, err
}

// Delete is Store's.
func (t Timed) Delete(ctx context.Context, key string) error {
	started := time.Now()
	err := t.Store.Delete(ctx, key)
	t.Took("delete", time.Since(started), err)
	return err
}
