package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

// A Recording is what the database knows of one, without what was said in it.
type Recording struct {
	ID       string            `json:"id"`
	Project  string            `json:"project"`
	Name     string            `json:"name"` // of the file as received
	Kind     pipeline.Kind     `json:"kind"`
	Speakers int               `json:"speakers,omitempty"` // 0 where nobody counted
	Separate bool              `json:"separate,omitempty"` // each of its channels is one person's microphone
	SHA256   string            `json:"sha256"`
	Bytes    int64             `json:"bytes"`
	Meta     map[string]string `json:"meta,omitempty"`
	Profile  string            `json:"profile"`
	Received time.Time         `json:"received"`
	Length   time.Duration     `json:"length_ns,omitempty"` // 0 until it is decoded
	FailedIn pipeline.Stage    `json:"failed_in,omitempty"`
	Problem  string            `json:"problem,omitempty"`
	Attempt  int               `json:"attempt"`
	Done     bool              `json:"done"`
	Batch    bool              `json:"batch,omitempty"`   // may wait until no other work waits
	Trouble  string            `json:"trouble,omitempty"` // why the last try of the work under way failed
	Stages   []StageProgress   `json:"stages,omitempty"`
	Left     time.Duration     `json:"left_ns,omitempty"` // of transcription at its pace so far; 0 while nobody can tell
}

// StageProgress is how far the work of one stage is: 1 when it has ended.
type StageProgress struct {
	Stage    pipeline.Stage `json:"stage"`
	Progress float64        `json:"progress"`
}

// Expected is how many speakers to look for: as counted, or else as the kind promises.
func (r *Recording) Expected() pipeline.Speakers {
	if r.Speakers > 0 {
		return pipeline.Speakers{Min: r.Speakers, Max: r.Speakers}
	}
	return r.Kind.Speakers()
}

const insertRecording = `
insert into recording (id, project, name, kind, speakers, separate, sha256, bytes, meta, profile, batch)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (project, sha256) do nothing
returning id`

const recordingOfSound = `select id from recording where project = $1 and sha256 = $2`

// AddRecording adds r as received. The same sound may stand in a project once: then id is of
// the recording that is there, and added is false.
func AddRecording(ctx context.Context, db DB, r Recording) (id string, added bool, err error) {
	if r.Meta == nil {
		r.Meta = map[string]string{}
	}
	err = db.QueryRow(ctx, insertRecording, r.ID, r.Project, r.Name, r.Kind, r.Speakers, r.Separate, r.SHA256, r.Bytes, r.Meta, r.Profile, r.Batch).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = db.QueryRow(ctx, recordingOfSound, r.Project, r.SHA256).Scan(&id)
		return id, false, err
	}
	return id, err == nil, err
}

// selectRecording takes the last error of all by aggregation: for one by order and limit Postgres
// walks through the whole queue.
const selectRecording = `
select id, project, name, kind, speakers, separate, sha256, bytes, meta, profile, received,
	coalesce(length_ms, 0), coalesce(failed_in, ''), coalesce(problem, ''), attempt, done is not null, batch,
	coalesce(case when done is null and failed_in is null then (
		select (array_agg(errors[cardinality(errors)]->>'error' order by river_job.id desc))[1] from river_job
		where args @> jsonb_build_object('recording', recording.id) and state in ('available', 'retryable', 'running', 'scheduled')
			and cardinality(errors) > 0) end, ''),
	array(select stage from stage where recording = id group by stage order by stage),
	array(select (sum(progress * greatest(end_ms - start_ms, 1)) / sum(greatest(end_ms - start_ms, 1)))::float8
		from stage where recording = id group by stage order by stage),
	coalesce(case when done is null and failed_in is null then (` + selectLeft + `) end, 0)
from recording `

// selectLeft is how many milliseconds the pieces of transcription have left, at the pace of
// those heard since the first job of this attempt began.
const selectLeft = `
select (extract(epoch from now() - began) * 1000 * sum((1 - progress) * (end_ms - start_ms))
	/ nullif(sum(progress * (end_ms - start_ms)) filter (where ended is null or ended > began), 0))::bigint
from stage, (select min(attempted_at) as began from river_job
	where kind = 'transcribe' and args @> jsonb_build_object('recording', recording.id, 'attempt', recording.attempt)) job
where stage.recording = recording.id and stage = 'transcribe' group by began`

// Recordings lists a project's, the newest first.
func Recordings(ctx context.Context, db DB, project string) ([]Recording, error) {
	rows, _ := db.Query(ctx, selectRecording+`where project = $1 order by received desc, id`, project)
	return pgx.CollectRows(rows, scanRecording)
}

// Busy lists those of a project whose work waits or goes on.
func Busy(ctx context.Context, db DB, project string) ([]Recording, error) {
	rows, _ := db.Query(ctx, selectRecording+`where project = $1 and done is null and failed_in is null order by received desc, id`, project)
	return pgx.CollectRows(rows, scanRecording)
}

// ByID gives the recording of that id, wherever it is: for the work on it.
func ByID(ctx context.Context, db DB, id string) (*Recording, error) {
	rows, _ := db.Query(ctx, selectRecording+`where id::text = $1`, id)
	r, err := pgx.CollectExactlyOneRow(rows, scanRecording)
	return &r, found(err)
}

// HasRecording reports whether a recording has that id, wherever it is.
func HasRecording(ctx context.Context, db DB, id string) (has bool, err error) {
	err = db.QueryRow(ctx, `select exists (select from recording where id = $1)`, id).Scan(&has)
	return has, err
}

// RecordingIn gives the recording of that id if it stands in the project: for people.
func RecordingIn(ctx context.Context, db DB, project, id string) (*Recording, error) {
	rows, _ := db.Query(ctx, selectRecording+`where project = $1 and id::text = $2`, project, id)
	r, err := pgx.CollectExactlyOneRow(rows, scanRecording)
	return &r, found(err)
}

func scanRecording(row pgx.CollectableRow) (r Recording, err error) {
	var length, left int64
	var stages []pipeline.Stage
	var progress []float64
	err = row.Scan(&r.ID, &r.Project, &r.Name, &r.Kind, &r.Speakers, &r.Separate, &r.SHA256, &r.Bytes, &r.Meta, &r.Profile, &r.Received,
		&length, &r.FailedIn, &r.Problem, &r.Attempt, &r.Done, &r.Batch, &r.Trouble, &stages, &progress, &left)
	r.Length, r.Left = duration(length), duration(left)
	for i, s := range stages {
		r.Stages = append(r.Stages, StageProgress{s, progress[i]})
	}
	return r, err
}

// SetSound notes how long the recording lasts and how loud it is.
func SetSound(ctx context.Context, db DB, id string, length time.Duration, loudness pipeline.Loudness) error {
	_, err := db.Exec(ctx, `update recording set length_ms = $2, loudness = $3 where id = $1`, id, ms(length), []byte(loudness))
	return err
}

// Loudness is how loud a recording is; empty until it is decoded.
func Loudness(ctx context.Context, db DB, id string) (l pipeline.Loudness, err error) {
	err = db.QueryRow(ctx, `select coalesce(loudness, '') from recording where id::text = $1`, id).Scan((*[]byte)(&l))
	return l, found(err)
}

// SetDone notes that the last stage has ended.
func SetDone(ctx context.Context, db DB, id string) error {
	_, err := db.Exec(ctx, `update recording set done = now(), failed_in = null, problem = null where id = $1`, id)
	return err
}

// SetFailed notes in one sentence for people why the recording cannot go on. What has been
// done stays.
func SetFailed(ctx context.Context, db DB, id string, stage pipeline.Stage, problem string) error {
	_, err := db.Exec(ctx, `update recording set failed_in = $2, problem = $3 where id = $1 and done is null`, id, stage, problem)
	return err
}

const retryRecording = `
update recording set failed_in = null, problem = null, attempt = attempt + 1
where project = $1 and id::text = $2 and failed_in is not null
returning id`

// Retry takes the failure off a recording, so that its work can start again. ErrNotFound
// where it has not failed.
func Retry(ctx context.Context, db DB, project, id string) error {
	return found(db.QueryRow(ctx, retryRecording, project, id).Scan(&id))
}
