package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
	"lydhor/transcribe"
)

// TestMain lets the test binary be lydhor, so that tests start, kill and start again real
// processes.
func TestMain(m *testing.M) {
	if os.Getenv("LYDHOR_TEST_BINARY") != "" {
		main()
	}
	os.Exit(m.Run())
}

// A house is `lydhor up` on a folder of its own.
type house struct {
	t      testing.TB
	data   string
	server string
	env    []string
	up     *exec.Cmd
	said   *said // by up and its children
	pool   *pgxpool.Pool
}

// said keeps what processes print.
type said struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

func (s *said) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.String()
}

// newHouse starts one, or skips the test where a part of it is not built; env is set for it.
func newHouse(t testing.TB, env ...string) *house {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	if _, err := beside("versitygw"); err != nil {
		t.Skip("no S3 server: `make build` makes one and `make env` names its folder")
	}
	model, err := transcribe.Open(transcribe.Options{})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("built without whisper.cpp")
	}
	if err != nil {
		t.Fatal(err)
	}
	model.Close()
	data := t.TempDir()
	if err := os.Chmod(filepath.Dir(data), 0o755); err != nil { // Postgres runs as another user
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	h := &house{t: t, data: data, server: "http://" + l.Addr().String(), said: &said{}}
	h.env = append(os.Environ(), "LYDHOR_TEST_BINARY=1", "LYDHOR_LEASE=3s",
		"LYDHOR_LISTEN="+l.Addr().String(), "LYDHOR_SERVER="+h.server, "LYDHOR_TOKEN_FILE="+filepath.Join(data, "token"))
	h.env = append(h.env, env...)
	h.start()
	t.Cleanup(func() {
		h.lydhor("down", "--data", data)
		if t.Failed() {
			t.Logf("up printed:\n%s", h.said.text())
		}
	})
	port, err := os.ReadFile(filepath.Join(data, "postgres.port"))
	if err != nil {
		t.Fatal(err)
	}
	h.pool, err = store.Open(t.Context(), "postgres://lydhor@127.0.0.1:"+string(port)+"/postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.pool.Close)
	return h
}

// start starts up and waits until it works.
func (h *house) start() {
	h.t.Helper()
	h.up = exec.Command(os.Args[0], "up", "--data", h.data)
	h.up.Env, h.up.Stdout, h.up.Stderr = h.env, h.said, h.said
	before := len(h.workers())
	if err := h.up.Start(); err != nil {
		h.t.Fatal(err)
	}
	go h.up.Wait()
	h.until("the workers run", func() bool { return len(h.workers()) > before })
}

var working = regexp.MustCompile(`"msg":"working".*"pid":([0-9]+)`)

// workers gives the processes that ever said they work, the newest last.
func (h *house) workers() []int {
	var pids []int
	for _, m := range working.FindAllStringSubmatch(h.said.text(), -1) {
		pid, _ := strconv.Atoi(m[1])
		pids = append(pids, pid)
	}
	return pids
}

func (h *house) until(what string, is func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("waited five minutes until %s", what)
		}
	}
}

// lydhor runs a command and gives what it printed for machines and for people.
func (h *house) lydhor(args ...string) (stdout, stderr string, err error) {
	var out, words bytes.Buffer
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = h.env, &out, &words
	err = cmd.Run()
	return out.String(), words.String(), err
}

// upload sends a file and gives the id that is answered.
func (h *house) upload(file string) (id, answer string) {
	h.t.Helper()
	answer, words, err := h.lydhor("upload", file)
	if err != nil {
		h.t.Fatalf("upload: %v: %s", err, words)
	}
	id, _, _ = strings.Cut(answer, " ")
	return id, answer
}

// recording asks status of one.
func (h *house) recording(id string) store.Recording {
	h.t.Helper()
	r, err := h.status(id)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) status(id string) (store.Recording, error) {
	h.t.Helper()
	out, words, err := h.lydhor("status", "--json", id)
	if err != nil {
		return store.Recording{}, fmt.Errorf("status: %w: %s", err, words)
	}
	var list []store.Recording
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
		h.t.Fatalf("status printed %q: %v", out, err)
	}
	return list[0], nil
}

// transcript waits for a recording's and gives it.
func (h *house) transcript(id string) *pipeline.Transcript {
	h.t.Helper()
	h.until("the recording is done", func() bool {
		r, err := h.status(id)
		if err != nil { // Postgres is just back, and says to try again
			h.t.Log(err)
			return false
		}
		if r.Problem != "" {
			h.t.Fatalf("it failed in %s: %s", r.FailedIn, r.Problem)
		}
		return r.Done
	})
	t, err := store.Transcript(context.Background(), h.pool, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// hearing waits until a worker transcribes the recording.
func (h *house) hearing(id string) {
	h.t.Helper()
	h.until("it is being transcribed", func() bool {
		var running bool
		err := h.pool.QueryRow(context.Background(), `select exists (
			select from river_job join lease on lease.job = river_job.id
			where kind = 'transcribe' and state = 'running' and args->>'recording' = $1)`, id).Scan(&running)
		return err == nil && running
	})
}

// tried is how often the transcription of a recording was begun.
func (h *house) tried(id string) (attempts int) {
	h.t.Helper()
	err := h.pool.QueryRow(context.Background(), `select attempt from river_job where kind = 'transcribe' and args->>'recording' = $1`, id).Scan(&attempts)
	if err != nil {
		h.t.Fatal(err)
	}
	return attempts
}

// sameSound makes a file with the samples of the demo recording and a hash of its own.
func sameSound(t testing.TB, comment string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), comment+".wav")
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", demoRecording, "-c", "copy", "-metadata", "comment="+comment, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

const demoRecording = "../../transcribe/demo/recordings/samtale-boernehave-kort.wav"

// TestServiceLosesNothing runs the whole service as processes, kills them, and wants the
// transcript of the undisturbed recording each time.
func TestServiceLosesNothing(t *testing.T) {
	h := newHouse(t)
	first, _ := h.upload(demoRecording)
	want := h.transcript(first)
	if len(want.Turns) == 0 {
		t.Fatal("the demo recording has no turns")
	}
	for _, test := range []struct {
		name    string
		again   bool // somebody else must have heard it again
		disturb func(t *testing.T, id string)
	}{
		{"worker killed while it transcribes", true, func(t *testing.T, id string) {
			h.hearing(id)
			workers := h.workers()
			if err := syscall.Kill(workers[len(workers)-1], syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			h.until("up starts another worker", func() bool { return len(h.workers()) > len(workers) })
		}},
		{"Postgres restarted at once while it transcribes", false, func(t *testing.T, id string) {
			h.hearing(id)
			s := &servers{dir: h.data}
			if err := s.pg(t.Context(), "pg_ctl", "-D", s.path("postgres"), "-m", "immediate", "-w", "-l", filepath.Join(s.path("postgres"), "log"), "restart"); err != nil {
				t.Fatal(err)
			}
		}},
		{"all killed while it transcribes", true, func(t *testing.T, id string) {
			h.hearing(id)
			workers := h.workers()
			syscall.Kill(workers[len(workers)-1], syscall.SIGKILL)
			if err := h.up.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			h.until("the page is gone", func() bool { return !healthy(t.Context(), h.server) })
			h.start()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			id, _ := h.upload(sameSound(t, strings.ReplaceAll(test.name, " ", "-")))
			test.disturb(t, id)
			got := h.transcript(id)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(pipeline.Transcript{}, "ID")); diff != "" {
				t.Errorf("transcript differs (-undisturbed +got):\n%s", diff)
			}
			if tried := h.tried(id); test.again && tried < 2 {
				t.Errorf("got %d attempts, want the one cut short and another", tried)
			}
		})
	}
	t.Run("same sound is received once", func(t *testing.T) {
		id, answer := h.upload(demoRecording)
		if id != first || !strings.Contains(answer, "is there already") {
			t.Errorf("got %q, want the recording %s that is there", answer, first)
		}
	})
	t.Run("what is no sound stands as failed and can be tried again", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "æøå 1.mp3")
		if err := os.WriteFile(file, []byte("this is text"), 0o600); err != nil {
			t.Fatal(err)
		}
		id, _ := h.upload(file)
		failed := func(attempt int) func() bool {
			return func() bool { r := h.recording(id); return r.Attempt == attempt && r.Problem != "" }
		}
		h.until("it has failed", failed(1))
		out, words, err := h.lydhor("status", id)
		if err != nil || !strings.Contains(out, "failed in ingest: ") || !strings.Contains(out, "cannot read it as sound") {
			t.Errorf("got %q, %q, error %v", out, words, err)
		}
		if _, words, err := h.lydhor("status", "--retry", id); err != nil {
			t.Fatalf("retry: %v: %s", err, words)
		}
		h.until("it has failed again", failed(2))
	})
	h.until("no job is left over", func() bool {
		var open int
		err := h.pool.QueryRow(t.Context(), `select count(*) from river_job where state not in ('completed', 'cancelled')`).Scan(&open)
		return err == nil && open == 0
	})
	t.Run("second up says that it runs", func(t *testing.T) {
		if _, words, err := h.lydhor("up", "--data", h.data); err != nil || !strings.Contains(words, "runs already") {
			t.Errorf("got %q, error %v", words, err)
		}
	})
}

// BenchmarkTakeOver kills a worker while it transcribes, with the lease that is the usual one,
// and says how long its job lay until another worker was at it.
func BenchmarkTakeOver(b *testing.B) {
	h := newHouse(b, "LYDHOR_LEASE=")
	var longest time.Duration
	for n := 0; b.Loop(); n++ {
		id, _ := h.upload(sameSound(b, fmt.Sprint("sound-", n)))
		h.hearing(id)
		workers := h.workers()
		if err := syscall.Kill(workers[len(workers)-1], syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
		killed := time.Now()
		h.until("another worker is at it", func() bool { return h.tried(id) > 1 })
		longest = max(longest, time.Since(killed))
		h.transcript(id)
	}
	b.ReportMetric(longest.Seconds(), "s-longest")
}
