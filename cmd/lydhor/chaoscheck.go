package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// settle waits until every recording is done, and tries those again that stand as failed, as
// a person would. When no job has ended for five minutes, the rest is left for check to find.
func (o *ordeal) settle(ctx context.Context) error {
	const patience = 5 * time.Minute
	before := -1
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		left, ended := 0, 0
		for _, id := range o.accepted {
			r, err := store.ByID(ctx, o.pool, id)
			if err != nil {
				return fmt.Errorf("recording %s: %w", id, err)
			}
			if r.Done {
				continue
			}
			left++
			if r.FailedIn == "" {
				continue
			}
			page := o.serving[0].page
			if err := (client{page, o.token}).do(ctx, "POST", "/api/recordings/"+id+"/retry", nil, nil, &struct{}{}); err == nil {
				o.result.Retried++
			}
		}
		if left == 0 && o.idle(ctx) {
			return nil
		}
		if err := o.pool.QueryRow(ctx, `select count(*) from river_job where state = 'completed'`).Scan(&ended); err != nil {
			return err
		}
		if ended != before {
			before, deadline = ended, time.Now().Add(patience)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// idle reports whether no job of a recording is left and no lease held.
func (o *ordeal) idle(ctx context.Context) (idle bool) {
	err := o.pool.QueryRow(ctx, `select not exists (select from river_job where state not in ('completed', 'cancelled', 'discarded') and args ? 'recording')`).Scan(&idle)
	return err == nil && idle
}

// undisturbed is what becomes of the sound while nothing disturbs it: in the service, or by each of
// the two versions, since they may hear other words.
func (o *ordeal) undisturbed(ctx context.Context) (list [][]byte, err error) {
	if err := o.send(ctx); err != nil {
		return nil, err
	}
	if err := o.settle(ctx); err != nil {
		return nil, err
	}
	if o.crew.old == "" {
		t, err := o.transcript(ctx, o.accepted[0])
		if err != nil {
			return nil, fmt.Errorf("transcribe undisturbed: %w", err)
		}
		return [][]byte{t}, nil
	}
	for _, program := range []string{o.crew.old, o.app.self(o.servers).Path} {
		t, err := o.heardBy(ctx, program)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// transcript is what became of a recording, or the words of it where versions that differ in
// the rest were at it.
func (o *ordeal) transcript(ctx context.Context, id string) ([]byte, error) {
	t, err := store.Transcript(ctx, o.pool, id)
	if err != nil {
		return nil, err
	}
	t.ID = ""
	if o.crew.old != "" {
		return wordsOf(t), nil
	}
	var b bytes.Buffer
	err = pipeline.WriteTranscript(&b, t)
	return b.Bytes(), err
}

func wordsOf(t *pipeline.Transcript) []byte {
	var words []string
	for _, turn := range t.Turns {
		words = append(words, strings.Fields(turn.Text)...)
	}
	return []byte(strings.Join(words, " "))
}

// check finds what was lost, doubled or left over; each transcript must be one of want.
func (o *ordeal) check(ctx context.Context, want ...[]byte) error {
	violation := func(format string, args ...any) {
		o.result.Violations = append(o.result.Violations, fmt.Sprintf(format, args...))
	}
	for _, id := range o.accepted {
		got, err := o.transcript(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			violation("recording %s has no transcript", id)
		case err != nil:
			return err
		case !slices.ContainsFunc(want, func(w []byte) bool { return bytes.Equal(got, w) }):
			violation("the transcript of recording %s is not the undisturbed one", id)
		}
	}
	for what, query := range leftOver {
		var n int
		if err := o.pool.QueryRow(ctx, query).Scan(&n); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if n > 0 {
			violation("%d %s", n, what)
		}
	}
	for id, made := range o.decisions {
		kept, err := store.Decisions(ctx, o.pool, id, "analyst")
		if err != nil {
			return err
		}
		if len(kept) != made {
			violation("recording %s has %d decisions of %d", id, len(kept), made)
		}
		o.result.Decisions += made
	}
	var rows int
	if err := o.pool.QueryRow(ctx, `select count(*) from recording`).Scan(&rows); err != nil {
		return err
	}
	if rows != len(o.accepted) {
		violation("%d recordings are there of %d accepted", rows, len(o.accepted))
	}
	o.result.Recordings = rows
	return o.checkObjects(ctx, violation)
}

// leftOver counts what must not be left when nothing is at work.
var leftOver = map[string]string{
	"jobs are open":                   `select count(*) from river_job where state not in ('completed', 'cancelled', 'discarded') and args ? 'recording'`,
	"leases of jobs that have ended":  `select count(*) from lease join river_job on river_job.id = job where state in ('completed', 'cancelled', 'discarded') and renewed < now() - interval '1 minute'`,
	"pieces have not ended":           `select count(*) from stage where ended is null`,
	"recordings are not done":         `select count(*) from recording where done is null`,
	"recordings have the same sound":  `select count(*) from (select from recording group by project, sha256 having count(*) > 1) same`,
	"recordings lack a stage's piece": `select count(*) from recording where (select count(*) from stage where recording = id) < 2`,
}

// checkObjects sweeps what unanswered uploads left, and wants the objects of recordings then
// and nothing else.
func (o *ordeal) checkObjects(ctx context.Context, violation func(string, ...any)) error {
	swept, err := workers.Sweep(ctx, o.pool, o.blobs, time.Now().Add(time.Minute))
	if err != nil {
		return err
	}
	o.result.Orphans = swept
	keys, err := o.blobs.Keys(ctx, "", time.Now().Add(time.Minute))
	if err != nil {
		return err
	}
	objects := map[string]int{}
	for _, key := range keys {
		id, _, _ := strings.Cut(key, "/")
		objects[id]++
	}
	for _, id := range o.accepted {
		if objects[id] != 3 { // as received, decoded, for browsers
			violation("recording %s has %d objects, want 3", id, objects[id])
		}
		delete(objects, id)
	}
	for id := range objects {
		violation("objects of %s belong to no recording", id)
	}
	return nil
}
