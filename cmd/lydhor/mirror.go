package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// A ledger says which objects a copy of the bucket is to keep. It goes by the rows and not by
// what the bucket lacks: what was lost there must not be lost in its copies.
type ledger struct {
	standing map[string]bool // recordings that have a row
	erased   map[string]bool // those that have the proof that they have none
}

func (s *service) ledger(ctx context.Context) (*ledger, error) {
	l := &ledger{standing: map[string]bool{}, erased: map[string]bool{}}
	places, err := store.Places(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		l.standing[p.Recording] = true
	}
	proofs, err := consent.Proofs(ctx, s.pool)
	for _, p := range proofs {
		l.erased[p.Recording] = true
	}
	return l, err
}

// keeps reports whether a copy is to have an object: that of a recording, or a proof. What was
// put for an upload that got no answer is swept from the bucket and never copied.
func (l *ledger) keeps(key string) bool {
	return strings.HasPrefix(key, blob.Proofs) || l.standing[recordingOf(key)]
}

// drops reports whether a copy must have an object no more.
func (l *ledger) drops(key string) bool { return l.erased[recordingOf(key)] }

// recordingOf is the recording that an object belongs to.
func recordingOf(key string) string {
	recording, _, _ := strings.Cut(key, "/")
	return recording
}

// mirrored is what one run of mirror did.
type mirrored struct {
	copied, erased int
	missing        []string // keys that are in the mirror and not in the bucket
}

// mirror brings a second bucket, on another S3 server, up to date with the bucket.
func (a *app) mirror(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("mirror", flag.ContinueOnError)
	data := folder(fs)
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	c := a.over(*data).config()
	if c.Mirror.Endpoint == "" {
		return errors.New("no second S3 server is configured: set LYDHOR_MIRROR_ENDPOINT and its keys")
	}
	if c.Mirror.Endpoint == c.S3.Endpoint && c.Mirror.Bucket == c.S3.Bucket {
		return errors.New("LYDHOR_MIRROR_ENDPOINT and LYDHOR_MIRROR_BUCKET name the bucket itself: name another")
	}
	if err := c.Mirror.checkTransport("LYDHOR_MIRROR"); err != nil {
		return err
	}
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	to, err := blob.OpenS3(ctx, c.Mirror.Endpoint, c.Mirror.AccessKey, c.Mirror.SecretKey, c.Mirror.Bucket)
	if err != nil {
		return fmt.Errorf("the mirror: %w", err)
	}
	l, err := s.ledger(ctx)
	if err != nil {
		return err
	}
	m, err := l.mirror(ctx, s.raw, to)
	fmt.Fprintf(a.stdout, "%d objects copied, %d erased in the mirror\n", m.copied, m.erased)
	if err == nil && len(m.missing) > 0 {
		err = fmt.Errorf("%d objects that the mirror has are missing in the bucket: copy them back under their keys, and say `lydhor verify`:\n%s", len(m.missing), strings.Join(m.missing, "\n"))
	}
	return err
}

// mirror copies what to lacks of from, sealed as it is, and deletes there what was erased.
func (l *ledger) mirror(ctx context.Context, from, to blob.Store) (m mirrored, err error) {
	there := map[string]blob.Info{}
	for info, err := range to.All(ctx, "") {
		if err != nil {
			return m, err
		}
		if !l.drops(info.Key) {
			there[info.Key] = info
			continue
		}
		if err := to.Delete(ctx, info.Key); err != nil {
			return m, err
		}
		m.erased++
	}
	for info, err := range from.All(ctx, "") {
		if err != nil {
			return m, err
		}
		old, have := there[info.Key]
		delete(there, info.Key)
		if !l.keeps(info.Key) || have && old.Bytes == info.Bytes && info.Put.Before(old.Put.Add(-mostDrift)) {
			continue
		}
		err := copyAcross(ctx, from, to, info.Key)
		if errors.Is(err, blob.ErrNotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return m, err
		}
		m.copied++
	}
	for key := range there {
		if l.keeps(key) {
			m.missing = append(m.missing, key)
		}
	}
	return m, nil
}

func copyAcross(ctx context.Context, from, to blob.Store, key string) error {
	o, err := from.Open(ctx, key)
	if err != nil {
		return err
	}
	defer o.Close()
	return to.Put(ctx, key, o)
}
