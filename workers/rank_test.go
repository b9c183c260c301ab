package workers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// A crowd is recordings of several projects that wait to be transcribed, one job each.
type crowd struct {
	*bundle
	names map[string]string // of recordings, by id
	pool  map[string]string // projects, by name
	w     *worker
}

func newCrowd(t *testing.T) *crowd {
	b := setup(t)
	return &crowd{bundle: b, names: map[string]string{}, pool: map[string]string{}, w: &worker{Config: b.config}}
}

// arrive adds n recordings of a project.
func (c *crowd) arrive(project string, n int, length time.Duration, batch bool) {
	c.t.Helper()
	id, err := store.Project(ctx, c.bundle.pool, project)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range n {
		r := store.Recording{ID: uuid.NewString(), Project: id, Name: "x", SHA256: uuid.NewString(), Kind: pipeline.Conversation, Profile: "draft", Batch: batch}
		c.names[r.ID] = fmt.Sprintf("%s%d", project, i+1)
		if err := pgx.BeginFunc(ctx, c.bundle.pool, func(tx pgx.Tx) error {
			if _, _, err := store.AddRecording(ctx, tx, r); err != nil {
				return err
			}
			if err := store.SetSound(ctx, tx, r.ID, length, nil); err != nil {
				return err
			}
			_, err := c.inbox.client.InsertManyTx(ctx, tx, []river.InsertManyParams{{Args: transcribeArgs{target{r.ID, 1}, 0}, InsertOpts: &river.InsertOpts{
				Queue: queueTranscribe("draft"), Priority: firstPriority(batch), UniqueOpts: once, MaxAttempts: MaxAttempts}}})
			return err
		}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// River fetches in this order.
const fetchNext = `
update river_job set state = 'running', attempted_at = now() where id = (
	select id from river_job where state = 'available' order by priority, scheduled_at, id limit 1)
returning args->>'recording'`

// order gives the recordings as workers that run parallel jobs would begin them, each job
// taking as long as any other.
func (c *crowd) order(parallel, n int) (order []string) {
	c.t.Helper()
	for range n {
		if err := c.w.rank(ctx, 0); err != nil {
			c.t.Fatal(err)
		}
		var id string
		if err := c.bundle.pool.QueryRow(ctx, fetchNext).Scan(&id); err != nil {
			c.t.Fatal(err)
		}
		order = append(order, c.names[id])
		if _, err := c.bundle.pool.Exec(ctx, `update river_job set state = 'completed', finalized_at = now() where id = (
			select id from river_job where state = 'running' order by attempted_at limit 1)
			and (select count(*) from river_job where state = 'running') >= $1`, parallel); err != nil {
			c.t.Fatal(err)
		}
	}
	return order
}

func TestFortyFilesDoNotStarveAnotherProject(t *testing.T) {
	for _, parallel := range []int{1, 2, 4} {
		c := newCrowd(t)
		c.arrive("a", 40, time.Hour, false)
		begun := c.order(parallel, 5) // a is well under way
		c.arrive("b", 6, time.Hour, false)
		next := c.order(parallel, 16)
		if next[0] != "b1" || !slices.Contains(next, "b6") || !slices.Contains(next, "a6") {
			t.Errorf("%d at a time: got %v after %v, want b1 first, and all of b and some of a among the next 16", parallel, next, begun)
		}
	}
}

func TestOrderWithinAProject(t *testing.T) {
	c := newCrowd(t)
	c.arrive("batch", 1, time.Minute, true)
	c.arrive("flip", 2, 3*time.Hour, false)
	c.arrive("talk", 2, 20*time.Minute, false)
	one, err := store.Project(ctx, c.bundle.pool, "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.bundle.pool.Exec(ctx, `update recording set project = $1`, one); err != nil {
		t.Fatal(err)
	}
	want := []string{"talk1", "talk2", "flip1", "flip2", "batch1"}
	if diff := cmp.Diff(want, c.order(1, 5)); diff != "" {
		t.Errorf("order differs (-want +got):\n%s", diff)
	}
}

// While recordings wait that came before, what ends another is done all the same.
func TestQueueDoesNotHoldUpWhatIsNearlyDone(t *testing.T) {
	c := newCrowd(t)
	c.arrive("a", 8, time.Hour, false)
	c.order(1, 1)
	job := stageJob(assembleArgs{target{uuid.NewString(), 1}}, goesFirst)
	if _, err := c.inbox.client.Insert(ctx, job.Args, job.InsertOpts); err != nil {
		t.Fatal(err)
	}
	order := c.order(1, 3)
	if !slices.Contains(order, "") { // the recording that is assembled has no name
		t.Errorf("got %v, want the assembly among them", order)
	}
}

// A long meeting that waits since yesterday goes before what came today.
func TestLongMeetingsDoNotWaitForEver(t *testing.T) {
	c := newCrowd(t)
	c.arrive("a", 1, 3*time.Hour, false)
	if _, err := c.bundle.pool.Exec(ctx, `update recording set received = now() - interval '1 day'`); err != nil {
		t.Fatal(err)
	}
	c.names = map[string]string{}
	c.arrive("a", 3, 20*time.Minute, false)
	if got := c.order(1, 1); got[0] != "" { // the meeting has no name now
		t.Errorf("got %v first, want the meeting", got)
	}
}

// What is claimed is not claimed again within its time, whatever the clock did.
func TestChoreIsClaimedOnce(t *testing.T) {
	b := setup(t)
	claim := func(between time.Duration) (mine bool) {
		err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) (err error) {
			mine, err = store.Claim(context.Background(), tx, "test", between)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return mine
	}
	got := []bool{claim(time.Hour), claim(time.Hour), claim(0)}
	if _, err := b.pool.Exec(ctx, `update chore set done = now() + interval '1 day'`); err != nil {
		t.Fatal(err)
	}
	got = append(got, claim(time.Hour))
	if diff := cmp.Diff([]bool{true, false, true, true}, got); diff != "" {
		t.Errorf("claims differ (-want +got):\n%s", diff)
	}
}

// Postgres's clock jumps: what the leases of the dead say must not keep their jobs.
func TestClockJumpsDoNotKeepJobs(t *testing.T) {
	for _, jump := range []string{"-1 hour", "1 hour"} {
		t.Run(jump, func(t *testing.T) {
			b := setup(t)
			id := b.receive(beep(t, "3"))
			if _, err := b.pool.Exec(ctx, `update river_job set state = 'running', attempt = 1, attempted_at = now() - $1::interval, attempted_by = array['dead']`, jump); err != nil {
				t.Fatal(err)
			}
			if _, err := b.pool.Exec(ctx, `insert into lease (job, worker, renewed) select id, 'dead', now() - $1::interval from river_job`, jump); err != nil {
				t.Fatal(err)
			}
			b.work(b.config)
			b.until(id, done)
		})
	}
	t.Run("put off by a wrong clock", func(t *testing.T) {
		b := setup(t)
		id := b.receive(beep(t, "3"))
		if _, err := b.pool.Exec(ctx, `update river_job set state = 'retryable', attempt = 1, scheduled_at = now() + interval '1 day'`); err != nil {
			t.Fatal(err)
		}
		b.work(b.config)
		b.until(id, done)
	})
}

func TestTroubleIsTold(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	b.config.Profiles = map[string]pipeline.Transcriber{"draft": replay{fail: fmt.Errorf("the device fell off")}}
	b.work(b.config)
	b.until(id, func(r *store.Recording) bool { return strings.Contains(r.Trouble, "the device fell off") })
}
