//go:build cgo

package whisper

/*
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <ggml-backend.h>
#include <whisper.h>

// With 1-dtw.patch, which make whisper puts on, DTW goes with flash attention; else whisper
// turns it off there.
static bool dtw_with_flash_attn(void) {
#ifdef WHISPER_DTW_WITH_FLASH_ATTN
	return true;
#else
	return false;
#endif
}

// With 3-beam.patch, which make whisper puts on, beams are the likeliest tokens; else whisper
// draws them by chance.
static bool prunes_beams(void) {
#ifdef WHISPER_BEAM_PRUNE
	return true;
#else
	return false;
#endif
}
static void prune_beams(struct whisper_full_params *p, float nats) {
#ifdef WHISPER_BEAM_PRUNE
	p->beam_search.prune = nats;
#endif
}

// What a call is told, and what it tells. Times are those that its own thread had the processor, in
// microseconds, so that other work of the machine does not count; on a GPU, where that thread
// waits, they are the clock's.
struct call {
	atomic_int stop;                  // set by Go
	atomic_int percent;               // of the sound, in windows that are done
	atomic_int windows;               // that are done
	atomic_int tokens, written;       // in those; in the current one
	atomic_bool encoding;             // or decoding, the current one
	atomic_llong listened;            // time before the first
	atomic_llong encoded, decoded;    // time for windows until the current one
	atomic_llong since, now;          // the current one began to be encoded or decoded; last looked
	bool gpu;
	pthread_t thread;
};

static void stop(struct call *c) { atomic_store(&c->stop, 1); }

static long long clock_of(bool gpu) {
	struct timespec t;
	clock_gettime(gpu ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}
static long long look(struct call *c) {
	if (pthread_equal(pthread_self(), c->thread)) atomic_store(&c->now, clock_of(c->gpu));
	return atomic_load(&c->now);
}

static bool on_abort(void *call) { // for each step of a computation
	struct call *c = call;
	if (atomic_load(&c->encoding)) look(c); // which has few
	return atomic_load(&c->stop) != 0;
}
static void end_window(struct call *c) {
	long long now = look(c), before = atomic_exchange(&c->since, now);
	if (atomic_exchange(&c->encoding, true)) { // the first is yet to come
		atomic_fetch_add(&c->listened, now - before);
		return;
	}
	atomic_fetch_add(&c->decoded, now - before);
	atomic_fetch_add(&c->tokens, atomic_exchange(&c->written, 0));
	atomic_fetch_add(&c->windows, 1);
}
static bool on_encode(struct whisper_context *w, struct whisper_state *s, void *call) {
	end_window(call);
	return atomic_load(&((struct call *)call)->stop) == 0;
}
// The first token of a window is looked for by the thread of the call, others may be by others.
static void on_token(struct whisper_context *w, struct whisper_state *s, const whisper_token_data *tokens, int n, float *logits, void *call) {
	struct call *c = call;
	long long now = look(c);
	if (atomic_exchange(&c->encoding, false)) atomic_fetch_add(&c->encoded, now - atomic_exchange(&c->since, now));
	atomic_store(&c->written, n);
}
static void on_progress(struct whisper_context *w, struct whisper_state *s, int percent, void *call) {
	atomic_store(&((struct call *)call)->percent, percent);
}

struct told { int percent, windows, tokens, written; bool encoding; long long listened, encoded, decoded, current; };
static void tell(struct call *c, struct told *t) {
	*t = (struct told){
		atomic_load(&c->percent), atomic_load(&c->windows), atomic_load(&c->tokens), atomic_load(&c->written), atomic_load(&c->encoding),
		atomic_load(&c->listened), atomic_load(&c->encoded), atomic_load(&c->decoded), atomic_load(&c->now) - atomic_load(&c->since),
	};
}
static void on_log(enum ggml_log_level level, const char *text, void *data) {}

// Buffers are given back to the system as they are freed: left to itself glibc takes the
// size of each that was freed for one to keep, in an arena for each thread.
static void prepare(void) {
	whisper_log_set(on_log, NULL);
	ggml_log_set(on_log, NULL);
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

// A model file that is read with an eye on its end: whisper takes what it got of the last
// tensor for the whole. It asks for the next one by four bytes, of which none may come.
struct model_file { FILE *f; bool cut; };

static size_t read_model(void *m, void *to, size_t n) {
	size_t got = fread(to, 1, n, ((struct model_file *)m)->f);
	if (got < n && !(got == 0 && n == 4)) ((struct model_file *)m)->cut = true;
	return got;
}
static bool model_ended(void *m) { return feof(((struct model_file *)m)->f) != 0; }
static void close_model(void *m) {}

static struct whisper_context *open_file(const char *name, struct whisper_context_params p) {
	struct model_file m = { fopen(name, "rb"), false };
	if (m.f == NULL) return NULL;
	struct whisper_model_loader loader = { &m, read_model, model_ended, close_model };
	struct whisper_context *c = whisper_init_with_params_no_state(&loader, p);
	fclose(m.f);
	if (c == NULL || !m.cut) return c;
	whisper_free(c);
	return NULL;
}

static int run(struct whisper_context *c, struct whisper_state *s, struct whisper_full_params p,
               const float *samples, int n, struct call *call) {
	call->thread = pthread_self();
	atomic_store(&call->encoding, true);
	atomic_store(&call->since, look(call));
	p.new_segment_callback = NULL;
	p.encoder_begin_callback = on_encode;
	p.encoder_begin_callback_user_data = call;
	p.logits_filter_callback = on_token;
	p.logits_filter_callback_user_data = call;
	p.progress_callback = on_progress;
	p.progress_callback_user_data = call;
	p.abort_callback = on_abort;
	p.abort_callback_user_data = call;
	int failed = whisper_full_with_state(c, s, p, samples, n);
	end_window(call);
	return failed;
}

// make makes a state, leave frees one, listen has it take in samples; each adds the time that it
// took to *took.
static struct whisper_state *make(struct whisper_context *c, bool gpu, long long *took) {
	long long began = clock_of(gpu);
	struct whisper_state *s = whisper_init_state(c);
	*took += clock_of(gpu) - began;
	return s;
}
static void leave(struct whisper_state *s, bool gpu, long long *took) {
	long long began = clock_of(gpu);
	whisper_free_state(s);
	*took += clock_of(gpu) - began;
}
static int listen(struct whisper_context *c, struct whisper_state *s, const float *samples, int n, int threads, bool gpu, long long *took) {
	long long began = clock_of(gpu);
	int failed = whisper_pcm_to_mel_with_state(c, s, samples, n, threads);
	*took += clock_of(gpu) - began;
	return failed;
}

static void trim(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	bindings "github.com/ggerganov/whisper.cpp/bindings/go"
)

// A Model is an open model. Calls may run at the same time, each in a state of its own.
type Model struct {
	ctx   *bindings.Context
	heads *C.struct_whisper_ahead // nil without DTW; whisper keeps reading it
	gpu   bool
	rates rates // of the calls until now
}

// Devices lists what models can compute on, in ggml's order.
func Devices() []Device {
	C.prepare()
	var list []Device
	for i := range C.ggml_backend_dev_count() {
		dev := C.ggml_backend_dev_get(i)
		kind := C.ggml_backend_dev_type(dev)
		list = append(list, Device{
			Name: C.GoString(C.ggml_backend_dev_name(dev)),
			GPU:  kind == C.GGML_BACKEND_DEVICE_TYPE_GPU || kind == C.GGML_BACKEND_DEVICE_TYPE_IGPU,
		})
	}
	return list
}

// PrunesBeams reports whether Options.Prune has an effect.
func PrunesBeams() bool { return bool(C.prunes_beams()) }

// Open reads the ggml model in file. Close it.
func Open(file string, o ModelOptions) (*Model, error) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	return open(o, func(p C.struct_whisper_context_params) *C.struct_whisper_context {
		return C.open_file(name, p)
	})
}

// OpenBytes reads a whole ggml model from memory, which may be used again afterwards. Close it.
func OpenBytes(model []byte, o ModelOptions) (*Model, error) {
	if len(model) == 0 {
		return nil, errors.New("empty model")
	}
	return open(o, func(p C.struct_whisper_context_params) *C.struct_whisper_context {
		return C.whisper_init_from_buffer_with_params_no_state(unsafe.Pointer(&model[0]), C.size_t(len(model)), p)
	})
}

func open(o ModelOptions, read func(C.struct_whisper_context_params) *C.struct_whisper_context) (*Model, error) {
	C.prepare()
	p := C.whisper_context_default_params()
	p.use_gpu = C.bool(o.GPU)
	p.gpu_device = C.int(o.Index)
	m := &Model{heads: cHeads(o.Heads), gpu: o.GPU}
	if m.heads != nil {
		p.flash_attn = C.dtw_with_flash_attn()
		p.dtw_token_timestamps = true
		p.dtw_aheads_preset = C.WHISPER_AHEADS_CUSTOM
		p.dtw_aheads = C.struct_whisper_aheads{n_heads: C.size_t(len(o.Heads)), heads: m.heads}
	}
	c := read(p)
	if c == nil {
		C.free(unsafe.Pointer(m.heads))
		return nil, errors.New("not a whisper.cpp model in ggml format, or not a whole one")
	}
	m.ctx = (*bindings.Context)(unsafe.Pointer(c))
	return m, nil
}

// cHeads copies heads to memory that whisper may keep.
func cHeads(heads []Head) *C.struct_whisper_ahead {
	if len(heads) == 0 {
		return nil
	}
	p := (*C.struct_whisper_ahead)(C.calloc(C.size_t(len(heads)), C.sizeof_struct_whisper_ahead))
	for i, h := range heads {
		unsafe.Slice(p, len(heads))[i] = C.struct_whisper_ahead{n_text_layer: C.int(h.Layer), n_head: C.int(h.Head)}
	}
	return p
}

// Close frees m. No call may be running.
func (m *Model) Close() {
	m.ctx.Whisper_free()
	C.free(unsafe.Pointer(m.heads))
}

// Multilingual reports whether m knows other languages than English.
func (m *Model) Multilingual() bool { return m.ctx.Whisper_is_multilingual() != 0 }

// Took is what the calls that have succeeded and making and freeing states took: time that their
// own threads had the processor, or that passed on a GPU.
func (m *Model) Took() time.Duration { return time.Duration(m.rates.all() * float64(time.Second)) }

// A State is where a model hears one sound after the other. Close it, once. Two things are left
// of a sound: where whisper draws by chance, how often it has; and behind half a minute, which
// audioContext cannot round up, the decoder looks a little way into a shorter one before.
type State struct {
	model    *Model
	state    *C.struct_whisper_state
	samples  []float32  // nil where whisper has what it needs of them
	length   int        // of the sound, in samples
	listened C.longlong // time that listening took, as a call counts it
}

// State makes room for hearing, some 50 MB of it with a small model.
func (m *Model) State() (*State, error) {
	took := C.longlong(0)
	s := &State{model: m, state: C.make(m.c(), C.bool(m.gpu), &took)}
	if s.state == nil {
		return nil, errors.New("no memory left to hear one more piece: give fewer --threads")
	}
	m.rates.spend(float64(took) / 1e6)
	return s, nil
}

// Listen takes samples in, in place of what was there. For a model that was opened with heads
// they may be used again afterwards; any other looks at them once more in Run.
func (s *State) Listen(samples []float32, threads int) error {
	s.samples, s.length, s.listened = nil, len(samples), 0
	switch {
	case s.short(): // see Run
	case s.model.heads == nil:
		s.samples = samples
	case C.listen(s.model.c(), s.state, (*C.float)(&samples[0]), C.int(len(samples)), C.int(max(1, threads)), C.bool(s.model.gpu), &s.listened) != 0:
		s.length = 0
		return errors.New("whisper cannot take the sound in")
	}
	return nil
}

// short reports whether the sound is less than whisper hears anything in; it would read beyond it.
func (s *State) short() bool { return s.length < SampleRate/10 }

// Close frees s.
func (s *State) Close() {
	took := C.longlong(0)
	C.leave(s.state, C.bool(s.model.gpu), &took)
	s.model.rates.spend(float64(took) / 1e6)
}

// Trim gives back to the system what closed states left: glibc keeps some, in an arena for
// each thread, and hours of pieces would add it up. It takes some milliseconds.
func Trim() { C.trim() }

// Run says what is heard. Progress, which may be nil, is told the share done, from a
// goroutine that has ended when Run returns. When ctx is cancelled Run gives up within a
// second.
func (s *State) Run(ctx context.Context, o Options, progress func(float64)) (*Result, error) {
	if s.short() {
		return &Result{Language: o.Language}, nil
	}
	params, free, err := s.model.params(o)
	if err != nil {
		return nil, err
	}
	defer free()
	call := (*C.struct_call)(C.calloc(1, C.sizeof_struct_call))
	defer C.free(unsafe.Pointer(call))
	call.gpu, call.listened = C.bool(s.model.gpu), C.atomic_llong(s.listened)
	pace := pace{length: float64(s.length) / SampleRate, window: s.model.takes(params), known: s.model.rates.now()}
	ended := watch(ctx, call, pace, progress)
	failed := C.run(s.model.c(), s.state, params, (*C.float)(unsafe.SliceData(s.samples)), C.int(len(s.samples)), call)
	ended()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failed != 0 {
		return nil, fmt.Errorf("whisper failed with code %d", int(failed))
	}
	all := stands(call)
	s.model.rates.learn(pace.sums(all))
	s.model.rates.spend(all.took())
	return s.model.result(s.state), nil
}

// Languages gives how likely each language is at the beginning of what s listened to, by its
// two letters. The model must have been opened with heads and know several languages.
func (s *State) Languages(threads int) (map[string]float64, error) {
	p := make([]C.float, C.whisper_lang_max_id()+1)
	if s.short() || C.whisper_lang_auto_detect_with_state(s.model.c(), s.state, 0, C.int(max(1, threads)), &p[0]) < 0 {
		return nil, errors.New("whisper cannot tell the language")
	}
	languages := map[string]float64{}
	for id, likely := range p {
		languages[bindings.Whisper_lang_str(id)] = float64(likely)
	}
	return languages, nil
}

// Run listens to samples and says what is heard in them.
func (m *Model) Run(ctx context.Context, samples []float32, o Options, progress func(float64)) (*Result, error) {
	s, err := m.State()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Listen(samples, o.Threads); err != nil {
		return nil, err
	}
	return s.Run(ctx, o, progress)
}

// watch hands ctx's end to C and C's progress to Go until the returned function is called.
func watch(ctx context.Context, call *C.struct_call, pace pace, progress func(float64)) func() {
	var watching sync.WaitGroup
	done := make(chan struct{})
	watching.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				C.stop(call)
				<-done
				return
			case <-tick.C:
				if progress != nil {
					progress(pace.share(stands(call)))
				}
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// stands is what call tells.
func stands(call *C.struct_call) stand {
	var s C.struct_told
	C.tell(call, &s)
	return stand{
		done:     float64(s.percent) / 100,
		windows:  float64(s.windows),
		tokens:   float64(s.tokens),
		written:  float64(s.written),
		encoding: bool(s.encoding),
		listened: float64(s.listened) / 1e6,
		encoded:  float64(s.encoded) / 1e6,
		decoded:  float64(s.decoded) / 1e6,
		current:  float64(s.current) / 1e6,
	}
}

func (m *Model) c() *C.struct_whisper_context {
	return (*C.struct_whisper_context)(unsafe.Pointer(m.ctx))
}

// params turns o into whisper's parameters; free them after the call.
func (m *Model) params(o Options) (_ C.struct_whisper_full_params, free func(), err error) {
	strategy := bindings.SAMPLING_BEAM_SEARCH
	if o.BeamSize == 1 {
		strategy = bindings.SAMPLING_GREEDY
	}
	b := m.ctx.Whisper_full_default_params(bindings.SamplingStrategy(strategy))
	b.SetPrintProgress(false)
	b.SetTokenTimestamps(m.heads == nil) // an estimate, for which whisper keeps a copy of the sound
	if o.Threads > 0 {
		b.SetThreads(o.Threads)
	}
	if o.BeamSize > 1 {
		b.SetBeamSize(o.BeamSize)
	}
	if o.TextContext >= 0 {
		b.SetMaxContext(o.TextContext)
	}
	language, err := languageID(o.Language)
	if err != nil {
		return C.struct_whisper_full_params{}, nil, err
	}
	if err := b.SetLanguage(language); err != nil {
		return C.struct_whisper_full_params{}, nil, err
	}
	p := *(*C.struct_whisper_full_params)(unsafe.Pointer(&b))
	p.no_timestamps = C.bool(o.NoTimestamps)
	p.suppress_nst = false
	if o.Window > 0 {
		p.audio_ctx = min(audioContext(o.Window), C.whisper_n_audio_ctx(m.c()))
	}
	C.prune_beams(&p, C.float(o.Prune))
	if o.Steps > 0 {
		p.max_tokens = C.int(o.Steps)
		p.temperature_inc = 0
	}
	if o.Prompt != "" {
		p.initial_prompt = C.CString(o.Prompt)
		p.carry_initial_prompt = true
	}
	return p, func() { C.free(unsafe.Pointer(p.initial_prompt)) }, nil
}

// takes is how many seconds of sound the encoder takes in at once under p.
func (m *Model) takes(p C.struct_whisper_full_params) float64 {
	steps := p.audio_ctx
	if steps == 0 {
		steps = C.whisper_n_audio_ctx(m.c())
	}
	return float64(steps) * encoderStep.Seconds()
}

// encoderStep is the sound that one step of the encoder stands for.
const encoderStep = 20 * time.Millisecond

// audioContext is how many steps the encoder takes for d, rounded up to those that
// flash attention looks at together: it would look beyond the sound for the rest.
func audioContext(d time.Duration) C.int {
	const together = 256
	steps := (d + encoderStep - 1) / encoderStep
	return C.int((steps + together - 1) / together * together)
}

// languageID is whisper's number for a language, -1 to detect it.
func languageID(language string) (int, error) {
	if language == "" {
		return -1, nil
	}
	name := C.CString(language)
	defer C.free(unsafe.Pointer(name))
	id := int(C.whisper_lang_id(name))
	if id < 0 {
		return 0, fmt.Errorf("whisper knows no language %q", language)
	}
	return id, nil
}

func (m *Model) result(state *C.struct_whisper_state) *Result {
	r := &Result{Language: bindings.Whisper_lang_str(int(C.whisper_full_lang_id_from_state(state)))}
	end := m.ctx.Whisper_token_eot()
	for i := range C.whisper_full_n_segments_from_state(state) {
		s := Segment{
			Start: hundredths(C.whisper_full_get_segment_t0_from_state(state, i)),
			End:   hundredths(C.whisper_full_get_segment_t1_from_state(state, i)),
		}
		for j := range C.whisper_full_n_tokens_from_state(state, i) {
			data := C.whisper_full_get_token_data_from_state(state, i, j)
			if bindings.Token(data.id) >= end {
				continue // a time or another special token
			}
			s.Tokens = append(s.Tokens, Token{
				Text:   []byte(m.ctx.Whisper_token_to_str(bindings.Token(data.id))),
				P:      float64(data.p),
				Start:  hundredths(data.t0),
				End:    hundredths(data.t1),
				Spoken: hundredths(data.t_dtw),
			})
		}
		r.Segments = append(r.Segments, s)
	}
	return r
}

// hundredths is a time of whisper's clock, which ticks every 10 ms.
func hundredths(t C.int64_t) time.Duration { return time.Duration(t) * 10 * time.Millisecond }
