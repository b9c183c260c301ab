package workers

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

const manyRecordings = `
insert into recording (id, project, name, kind, sha256, bytes, profile, length_ms)
select gen_random_uuid(), $1, 'x', 'conversation', n::text, 1, 'draft', 1000 from generate_series(1, $2::int) n returning id::text`

// BenchmarkQueue runs analyse jobs of empty transcripts: what the queue, the lease and the
// transactions cost a job, by how many other jobs wait.
func BenchmarkQueue(b *testing.B) {
	for _, waiting := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("%d waiting", waiting), func(b *testing.B) {
			pool := pgtest.New(b)
			project, err := store.Project(ctx, pool, "test")
			if err != nil {
				b.Fatal(err)
			}
			rows, err := pool.Query(ctx, manyRecordings, project, b.N)
			if err != nil {
				b.Fatal(err)
			}
			var jobs []river.InsertManyParams
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					b.Fatal(err)
				}
				jobs = append(jobs, stageJob(analyseArgs{target: target{id, 1}}, goesFirst))
			}
			for n := range waiting {
				jobs = append(jobs, river.InsertManyParams{Args: transcribeArgs{target{project, 1}, n}, InsertOpts: &river.InsertOpts{Queue: queueTranscribe("accurate"), UniqueOpts: once}})
			}
			if _, err := pool.Exec(ctx, `insert into transcript (recording, language, runs, speakers) select id, 'da', '[]', '[]' from recording`); err != nil {
				b.Fatal(err)
			}
			inbox, err := NewInbox(pool, &blob.Memory{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := inbox.client.InsertManyFast(ctx, jobs); err != nil {
				b.Fatal(err)
			}
			if _, err := pool.Exec(ctx, `analyze`); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			working, stop := context.WithCancel(ctx)
			ended := make(chan error, 1)
			go func() {
				ended <- Run(working, Config{Pool: pool, Blobs: &blob.Memory{}, Diariser: replay{}, Analyser: everywhere(replay{}), Parallel: 8,
					Profiles: map[string]pipeline.Transcriber{}})
			}()
			for left := b.N; left > 0; time.Sleep(5 * time.Millisecond) {
				if err := pool.QueryRow(ctx, `select count(*) from recording where done is null`).Scan(&left); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			b.StopTimer()
			stop()
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkRank ranks 100,000 jobs of 20,000 recordings in six projects, of which none changes
// its place: what a worker does a few times within a lease.
func BenchmarkRank(b *testing.B) {
	pool := pgtest.New(b)
	if _, err := pool.Exec(ctx, `
with p as (insert into project (name) select 'p' || n from generate_series(1, 6) n returning id, substr(name, 2)::int as n),
r as (insert into recording (id, project, name, kind, sha256, bytes, profile, length_ms)
	select gen_random_uuid(), p.id, 'x', 'conversation', i::text, 1, 'draft', 1800000 from generate_series(1, 20000) i join p on p.n = 1 + i % 6 returning id)
insert into river_job (args, kind, max_attempts, queue, state, priority)
select jsonb_build_object('recording', r.id, 'attempt', 1, 'piece', k), 'transcribe', 10, 'transcribe_draft', 'available', 3 from r, generate_series(1, 5) k`); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `analyze`); err != nil {
		b.Fatal(err)
	}
	w := &worker{Config: Config{Pool: pool}}
	for b.Loop() {
		if err := w.rank(ctx, 0); err != nil {
			b.Fatal(err)
		}
	}
}
