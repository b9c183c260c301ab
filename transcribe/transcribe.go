// Package transcribe makes words of sound with whisper.cpp: it opens a model under the rules
// that model needs, cuts the sound in pauses, hears the pieces at the same time and joins
// them on the recording's clock.
package transcribe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/demo"
	"lydhor/transcribe/diarise"
	"lydhor/transcribe/whisper"
)

// Options say what to transcribe with. The zero value is the demo model in Danish on every
// core.
type Options struct {
	Model    Model         // the zero Model is the demo model
	Language string        // two letters; "auto" detects it in each piece; see language for empty
	Prompt   string        // names and words to expect, for models that take one
	Threads  int           // of the processor; all when 0
	Device   string        // "auto" or empty, "cpu", or a GPU by its number or name, as in "cuda:0"
	MaxPiece time.Duration // of sound heard in one go; 0 is the model's own
}

// A Transcriber is an open model. It is a pipeline.Transcriber and may be used from several
// goroutines.
type Transcriber struct {
	o     Options
	model *whisper.Model
	run   pipeline.Run
	room  *room
}

// A room is where the samples of one piece at a time stand until the model has listened.
type room struct {
	sync.Mutex
	samples pipeline.Samples
}

var _ pipeline.Expecter = (*Transcriber)(nil)

// Open opens the model. Close it.
func Open(o Options) (*Transcriber, error) {
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.Model.Name == "" {
		o.Model = Demo
	}
	o.Model.Threads = min(max(1, o.Model.Threads), o.Threads)
	if o.MaxPiece == 0 {
		o.MaxPiece = o.Model.MaxPiece
	}
	options, device, err := choose(o.Device, whisper.Devices())
	if err != nil {
		return nil, err
	}
	options.Heads = o.Model.Heads
	model, hash, err := open(o.Model, options)
	if err != nil {
		return nil, err
	}
	params := map[string]string{
		"language":     cmp.Or(o.Language, danish),
		"device":       device,
		"text_context": strconv.Itoa(o.Model.TextContext),
		"timestamps":   strconv.FormatBool(!o.Model.NoTimestamps),
		"max_piece":    o.MaxPiece.String(),
		"beams":        "drawn",
	}
	if o.Model.Window > 0 {
		params["window"] = o.Model.Window.String()
		params["heard_again"] = "voice without words for " + leftOut.String()
	}
	if o.Model.Prune > 0 && whisper.PrunesBeams() {
		params["beams"] = fmt.Sprintf("likeliest, within %v nats", o.Model.Prune)
	}
	return &Transcriber{o: o, model: model, room: &room{}, run: pipeline.Run{
		Stage: pipeline.Transcribe, Model: o.Model.Name, ModelHash: hash, Params: params,
	}}, nil
}

func open(m Model, options whisper.ModelOptions) (*whisper.Model, string, error) {
	if m.Name == demo.Name {
		defer demo.Forget()
		model, err := whisper.OpenBytes(demo.Model, options)
		return model, fmt.Sprintf("%x", sha256.Sum256(demo.Model)), err
	}
	hash, err := verify(m)
	if err != nil {
		return nil, "", err
	}
	model, err := whisper.Open(m.File, options)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, "", err
	}
	if err != nil {
		return nil, "", fmt.Errorf("open model %s: %w: get it again with `lydhor models get`, or name another with --model", m.File, err)
	}
	return model, hash, nil
}

// Close frees the model. No call may be running.
func (t *Transcriber) Close() { t.model.Close() }

// Run says what t transcribes with.
func (t *Transcriber) Run() pipeline.Run { return t.run }

// Expecting is t with more names and words to expect, where the model takes any.
func (t *Transcriber) Expecting(words string) pipeline.Transcriber {
	expecting := *t
	expecting.o.Prompt = strings.TrimSpace(t.o.Prompt + " " + words)
	if expecting.prompt() != "" {
		expecting.run.Params = maps.Clone(t.run.Params)
		expecting.run.Params["vocabulary"] = strconv.Itoa(len(strings.Fields(expecting.o.Prompt))) + " words"
	}
	return &expecting
}

// Transcribe hears sound piece by piece, as many at a time as the threads feed well. On an
// error nothing of it is kept.
func (t *Transcriber) Transcribe(ctx context.Context, sound pipeline.Sound, progress pipeline.Progress) (*pipeline.Speech, error) {
	pieces, err := pipeline.Cut(sound, t.pieceLength(pipeline.Dur(sound)))
	if err != nil {
		return nil, err
	}
	language, notice, err := t.language(sound)
	if err != nil {
		return nil, err
	}
	heard, err := t.hearAll(ctx, sound, pieces, language, progress)
	if err != nil {
		return nil, err
	}
	speech := pipeline.JoinSpeech(pieces, heard)
	speech.Run, speech.Language = t.run, cmp.Or(speech.Language, language, danish)
	speech.Notices = slices.DeleteFunc([]string{t.o.Model.Notice, notice}, func(s string) bool { return s == "" })
	return speech, nil
}

// pieceLength gives every state something to do: a recording shorter than the longest
// pieces for all of them is cut finer, but not so fine that borders cost words.
func (t *Transcriber) pieceLength(length time.Duration) time.Duration {
	return min(t.o.MaxPiece, max(shortestPiece, length/time.Duration(t.o.Threads/t.o.Model.Threads)))
}

const shortestPiece = time.Minute

// hearAll hears every piece, several at once; the first error stops the others.
func (t *Transcriber) hearAll(ctx context.Context, sound pipeline.Sound, pieces []pipeline.Span, language string, progress pipeline.Progress) ([]pipeline.Speech, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	share := newShare(pieces, progress)
	parallel := max(1, min(len(pieces), t.o.Threads/t.o.Model.Threads))
	options := whisper.Options{
		Threads:      max(1, t.o.Threads/parallel),
		Language:     language,
		Prompt:       t.prompt(),
		Prune:        t.o.Model.Prune,
		TextContext:  t.o.Model.TextContext,
		NoTimestamps: t.o.Model.NoTimestamps,
	}
	all := make([]pipeline.Speech, len(pieces))
	next := make(chan int)
	var hearing sync.WaitGroup
	for range parallel {
		hearing.Go(func() {
			for i := range next {
				h, err := t.hear(ctx, sound, pieces[i], options, func(done float64) { share.piece(i, done) })
				if err != nil {
					cancel(err)
					return
				}
				all[i] = h
				share.piece(i, 1)
			}
		})
	}
feed:
	for i := range pieces {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	hearing.Wait()
	return all, context.Cause(ctx)
}

// hear hears one piece, on the piece's own clock, window by window. Where no voice is, there
// are no words, and whisper is not asked to make some up; there may be music.
func (t *Transcriber) hear(ctx context.Context, sound pipeline.Sound, piece pipeline.Span, o whisper.Options, progress func(float64)) (pipeline.Speech, error) {
	voice, music, err := t.voiceAndMusic(sound, piece)
	if err != nil || len(voice) == 0 {
		return pipeline.Speech{Music: stretches(music)}, err
	}
	runtime.LockOSThread() // glibc has memory for each thread that ever came by, some 10 MB of a state's
	defer runtime.UnlockOSThread()
	defer whisper.Trim()
	state, err := t.model.State()
	if err != nil {
		return pipeline.Speech{}, err
	}
	defer state.Close()
	sound = pipeline.Section(sound, piece)
	windows, err := t.windows(sound, voice, piece.Dur())
	if err != nil {
		return pipeline.Speech{}, err
	}
	share := newShare(windows, func(_ pipeline.Stage, done float64) { progress(done) })
	var speech pipeline.Speech
	for i, window := range windows {
		heard, err := t.hearWindow(ctx, state, sound, window, voice, o, func(done float64) { share.piece(i, done) })
		if err != nil {
			return pipeline.Speech{}, err
		}
		share.piece(i, 1)
		o.Language = cmp.Or(o.Language, heard.Language)
		speech.Segments = append(speech.Segments, heard.Segments...)
		speech.Dropped = append(speech.Dropped, heard.Dropped...)
	}
	said, invented := dropInventions(speech.Segments, voice, music)
	fit(said, voice)
	return pipeline.Speech{Language: o.Language, Segments: said, Dropped: append(speech.Dropped, invented...), Music: stretches(music)}, nil
}

func stretches(music []pipeline.Span) (list []pipeline.Music) {
	for _, s := range music {
		list = append(list, pipeline.Music{Span: s})
	}
	return list
}

// voice is where a voice is heard in span of sound, on the span's own clock.
func (t *Transcriber) voice(sound pipeline.Sound, span pipeline.Span) (voice []pipeline.Span, err error) {
	err = t.read(sound, span, func(samples pipeline.Samples) (err error) {
		voice, err = pipeline.VoiceActivity(samples)
		return err
	})
	return voice, err
}

// voiceAndMusic is voice, and where music is heard.
func (t *Transcriber) voiceAndMusic(sound pipeline.Sound, span pipeline.Span) (voice, music []pipeline.Span, err error) {
	err = t.read(sound, span, func(samples pipeline.Samples) (err error) {
		if voice, err = pipeline.VoiceActivity(samples); err != nil {
			return err
		}
		level(samples)
		music = diarise.Music(samples)
		return nil
	})
	return voice, music, err
}

// listen has state take in span of sound.
func (t *Transcriber) listen(state *whisper.State, sound pipeline.Sound, span pipeline.Span, threads int) error {
	return t.read(sound, span, func(samples pipeline.Samples) error {
		if t.o.Model.Heads == nil { // the model looks at them again
			t.room.samples = nil
		}
		level(samples)
		return state.Listen(samples, threads)
	})
}

// read gives f the samples of span of sound in t's room, which no one else has meanwhile.
func (t *Transcriber) read(sound pipeline.Sound, span pipeline.Span, f func(pipeline.Samples) error) (err error) {
	t.room.Lock()
	defer t.room.Unlock()
	if t.room.samples, err = pipeline.ReadInto(t.room.samples, sound, span); err != nil {
		return err
	}
	return f(t.room.samples)
}

// faint is the peak below which sound is made louder: whisper's spectrum has a floor.
const faint = 0.1

// level makes sound that is faint throughout as loud as faint.
func level(samples pipeline.Samples) {
	peak := float32(0)
	for _, v := range samples {
		if v = max(v, -v); v >= faint {
			return
		}
		peak = max(peak, v)
	}
	if peak == 0 {
		return
	}
	for i := range samples {
		samples[i] *= faint / peak
	}
}

// prompt is the text put before each piece; a model without text context has no room for it.
func (t *Transcriber) prompt() string {
	if t.o.Model.TextContext == 0 {
		return ""
	}
	return t.o.Prompt
}

func segments(r *whisper.Result, lag time.Duration) []pipeline.Segment {
	var list []pipeline.Segment
	for _, s := range r.Segments {
		w := words(s.Tokens, s.End, lag)
		list = append(list, pipeline.Segment{Span: pipeline.Span{Start: s.Start, End: s.End}, Text: sentence(w), Words: w})
	}
	return list
}

// A share adds up how far the pieces are, by their length.
type share struct {
	mu       sync.Mutex
	pieces   []pipeline.Span
	done     []float64
	all      time.Duration
	progress pipeline.Progress
}

func newShare(pieces []pipeline.Span, progress pipeline.Progress) *share {
	s := &share{pieces: pieces, done: make([]float64, len(pieces)), progress: progress}
	for _, p := range pieces {
		s.all += p.Dur()
	}
	if len(pieces) == 0 {
		progress(pipeline.Transcribe, 1)
	}
	return s
}

func (s *share) piece(i int, done float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[i] = max(s.done[i], done)
	sum := time.Duration(0) // whole, so that all of them are 1
	for i, p := range s.pieces {
		sum += time.Duration(s.done[i] * float64(p.Dur()))
	}
	s.progress(pipeline.Transcribe, float64(sum)/float64(s.all))
}
