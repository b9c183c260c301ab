package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	sounds   func(n int) (file string, err error)

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
	asJSON := fs.Bool("json", false, "print JSON")
	recordings, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(recordings) != 1 || *faults < 1 {
		return fmt.Errorf("%w: name one recording to send again and again, and at least one fault", errUsage)
	}
	started := time.Now()
	o, err := a.newOrdeal(ctx, *data, *seed, recordings[0])
	if err != nil {
		return err
	}
	defer o.end()
	if err := o.run(ctx, *faults, func(done int) { fmt.Fprintf(a.stderr, "\r%d of %d faults", done, *faults) }); err != nil {
		return err
	}
	fmt.Fprintln(a.stderr)
	o.result.Took = time.Since(started)
	if err := a.printOrdeal(o.result, *asJSON); err != nil {
		return err
	}
	if n := len(o.result.Violations); n > 0 {
		return fmt.Errorf("%d violations; the processes' log is %s", n, o.log())
	}
	return nil
}

func (a *app) newOrdeal(ctx context.Context, data string, seed uint64, recording string) (*ordeal, error) {
	if _, err := os.Stat(filepath.Join(data, "chaos.log")); err == nil { // made by us
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
	}
	s, err := startServers(ctx, data)
	if err != nil {
		return nil, err
	}
	c := a.config()
	o := &ordeal{c: c, random: seeded(seed), servers: s, decisions: map[string]int{}}
	o.result = ordealResult{Seed: seed, Faults: map[string]int{}, Violations: []string{}}
	o.sounds = func(n int) (string, error) { return sameSoundAgain(ctx, recording, s.dir, n) }
	if err := o.connect(ctx); err != nil {
		o.end()
		return nil, err
	}
	if o.token, err = a.admitted(ctx, c, data); err != nil {
		o.end()
		return nil, err
	}
	if err := o.hire(a); err != nil {
		o.end()
		return nil, err
	}
	return o, nil
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

// Two servers and three workers.
const (
	ordealServers = 2
	ordealWorkers = 3
	ordealLease   = 2 * time.Second
)

func (o *ordeal) hire(a *app) error {
	log, err := os.Create(o.log())
	if err != nil {
		return err
	}
	o.full, err = smallDisk(filepath.Join(o.servers.dir, "small"))
	if err != nil {
		o.result.LeftOut = append(o.result.LeftOut, fmt.Sprintf("%s: %v", diskFull, err))
	}
	start := func(args ...string) *process {
		return keepRunning(func() *exec.Cmd {
			cmd := a.self(o.servers, args...)
			cmd.Env = append(cmd.Env, "LYDHOR_DATABASE_URL="+o.postgres.through(o.servers.databaseURL),
				"LYDHOR_S3_ENDPOINT="+o.s3.server.URL, "LYDHOR_LEASE="+ordealLease.String(), "LYDHOR_OPS=")
			if o.full != "" {
				cmd.Env = append(cmd.Env, "TMPDIR="+o.full)
			}
			cmd.Stdout, cmd.Stderr = log, log
			return cmd
		})
	}
	for n := range ordealServers {
		port, err := o.servers.port(fmt.Sprintf("serve%d", n))
		if err != nil {
			return err
		}
		p := start("serve", "--listen", fmt.Sprintf("127.0.0.1:%d", port))
		p.page = fmt.Sprintf("http://127.0.0.1:%d", port)
		o.serving = append(o.serving, p)
		if err := answers(context.Background(), p.page+"/healthz"); err != nil {
			return err
		}
	}
	for range ordealWorkers {
		o.working = append(o.working, start("work", "--grace", "1s", "--threads", "1"))
	}
	return nil
}

func (o *ordeal) log() string { return filepath.Join(o.servers.dir, "chaos.log") }

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
	o.servers.stop()
	unmount(o.full)
}

// run sends the first recording undisturbed, then one with every fourth fault, and looks at
// what became of them.
func (o *ordeal) run(ctx context.Context, faults int, progress func(int)) error {
	if err := o.send(ctx); err != nil {
		return err
	}
	if err := o.settle(ctx); err != nil {
		return err
	}
	want, err := o.transcript(ctx, o.accepted[0])
	if err != nil {
		return fmt.Errorf("transcribe undisturbed: %w", err)
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
	return o.check(ctx, want)
}

// send uploads one more sound, to one server or the other until one has it.
func (o *ordeal) send(ctx context.Context) error {
	file, err := o.sounds(len(o.accepted))
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

// sameSoundAgain makes a file with the samples of another and a hash of its own.
func sameSoundAgain(ctx context.Context, recording, dir string, n int) (string, error) {
	file := filepath.Join(dir, fmt.Sprintf("sound%d.wav", n))
	out, err := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-y", "-i", recording, "-c:a", "pcm_s16le", "-metadata", fmt.Sprintf("comment=%d", n), file).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("copy %s: %w: %s", recording, err, lastLine(out))
	}
	return file, nil
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
