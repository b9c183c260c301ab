package workers

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// target is what every job is about: a recording, in its attempt of that number.
type target struct {
	Recording string `json:"recording"`
	Attempt   int    `json:"attempt"`
}

// once lets a job stand in the queue or be done once for the same arguments.
var once = river.UniqueOpts{ByArgs: true}

// stageJob is a job of the stages' queue.
func stageJob(args river.JobArgs, priority int) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queueStages, Priority: priority, UniqueOpts: once, MaxAttempts: MaxAttempts}}
}

// Keys of the objects of a recording.
func originalKey(recording string) string { return recording + "/original" }
func pcmKey(recording string) string      { return recording + "/16khz.wav" }

// channelKey is the key of what one microphone heard of its own speaker.
func channelKey(recording string, channel int) string {
	return fmt.Sprintf("%s/channel-%d.wav", recording, channel)
}

// RenditionKey is the key of what browsers play of a recording.
func RenditionKey(recording string) string { return recording + "/rendition.m4a" }

// longestPiece is how much sound one transcription job hears: little enough that a dead
// worker costs minutes.
const longestPiece = 10 * time.Minute

type ingestArgs struct{ target }

func (ingestArgs) Kind() string { return "ingest" }

type ingestWorker struct {
	river.WorkerDefaults[ingestArgs]
	*worker
}

func (*ingestWorker) Timeout(*river.Job[ingestArgs]) time.Duration { return soundTimeout }

// Work decodes the recording and plans the rest.
func (w *ingestWorker) Work(ctx context.Context, job *river.Job[ingestArgs]) error {
	this := work{job.JobRow, pipeline.Ingest, job.Args.Recording, job.Args.Attempt}
	return w.do(ctx, this, func(ctx context.Context, r *store.Recording) error {
		return scratch(func(dir string) error {
			heard, err := w.ingest(ctx, r, dir)
			if err != nil {
				return err
			}
			return finish(ctx, w.worker, job, func(tx pgx.Tx) ([]river.InsertManyParams, error) {
				if err := store.SetSound(ctx, tx, r.ID, heard.length, heard.loudness); err != nil {
					return nil, err
				}
				return planHearing(ctx, tx, r, job.Args.target, heard.length, heard.pieces)
			})
		})
	})
}

// ingested is what decoding tells of a recording.
type ingested struct {
	length   time.Duration
	loudness pipeline.Loudness
	pieces   []store.Piece // to hear
}

// ingest stores the decoded sound and the rendition.
func (w *ingestWorker) ingest(ctx context.Context, r *store.Recording, dir string) (heard ingested, err error) {
	file := filepath.Join(dir, "original")
	if err := fetch(ctx, w.Blobs, originalKey(r.ID), file); err != nil {
		return heard, err
	}
	rendition := filepath.Join(dir, "rendition")
	sound, err := pipeline.DecodeRendered(ctx, file, dir, rendition)
	if err != nil {
		return heard, err
	}
	defer sound.Close()
	heard.length = pipeline.Dur(sound)
	if heard.pieces, err = w.cut(ctx, r, file, sound, dir); err != nil {
		return heard, err
	}
	if heard.loudness, err = pipeline.MeasureLoudness(sound); err != nil {
		return heard, err
	}
	if err := w.deposit(ctx, RenditionKey(r.ID), rendition); err != nil {
		return heard, err
	}
	return heard, w.deposit(ctx, pcmKey(r.ID), sound.Name())
}

// cut says which pieces to hear: of sound, or of each person's microphone, whose sound it
// then stores.
func (w *ingestWorker) cut(ctx context.Context, r *store.Recording, file string, sound pipeline.Sound, dir string) ([]store.Piece, error) {
	if !r.Separate {
		spans, err := pipeline.Cut(sound, longestPiece)
		return store.Mixed(spans...), err
	}
	own, done, err := pipeline.OpenChannels(ctx, file, dir)
	if err != nil {
		return nil, err
	}
	defer done()
	var pieces []store.Piece
	for c, sound := range own {
		out := filepath.Join(dir, "own.wav")
		if err := pipeline.WritePCM(out, sound); err != nil {
			return nil, err
		}
		if err := w.deposit(ctx, channelKey(r.ID, c+1), out); err != nil {
			return nil, err
		}
		spans, err := pipeline.Cut(sound, longestPiece)
		if err != nil {
			return nil, err
		}
		for _, span := range spans {
			pieces = append(pieces, store.Piece{N: len(pieces), Span: span, Channel: c + 1})
		}
	}
	return pieces, nil
}

// planHearing lays out the rows of transcribe and diarise and the jobs of those that no
// earlier attempt has ended. Where all of them have, assemble follows at once. Who speaks on a
// microphone of one's own need not be heard.
func planHearing(ctx context.Context, tx pgx.Tx, r *store.Recording, of target, length time.Duration, pieces []store.Piece) ([]river.InsertManyParams, error) {
	if err := store.Plan(ctx, tx, r.ID, pipeline.Transcribe, pieces); err != nil {
		return nil, err
	}
	if err := store.Plan(ctx, tx, r.ID, pipeline.Diarise, store.Mixed(pipeline.Span{End: length})); err != nil {
		return nil, err
	}
	if r.Separate {
		voices := pipeline.ChannelVoices(pieces[len(pieces)-1].Channel)
		if err := store.SaveResult(ctx, tx, r.ID, pipeline.Diarise, 0, voices.Run, voices); err != nil {
			return nil, err
		}
	}
	left, err := store.Unfinished(ctx, tx, r.ID, pipeline.Transcribe)
	if err != nil {
		return nil, err
	}
	unheard, err := store.Unfinished(ctx, tx, r.ID, pipeline.Diarise)
	if err != nil {
		return nil, err
	}
	if len(left)+len(unheard) == 0 {
		return []river.InsertManyParams{stageJob(assembleArgs{of}, goesFirst)}, nil
	}
	var jobs []river.InsertManyParams
	if len(unheard) > 0 {
		jobs = append(jobs, stageJob(diariseArgs{of}, firstPriority(r.Batch)))
	}
	for _, p := range left {
		jobs = append(jobs, river.InsertManyParams{Args: transcribeArgs{of, p.N}, InsertOpts: &river.InsertOpts{
			Queue: queueTranscribe(r.Profile), Priority: firstPriority(r.Batch), UniqueOpts: once, MaxAttempts: MaxAttempts,
		}})
	}
	return jobs, nil
}

type transcribeArgs struct {
	target
	Piece int `json:"piece"`
}

func (transcribeArgs) Kind() string { return "transcribe" }

type transcribeWorker struct {
	river.WorkerDefaults[transcribeArgs]
	*worker
}

func (*transcribeWorker) Timeout(*river.Job[transcribeArgs]) time.Duration { return pieceTimeout }

// Work hears one piece.
func (w *transcribeWorker) Work(ctx context.Context, job *river.Job[transcribeArgs]) error {
	this := work{job.JobRow, pipeline.Transcribe, job.Args.Recording, job.Args.Attempt}
	return w.do(ctx, this, func(ctx context.Context, r *store.Recording) error {
		transcriber, served := w.Profiles[r.Profile]
		if !served {
			return fmt.Errorf("profile %q is not served here", r.Profile)
		}
		piece, err := store.PieceOf(ctx, w.Pool, r.ID, pipeline.Transcribe, job.Args.Piece)
		if err != nil {
			return err
		}
		samples, err := w.samples(ctx, r.ID, piece)
		if err != nil {
			return err
		}
		if transcriber, err = w.expecting(ctx, transcriber, r.Project); err != nil {
			return err
		}
		started := time.Now()
		hear := transcriber.Transcribe
		if r.Separate {
			hear = func(ctx context.Context, sound pipeline.Sound, progress pipeline.Progress) (*pipeline.Speech, error) {
				return pipeline.HearSpliced(ctx, transcriber, sound, progress)
			}
		}
		speech, err := hear(ctx, samples, w.progress(ctx, r.ID, piece.N))
		if err != nil {
			return err
		}
		w.Metrics.hear(r.Profile, speech.Run, piece.Span, time.Since(started))
		trace.SpanFromContext(ctx).SetAttributes(attribute.String("lydhor.profile", r.Profile), attribute.String("lydhor.device", speech.Run.Params["device"]))
		return finish(ctx, w.worker, job, func(tx pgx.Tx) ([]river.InsertManyParams, error) {
			return w.heard(ctx, tx, job.Args.target, pipeline.Transcribe, piece.N, speech.Run, speech)
		})
	})
}

// expecting tells a transcriber that can be told the words that a project's people expect.
func (w *worker) expecting(ctx context.Context, t pipeline.Transcriber, project string) (pipeline.Transcriber, error) {
	e, can := t.(pipeline.Expecter)
	if !can {
		return t, nil
	}
	words, err := store.Vocabulary(ctx, w.Pool, project)
	if err != nil || words == "" {
		return t, err
	}
	return e.Expecting(words), nil
}

// samples reads one piece of decoded sound.
func (w *worker) samples(ctx context.Context, recording string, piece store.Piece) (pipeline.Samples, error) {
	key := pcmKey(recording)
	if piece.Channel > 0 {
		key = channelKey(recording, piece.Channel)
	}
	o, err := w.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	sound, err := pipeline.ReadPCM(o, o.Size())
	if err != nil {
		return nil, err
	}
	return pipeline.Read(sound, piece.Span)
}

// heard saves what a piece or the voices gave; the last of them all is followed by assemble.
func (w *worker) heard(ctx context.Context, tx pgx.Tx, of target, stage pipeline.Stage, piece int, run pipeline.Run, result any) ([]river.InsertManyParams, error) {
	if err := store.SaveResult(ctx, tx, of.Recording, stage, piece, run, result); err != nil {
		return nil, err
	}
	all, err := store.HeardAll(ctx, tx, of.Recording)
	if err != nil || !all {
		return nil, err
	}
	return []river.InsertManyParams{stageJob(assembleArgs{of}, goesFirst)}, nil
}

// progress notes how far a piece is, once a second at most.
func (w *worker) progress(ctx context.Context, recording string, piece int) pipeline.Progress {
	var mu sync.Mutex
	var last time.Time
	return func(stage pipeline.Stage, done float64) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) < time.Second || done >= 1 {
			return
		}
		last = time.Now()
		if err := store.SetProgress(ctx, w.Pool, recording, stage, piece, done); err != nil && ctx.Err() == nil {
			w.Log.Warn("note progress", "recording", recording, "error", err)
		}
	}
}

type diariseArgs struct{ target }

func (diariseArgs) Kind() string { return "diarise" }

type diariseWorker struct {
	river.WorkerDefaults[diariseArgs]
	*worker
}

func (*diariseWorker) Timeout(*river.Job[diariseArgs]) time.Duration { return soundTimeout }

// Work hears who speaks when. A recording whose speakers cannot be told apart goes on
// without, with a notice.
func (w *diariseWorker) Work(ctx context.Context, job *river.Job[diariseArgs]) error {
	this := work{job.JobRow, pipeline.Diarise, job.Args.Recording, job.Args.Attempt}
	return w.do(ctx, this, func(ctx context.Context, r *store.Recording) error {
		return scratch(func(dir string) error {
			file := filepath.Join(dir, "16khz.wav")
			if err := fetch(ctx, w.Blobs, pcmKey(r.ID), file); err != nil {
				return err
			}
			sound, err := pipeline.OpenPCM(file)
			if err != nil {
				return err
			}
			defer sound.Close()
			voices, err := w.Diariser.Diarise(ctx, sound, r.Expected(), w.progress(ctx, r.ID, 0))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				voices = pipeline.NoVoices(err)
			}
			prints, err := w.prints(ctx, r, sound, voices.Turns)
			if err != nil {
				return err
			}
			return finish(ctx, w.worker, job, func(tx pgx.Tx) ([]river.InsertManyParams, error) {
				if err := store.SaveVoiceprints(ctx, tx, r.ID, prints); err != nil {
					return nil, err
				}
				return w.heard(ctx, tx, job.Args.target, pipeline.Diarise, 0, voices.Run, voices)
			})
		})
	})
}

// prints are the voices of a recording, in a project that recognises them. A recording
// whose voices cannot be printed goes on without.
func (w *worker) prints(ctx context.Context, r *store.Recording, sound pipeline.Sound, turns []pipeline.SpeakerTurn) ([]pipeline.Voiceprint, error) {
	if w.Printer == nil {
		return nil, nil
	}
	asked, err := store.RecognisesVoices(ctx, w.Pool, r.Project)
	if err != nil || !asked {
		return nil, err
	}
	prints, err := w.Printer.Prints(ctx, sound, turns)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		w.Log.Warn("print voices", "recording", r.ID, "error", err)
		return nil, nil
	}
	return prints, nil
}

type assembleArgs struct{ target }

func (assembleArgs) Kind() string { return "assemble" }

type assembleWorker struct {
	river.WorkerDefaults[assembleArgs]
	*worker
}

func (*assembleWorker) Timeout(*river.Job[assembleArgs]) time.Duration { return quickTimeout }

// Work makes turns of what was said and who spoke when.
func (w *assembleWorker) Work(ctx context.Context, job *river.Job[assembleArgs]) error {
	this := work{job.JobRow, pipeline.Assemble, job.Args.Recording, job.Args.Attempt}
	return w.do(ctx, this, func(ctx context.Context, r *store.Recording) error {
		t, err := w.assemble(ctx, r)
		if err != nil {
			return err
		}
		return finish(ctx, w.worker, job, func(tx pgx.Tx) ([]river.InsertManyParams, error) {
			return []river.InsertManyParams{stageJob(analyseArgs{target: job.Args.target}, goesFirst)}, store.SaveTranscript(ctx, tx, r.ID, t)
		})
	})
}

// assemble makes turns of what was heard of r.
func (w *worker) assemble(ctx context.Context, r *store.Recording) (*pipeline.Transcript, error) {
	speech, err := store.SpeechOf(ctx, w.Pool, r.ID)
	if err != nil {
		return nil, err
	}
	if r.Separate {
		return pipeline.NewChannelsTranscript(r.Kind, speech), nil
	}
	voices, err := store.VoicesOf(ctx, w.Pool, r.ID)
	if err != nil {
		return nil, err
	}
	return pipeline.NewTranscript(r.Kind, speech[0], voices), nil
}

type analyseArgs struct {
	target
	Again bool `json:"again,omitempty"` // of a recording that was done already
}

func (analyseArgs) Kind() string { return "analyse" }

type analyseWorker struct {
	river.WorkerDefaults[analyseArgs]
	*worker
}

func (*analyseWorker) Timeout(*river.Job[analyseArgs]) time.Duration { return quickTimeout }

// Work codes the turns by what the recording's project has chosen. What people decided stands
// elsewhere and stays.
func (w *analyseWorker) Work(ctx context.Context, job *river.Job[analyseArgs]) error {
	this := work{job.JobRow, pipeline.Analyse, job.Args.Recording, job.Args.Attempt}
	return w.do(ctx, this, func(ctx context.Context, r *store.Recording) error {
		t, err := store.Transcript(ctx, w.Pool, r.ID)
		if err != nil {
			return err
		}
		analyser, err := w.Analyser(ctx, r.Project)
		if err != nil {
			return err
		}
		t.Analysed(analyser)
		return finish(ctx, w.worker, job, func(tx pgx.Tx) ([]river.InsertManyParams, error) {
			if err := store.SaveTranscript(ctx, tx, r.ID, t); err != nil {
				return nil, err
			}
			return nil, store.SetDone(ctx, tx, r.ID)
		})
	})
}

// fetch copies an object to a file.
func fetch(ctx context.Context, s blob.Store, key, file string) (err error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	defer o.Close()
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	_, err = io.Copy(f, o)
	return err
}

// deposit copies a file to an object and notes what it must hold from now on.
func (w *worker) deposit(ctx context.Context, key, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, size, err := blob.PutHashed(ctx, w.Blobs, key, f)
	if err != nil {
		return err
	}
	recording, name, _ := strings.Cut(key, "/")
	return store.SaveObject(ctx, w.Pool, store.Object{Recording: recording, Name: name, SHA256: sum, Bytes: size})
}
