package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// An ordeal is a service on a folder of its own that is disturbed while recordings go
// through it.
type ordeal struct {
	app      *app
	crew     crew
	token    string // that the servers take
	c        *config
	random   *rand.Rand // the faults, their order and length; nothing else
	servers  *servers
	postgres *wire
	s3       *objectWire
	serving  []*process
	working  []*process
	full     string        // a small disk that workers decode on; "" where none can be mounted
	pool     *pgxpool.Pool // past the faults, to look at what is left
	blobs    *blob.S3      // the same
	through  *pgxpool.Pool // through them, as an analyst's server
	sound    []byte        // WAV that all recordings have the samples of
	log      *os.File      // of all processes
	scraped  []any         // what Prometheus is told of them

	accepted  []string       // recordings that a server said it has
	decisions map[string]int // made of each
	result    ordealResult
}

// ordealResult is what chaos reports.
type ordealResult struct {
	Seed       uint64         `json:"seed"`
	Faults     map[string]int `json:"faults"`
	LeftOut    []string       `json:"left_out,omitempty"`
	Recordings int            `json:"recordings"`
	Decisions  int            `json:"decisions"`
	Retried    int            `json:"retried"` // of the recordings, by hand after they had failed
	Orphans    int            `json:"orphans"` // objects of uploads without an answer, until swept
	Violations []string       `json:"violations"`
	Took       time.Duration  `json:"took_ns"`
}

// chaos disturbs a service of its own with faults that seed chooses, and checks that nothing
// was lost or doubled.
func (a *app) chaos(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("chaos", flag.ContinueOnError)
	data := fs.String("data", ".data/chaos", "folder for everything, emptied before")
	seed := fs.Uint64("seed", 1, "chooses the faults")
	faults := fs.Int("faults", 300, "how many")
	old := fs.String("old", "", "lydhor of an older version: all begin as that, are upgraded while at work, and both run side by side")
	asJSON := fs.Bool("json", false, "print JSON")
	recordings, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(recordings) != 1 || *faults < 1 {
		return fmt.Errorf("%w: name one recording to send again and again, and at least one fault", errUsage)
	}
	started := time.Now()
	o, err := a.newOrdeal(ctx, *data, recordings[0], crew{servers: 2, workers: 3, lease: 2 * time.Second, disturbed: true, old: *old})
	if err != nil {
		return err
	}
	defer o.end()
	o.random, o.result.Seed = seeded(*seed), *seed
	if *old != "" {
		if err := o.liveOnOld(ctx); err != nil {
			return err
		}
	}
	if err := o.run(ctx, *faults, func(done int) { fmt.Fprintf(a.stderr, "\r%d of %d faults", done, *faults) }); err != nil {
		return err
	}
	fmt.Fprintln(a.stderr)
	o.result.Took = time.Since(started)
	if err := a.printOrdeal(o.result, *asJSON); err != nil {
		return err
	}
	if n := len(o.result.Violations); n > 0 {
		return fmt.Errorf("%d violations; the processes' log is %s", n, o.log.Name())
	}
	return nil
}

// A crew is who serves and works in an ordeal.
type crew struct {
	servers, workers int
	lease            time.Duration
	length           time.Duration // of the recordings; as long as the sound is when 0
	disturbed        bool          // behind wires, and on a small disk and a clock that can be set
	old              string        // program of an older version that all begin as
	pinned           bool          // each worker runs on one core
	targets          string        // file to tell Prometheus in where they answer it; "" where they do not
}

const ordealLog = "chaos.log"

// newOrdeal starts a service with its crew in a folder that it empties before, to send a
// recording to again and again. End it.
func (a *app) newOrdeal(ctx context.Context, data, recording string, crew crew) (_ *ordeal, err error) {
	if _, err := os.Stat(filepath.Join(data, ordealLog)); err == nil { // made by us
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	o := &ordeal{app: a, crew: crew, c: a.config(), random: seeded(1), decisions: map[string]int{}}
	o.result = ordealResult{Faults: map[string]int{}, Violations: []string{}}
	if o.servers, err = startServersOn(ctx, data, crew.disturbed); err != nil {
		return nil, err
	}
	if err := errors.Join(o.connect(ctx), o.begin(ctx, data, recording)); err != nil {
		o.end()
		return nil, err
	}
	return o, nil
}

// begin makes the sound, admits the one who sends it and starts the crew.
func (o *ordeal) begin(ctx context.Context, data, recording string) (err error) {
	if o.sound, err = wavOf(ctx, recording, o.crew.length); err != nil {
		return err
	}
	if o.log, err = os.Create(filepath.Join(o.servers.dir, ordealLog)); err != nil {
		return err
	}
	if o.crew.disturbed {
		if o.full, err = smallDisk(filepath.Join(o.servers.dir, "small")); err != nil {
			o.result.LeftOut = append(o.result.LeftOut, fmt.Sprintf("%s: %v", diskFull, err))
		}
		if o.servers.clock == "" {
			o.result.LeftOut = append(o.result.LeftOut, clockSet+": `apt-get install faketime`")
		}
	}
	if o.crew.old == "" {
		o.token, err = o.app.admitted(ctx, o.c, data)
	} else {
		o.token, err = o.admittedByOld(ctx)
	}
	if err != nil {
		return err
	}
	return o.hire(ctx)
}

// connect puts the wires between the servers and the processes.
func (o *ordeal) connect(ctx context.Context) (err error) {
	if o.postgres, err = newWire(o.servers.databaseURL); err != nil {
		return err
	}
	if o.s3, err = newObjectWire(o.servers.s3.Endpoint); err != nil {
		return err
	}
	if o.pool, err = store.Open(ctx, o.servers.databaseURL); err != nil {
		return err
	}
	s3 := o.servers.s3
	if o.blobs, err = blob.OpenS3(ctx, s3.Endpoint, s3.AccessKey, s3.SecretKey, s3.Bucket); err != nil {
		return err
	}
	o.through, err = store.Open(ctx, o.postgres.through(o.servers.databaseURL))
	return err
}

// hire starts the servers and waits for them, then the workers.
func (o *ordeal) hire(ctx context.Context) error {
	for n := range o.crew.servers {
		port, err := o.servers.port(fmt.Sprintf("serve%d", n))
		if err != nil {
			return err
		}
		p := o.start("serve", "--listen", fmt.Sprintf("127.0.0.1:%d", port))
		p.page = fmt.Sprintf("http://127.0.0.1:%d", port)
		o.serving = append(o.serving, p)
		if err := answers(ctx, p.page+"/healthz"); err != nil {
			return err
		}
	}
	for range o.crew.workers {
		o.employ()
	}
	return nil
}

// employ starts one more worker.
func (o *ordeal) employ() {
	o.working = append(o.working, o.start("work", "--grace", "1s", "--threads", "1"))
}

// pin has cmd, not yet started, run on one core.
func pin(cmd *exec.Cmd, core int) {
	on := exec.Command("taskset", "--cpu-list", strconv.Itoa(core%runtime.NumCPU()), cmd.Path)
	cmd.Path, cmd.Args, cmd.Err = on.Path, append(on.Args, cmd.Args[1:]...), on.Err
}

// start keeps a command of this program running, or of the older one.
func (o *ordeal) start(args ...string) *process {
	ops, core := o.target(args[0]), len(o.working)
	return keepRunning(o.crew.old != "", func(old bool) *exec.Cmd {
		cmd := o.app.self(o.servers, args...)
		if old {
			cmd.Path = o.crew.old
		}
		cmd.Env = append(cmd.Env, "LYDHOR_LEASE="+o.crew.lease.String(), "LYDHOR_OPS="+ops)
		if o.crew.disturbed {
			cmd.Env = append(cmd.Env, "LYDHOR_DATABASE_URL="+o.postgres.through(o.servers.databaseURL), "LYDHOR_S3_ENDPOINT="+o.s3.server.URL)
		}
		if o.full != "" {
			cmd.Env = append(cmd.Env, "TMPDIR="+o.full)
		}
		cmd.Stdout, cmd.Stderr = o.log, o.log
		if o.crew.pinned && args[0] == "work" {
			pin(cmd, core)
		}
		return cmd
	})
}

// target gives a process an address for Prometheus and tells it.
func (o *ordeal) target(command string) (address string) {
	if o.crew.targets == "" {
		return ""
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return ""
	}
	l.Close()
	address = l.Addr().String()
	o.scraped = append(o.scraped, map[string]any{"targets": []string{address}, "labels": map[string]string{"job": "lydhor-" + command}})
	err = writeFile(o.crew.targets, func(w io.Writer) error { return json.NewEncoder(w).Encode(o.scraped) })
	if err != nil {
		fmt.Fprintln(o.app.stderr, err)
	}
	return address
}

// end stops everything that was started.
func (o *ordeal) end() {
	for _, p := range slices.Concat(o.serving, o.working) {
		p.end()
	}
	for _, pool := range []*pgxpool.Pool{o.pool, o.through} {
		if pool != nil {
			pool.Close()
		}
	}
	if o.postgres != nil {
		o.postgres.close()
	}
	if o.s3 != nil {
		o.s3.server.Close()
	}
	if o.log != nil {
		o.log.Close()
	}
	o.servers.stop()
	unmount(o.full)
}

// run sends the first recording undisturbed, then one with every fourth fault, and looks at
// what became of them.
func (o *ordeal) run(ctx context.Context, faults int, progress func(int)) error {
	want, err := o.undisturbed(ctx)
	if err != nil {
		return err
	}
	deck := o.deck(faults)
	for i, f := range deck {
		if i%4 == 0 {
			if err := o.send(ctx); err != nil {
				return err
			}
		}
		if i%4 == 2 {
			if err := o.decide(ctx); err != nil {
				return err
			}
		}
		if err := f.strike(o, ctx, time.Duration(100+o.random.IntN(800))*time.Millisecond); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		o.result.Faults[f.name]++
		progress(i + 1)
	}
	if err := o.settle(ctx); err != nil {
		return err
	}
	return o.check(ctx, want...)
}

// send uploads one more sound, to one server or the other until one has it.
func (o *ordeal) send(ctx context.Context) error {
	file, err := o.file(len(o.accepted))
	if err != nil {
		return err
	}
	defer os.Remove(file)
	query := url.Values{"kind": {string(pipeline.Conversation)}}
	for try := 0; try < 200; try++ {
		got, err := client{o.serving[try%len(o.serving)].page, o.token}.upload(ctx, file, query)
		if err == nil {
			o.accepted = append(o.accepted, got.ID)
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return errors.New("no server takes a recording any more")
}

// decide has an analyst say something of the first recording, who tries until it is kept.
func (o *ordeal) decide(ctx context.Context) error {
	id := o.accepted[0]
	d := pipeline.Decision{Key: fmt.Sprintf("decision-%012d", o.decisions[id]), Coder: "analyst", Meaning: true, Turn: pipeline.Span{End: time.Second}}
	for try := 0; try < 100; try++ {
		if err := store.Decide(ctx, o.through, id, d); err == nil {
			o.decisions[id]++
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return errors.New("no decision can be made any more")
}

// file makes a file with the samples of all others and a hash of its own, by its number.
func (o *ordeal) file(n int) (string, error) {
	file := filepath.Join(o.servers.dir, fmt.Sprintf("sound%d.wav", n))
	return file, os.WriteFile(file, numbered(o.sound, n), 0o600)
}

// wavOf is the first of a recording's sound, or all of it where length is 0.
func wavOf(ctx context.Context, recording string, length time.Duration) ([]byte, error) {
	dir, err := os.MkdirTemp("", "lydhor-sound-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := []string{"-v", "error", "-i", recording, "-map_metadata", "-1", "-fflags", "+bitexact", "-c:a", "pcm_s16le"}
	if length > 0 {
		args = append(args, "-t", fmt.Sprint(length.Seconds()))
	}
	file := filepath.Join(dir, "sound.wav")
	if out, err := exec.CommandContext(ctx, "ffmpeg", append(args, file)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("read %s: %w: %s", recording, err, lastLine(out))
	}
	return os.ReadFile(file)
}

// numbered is a WAV with a number in a chunk at its end, which no decoder takes for sound.
func numbered(wav []byte, n int) []byte {
	chunk := fmt.Appendf(nil, "note\x08\x00\x00\x00%08d", n)
	out := append(slices.Clone(wav), chunk...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func (a *app) printOrdeal(r ordealResult, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	sum := 0
	for _, name := range slices.Sorted(maps.Keys(r.Faults)) {
		fmt.Fprintf(w, "%s\t%d\n", name, r.Faults[name])
		sum += r.Faults[name]
	}
	fmt.Fprintf(w, "all faults\t%d\n", sum)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, l := range r.LeftOut {
		fmt.Fprintf(a.stdout, "left out: %s\n", l)
	}
	fmt.Fprintf(a.stdout, "seed %d: %d recordings, %d decisions, %d retried by hand, %d objects of unanswered uploads swept, in %s\n",
		r.Seed, r.Recordings, r.Decisions, r.Retried, r.Orphans, r.Took.Round(time.Second))
	_, err := fmt.Fprintf(a.stdout, "%d violations\n%s", len(r.Violations), strings.Join(r.Violations, "\n"))
	return err
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
