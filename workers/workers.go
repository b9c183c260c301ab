// Package workers runs the stages of a recording as River jobs: one worker a stage. Each
// loads what it needs, computes with a stage function of pipeline, and in one transaction
// saves the result, completes its job and inserts what follows. So a process may die at any
// instant; what it held is taken over and gives the same result.
//
// Job arguments are ids. What a log line or a job's error says is about the work, never what
// was said in it.
package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// Config is what the workers of one process work with.
type Config struct {
	Pool     *pgxpool.Pool
	Blobs    blob.Store
	Profiles map[string]pipeline.Transcriber // the profiles served here, by name
	Diariser pipeline.Diariser
	Printer  Printer // of voices, for projects that recognise them; may be nil
	Analyser func(ctx context.Context, project string) (pipeline.Analyser, error)
	Parallel int                  // jobs at a time of each queue; 1 when 0
	Grace    time.Duration        // given to running jobs when the process is asked to stop
	Lease    time.Duration        // after which a worker that is silent counts as dead; 45 s when 0
	Metrics  *Metrics             // may be nil
	Traces   trace.TracerProvider // may be nil
	Log      *slog.Logger
}

// A Printer makes prints of the voices of a recording.
type Printer interface {
	Prints(context.Context, pipeline.Sound, []pipeline.SpeakerTurn) ([]pipeline.Voiceprint, error)
}

// Where jobs wait.
const queueStages = river.QueueDefault // of every stage but transcribe

func queueTranscribe(profile string) string { return "transcribe_" + profile }

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// CheckProfile says whether name can be a profile's, which names a queue.
func CheckProfile(name string) error {
	if !profileName.MatchString(name) {
		return fmt.Errorf("profile %q: write it in small letters, digits and hyphens, as draft or accurate", name)
	}
	return nil
}

// MaxAttempts is how often a job is tried before its recording stands as failed: with the
// waits of patience, a server may be away for five minutes.
const MaxAttempts = 10

// Timeouts of the stages, for a recording of the longest sort on the slowest processor.
const (
	quickTimeout = 10 * time.Minute // assemble, analyse
	soundTimeout = time.Hour        // ingest, diarise
	pieceTimeout = 2 * time.Hour    // one piece of ten minutes
)

// Run works until ctx ends, then gives running jobs their grace and hands back what is left
// of them.
func Run(ctx context.Context, c Config) error {
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	c.Lease = cmp.Or(c.Lease, 45*time.Second)
	if c.Metrics == nil {
		c.Metrics = NewMetrics(prometheus.NewRegistry())
	}
	c.Parallel = cmp.Or(c.Parallel, 1)
	w := &worker{Config: c, name: uuid.NewString()}
	client, err := w.client()
	if err != nil {
		return err
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	c.Log.Info("working", "worker", w.name, "pid", os.Getpid(), "profiles", len(c.Profiles), "parallel", c.Parallel)
	sweep := time.NewTicker(c.Lease / 3)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			c.Log.Info("stopping", "worker", w.name, "grace", c.Grace)
			return w.stop(client)
		case <-sweep.C:
			if err := w.keepHouse(ctx); err != nil && ctx.Err() == nil {
				c.Log.Error("keep house", "error", err)
			}
		}
	}
}

// keepHouse does what every process does a few times within a lease, so that it is done as
// long as one lives.
func (w *worker) keepHouse(ctx context.Context) error {
	return errors.Join(w.takeOver(ctx), w.giveUp(ctx), store.DropLeases(ctx, w.Pool, w.Lease), clearScratch(w.Lease), w.rank(ctx, w.Lease/4))
}

func (w *worker) stop(client *river.Client[pgx.Tx]) error {
	patience, cancel := context.WithTimeout(context.Background(), cmp.Or(w.Grace, time.Millisecond))
	defer cancel()
	if client.Stop(patience) == nil {
		return nil
	}
	hand, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return client.StopAndCancel(hand)
}

// worker is what every stage's worker shares.
type worker struct {
	Config
	name string
}

// client knows every kind of job, so that whoever leads River's maintenance does not discard
// the jobs of others, but fetches only from the queues it serves.
func (w *worker) client() (*river.Client[pgx.Tx], error) {
	all := river.NewWorkers()
	river.AddWorker(all, &ingestWorker{worker: w})
	river.AddWorker(all, &transcribeWorker{worker: w})
	river.AddWorker(all, &diariseWorker{worker: w})
	river.AddWorker(all, &assembleWorker{worker: w})
	river.AddWorker(all, &analyseWorker{worker: w})
	river.AddWorker(all, &sweepWorker{worker: w})
	river.AddWorker(all, &maskWorker{worker: w})
	river.AddWorker(all, &expireWorker{worker: w})
	river.AddWorker(all, &verifyWorker{worker: w})
	queues := map[string]river.QueueConfig{queueStages: {MaxWorkers: w.Parallel}, queueCare: {MaxWorkers: 1}}
	for profile := range w.Profiles {
		queues[queueTranscribe(profile)] = river.QueueConfig{MaxWorkers: w.Parallel}
	}
	return river.NewClient(riverpgxv5.New(w.Pool), &river.Config{
		Queues:               queues,
		Workers:              all,
		Logger:               slog.New(slog.DiscardHandler), // River logs what jobs say; Log says less
		Middleware:           []rivertype.Middleware{newTracing(w.Traces)},
		JobTimeout:           pieceTimeout,
		RescueStuckJobsAfter: pieceTimeout + time.Hour, // takeOver is faster
		MaxAttempts:          MaxAttempts,
		FetchOnlyKnownKinds:  true, // newer workers may ask for more
		RetryPolicy:          patience{},
		PeriodicJobs:         care(),
	})
}

// patience waits 2, 4, 8, … seconds before another attempt, a minute at most: what fails for
// a while (Postgres or S3 restarted) is soon back, what fails for good should soon be said.
type patience struct{}

const longestPatience = time.Minute

func (patience) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(min(longestPatience, time.Second<<min(job.Attempt, 6)))
}

// a work is one job of a recording, as its worker sees it.
type work struct {
	job       *rivertype.JobRow
	stage     pipeline.Stage
	recording string
	attempt   int // of the recording, when the job was inserted
}

// do runs one job under a lease. Bad sound fails the recording at once, anything else when
// the last attempt fails; a stop of the process costs no attempt. A job of an attempt before
// the last retry does nothing.
func (w *worker) do(ctx context.Context, job work, f func(context.Context, *store.Recording) error) error {
	started := time.Now()
	r, err := store.ByID(ctx, w.Pool, job.recording)
	if errors.Is(err, store.ErrNotFound) || err == nil && (r.Attempt != job.attempt || r.FailedIn != "") {
		return river.JobCancel(errors.New("the recording was erased or is tried again"))
	}
	if err == nil {
		err = w.hold(ctx, job.job.ID, func(ctx context.Context) error { return f(ctx, r) })
	}
	took := time.Since(started)
	log := w.Log.With("stage", job.stage, "recording", job.recording, "job", job.job.ID, "attempt", job.job.Attempt, "took", took.Round(time.Millisecond))
	switch {
	case err == nil:
		w.ended(ctx, job.stage, "done", took, nil)
		log.Info("done")
		return nil
	case errors.Is(err, errErased):
		w.Metrics.end(job.stage, "erased", took, nil)
		log.Info("erased")
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		w.ended(ctx, job.stage, "handed_back", took, err)
		log.Info("handed back")
		return river.JobSnooze(0)
	case errors.Is(err, pipeline.ErrBadAudio):
		w.ended(ctx, job.stage, "failed", took, err)
		log.Warn("failed for good", "error", err)
		return errors.Join(w.fail(ctx, job, err.Error()), river.JobCancel(err))
	case job.job.Attempt >= job.job.MaxAttempts:
		w.ended(ctx, job.stage, "failed", took, err)
		log.Error("failed for good", "error", err)
		return errors.Join(err, w.fail(ctx, job, fmt.Sprintf("%s failed %d times: %v: mend that and try again", job.stage, job.job.Attempt, err)))
	}
	w.ended(ctx, job.stage, "retried", took, err)
	log.Warn("failed, will be tried again", "error", err)
	return err
}

// ended notes how an attempt ended.
func (w *worker) ended(ctx context.Context, stage pipeline.Stage, end string, took time.Duration, err error) {
	w.Metrics.end(stage, end, took, err)
	say(ctx, end, err)
}

// fail may come after the job's time is up.
func (w *worker) fail(ctx context.Context, job work, problem string) error {
	return store.SetFailed(context.WithoutCancel(ctx), w.Pool, job.recording, job.stage, problem)
}

// finish saves with save, completes the job and inserts what follows, all or nothing.
func finish[T river.JobArgs](ctx context.Context, w *worker, job *river.Job[T], save func(pgx.Tx) ([]river.InsertManyParams, error)) error {
	return pgx.BeginFunc(ctx, w.Pool, func(tx pgx.Tx) error {
		next, err := save(tx)
		if err != nil {
			return err
		}
		if len(next) > 0 {
			if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertManyTx(ctx, tx, next); err != nil {
				return fmt.Errorf("insert the next jobs: %w", err)
			}
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
