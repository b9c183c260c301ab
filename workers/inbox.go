package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// An Inbox takes recordings in and starts the work on them; it does none of it.
type Inbox struct {
	pool    *pgxpool.Pool
	blobs   blob.Store
	client  *river.Client[pgx.Tx]
	tracing tracing
}

// NewInbox makes an Inbox.
func NewInbox(pool *pgxpool.Pool, blobs blob.Store) (*Inbox, error) {
	return NewTracedInbox(pool, blobs, nil)
}

// NewTracedInbox is NewInbox with a provider of the traces that begin where recordings arrive.
func NewTracedInbox(pool *pgxpool.Pool, blobs blob.Store, traces trace.TracerProvider) (*Inbox, error) {
	t := newTracing(traces)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Middleware: []rivertype.Middleware{t}})
	if err != nil {
		return nil, err
	}
	return &Inbox{pool, blobs, client, t}, nil
}

// Receive reads sound to its end, stores it and starts the work on it. Of r, the caller says
// all but id, hash and length. Sound that the project has already is not stored again: then
// added is false and id that of the recording there is.
//
// The object stands before the row, and stays when the row cannot be written: it may have
// been, with only the answer lost. Also is done in the row's transaction. Sound that the
// project has no room for is store.ErrFull.
func (in *Inbox) Receive(ctx context.Context, r store.Recording, sound io.Reader, also ...func(ctx context.Context, tx pgx.Tx, id string) error) (id string, added bool, err error) {
	r.ID = uuid.NewString()
	room, err := store.Room(ctx, in.pool, r.Project)
	if err != nil {
		return "", false, err
	}
	sound = &bounded{sound, room}
	ctx, span := in.tracing.Start(ctx, "receive", trace.WithAttributes(attribute.String("lydhor.recording", r.ID)))
	defer span.End()
	if r.SHA256, r.Bytes, err = blob.PutHashed(ctx, in.blobs, originalKey(r.ID), sound); err != nil {
		return "", false, err
	}
	err = pgx.BeginFunc(ctx, in.pool, func(tx pgx.Tx) error {
		if id, added, err = store.AddRecording(ctx, tx, r); err != nil || !added {
			return err
		}
		if err := store.SaveObject(ctx, tx, store.Object{Recording: id, Name: "original", SHA256: r.SHA256, Bytes: r.Bytes}); err != nil {
			return err
		}
		if room, err := store.Room(ctx, tx, r.Project); err != nil || room < 0 { // two may have come at once
			return cmp.Or(err, store.ErrFull)
		}
		for _, do := range also {
			if err := do(ctx, tx, id); err != nil {
				return err
			}
		}
		return in.start(ctx, tx, target{id, 1}, r.Batch)
	})
	if err == nil && !added || errors.Is(err, store.ErrFull) {
		err = errors.Join(err, in.blobs.Delete(ctx, originalKey(r.ID)))
	}
	return id, added, err
}

// bounded reads no more than there is room for.
type bounded struct {
	io.Reader
	room int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.room -= int64(n); b.room < 0 {
		return n, store.ErrFull
	}
	return n, err
}

// Retry starts the work on a failed recording of the project again; what its stages had
// ended is kept.
func (in *Inbox) Retry(ctx context.Context, project, id string) error {
	ctx, span := in.tracing.Start(ctx, "retry", trace.WithAttributes(attribute.String("lydhor.recording", id)))
	defer span.End()
	return pgx.BeginFunc(ctx, in.pool, func(tx pgx.Tx) error {
		if err := store.Retry(ctx, tx, project, id); err != nil {
			return err
		}
		r, err := store.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		return in.start(ctx, tx, target{id, r.Attempt}, r.Batch)
	})
}

func (in *Inbox) start(ctx context.Context, tx pgx.Tx, of target, batch bool) error {
	_, err := in.client.InsertManyTx(ctx, tx, []river.InsertManyParams{stageJob(ingestArgs{of}, firstPriority(batch))})
	if err != nil {
		return fmt.Errorf("insert the first job: %w", err)
	}
	return nil
}

// Original opens the sound of a recording as it was received.
func Original(ctx context.Context, blobs blob.Store, id string) (blob.Object, error) {
	return blobs.Open(ctx, originalKey(id))
}

// Rendition opens what browsers play of a recording, with its media type.
func (in *Inbox) Rendition(ctx context.Context, id string) (io.ReadSeekCloser, string, error) {
	o, err := in.blobs.Open(ctx, RenditionKey(id))
	return o, pipeline.RenditionType, err
}
