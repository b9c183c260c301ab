package main

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"lydhor/pipeline"
)

// A fault disturbs the service for a while, and then no more.
type fault struct {
	name   string
	strike func(o *ordeal, ctx context.Context, lasting time.Duration) error
}

// Faults that not every machine or run can have.
const (
	diskFull   = "disk full"
	clockSet   = "postgres clock set an hour forward or back"
	versionPut = "another version put in a process' place"
)

// may reports whether the ordeal can have a fault.
func (o *ordeal) may(f fault) bool {
	switch f.name {
	case diskFull:
		return o.full != ""
	case clockSet:
		return o.servers != nil && o.servers.clock != ""
	case versionPut:
		return o.crew.old != ""
	}
	return true
}

// faults are all kinds there are.
func faults() []fault {
	return []fault{
		{"worker killed", func(o *ordeal, _ context.Context, _ time.Duration) error {
			return o.one(o.working).signal(syscall.SIGKILL)
		}},
		{"worker asked to stop", func(o *ordeal, _ context.Context, _ time.Duration) error {
			return o.one(o.working).signal(syscall.SIGTERM)
		}},
		{"worker cut off, back after its lease", (*ordeal).partitioned},
		{"server killed", func(o *ordeal, _ context.Context, _ time.Duration) error {
			return o.one(o.serving).signal(syscall.SIGKILL)
		}},
		{"all workers killed", (*ordeal).allKilled},
		{"postgres restarted at once", (*ordeal).restarted},
		{"postgres connections cut", func(o *ordeal, _ context.Context, _ time.Duration) error { o.postgres.cut(); return nil }},
		{"postgres gone", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.postgres.as(ctx, wireGone, d) }},
		{"postgres slow", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.postgres.as(ctx, wireSlow, d) }},
		{"s3 gone", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.s3.as(ctx, wireGone, d) }},
		{"s3 slow", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.s3.as(ctx, wireSlow, d) }},
		{"s3 answers 500", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.s3.as(ctx, wire500, d) }},
		{"s3 answers 503", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.s3.as(ctx, wire503, d) }},
		{"s3 cut in mid-body", func(o *ordeal, ctx context.Context, d time.Duration) error { return o.s3.as(ctx, wireCut, d) }},
		{diskFull, (*ordeal).filled},
		{clockSet, (*ordeal).clockSet},
		{versionPut, (*ordeal).versionPut},
		{"job delivered twice", (*ordeal).redelivered},
		{"sound sent twice", (*ordeal).sentTwice},
	}
}

// deck is n faults, each kind as often as the others, in the order that the seed gives.
func (o *ordeal) deck(n int) []fault {
	var deck []fault
	for len(deck) < n {
		kinds := faults()
		o.random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		for _, f := range kinds {
			if o.may(f) {
				deck = append(deck, f)
			}
		}
	}
	return deck[:n]
}

func (o *ordeal) one(of []*process) *process { return of[o.random.IntN(len(of))] }

// partitioned stands for a worker that the network cut off: it is taken for dead, its job
// goes to another, and then it comes back and goes on.
func (o *ordeal) partitioned(ctx context.Context, _ time.Duration) error {
	p := o.one(o.working)
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	rest(ctx, 2*o.crew.lease)
	return p.signal(syscall.SIGCONT)
}

func (o *ordeal) allKilled(context.Context, time.Duration) error {
	for _, p := range o.working {
		if err := p.signal(syscall.SIGKILL); err != nil {
			return err
		}
	}
	return nil
}

func (o *ordeal) restarted(ctx context.Context, _ time.Duration) error {
	cluster := o.servers.cluster()
	return o.servers.pg(ctx, "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "-l", filepath.Join(cluster, "log"), "restart")
}

// filled leaves no byte on the disk that workers decode on.
func (o *ordeal) filled(ctx context.Context, lasting time.Duration) error {
	file := filepath.Join(o.full, "filled")
	f, err := os.Create(file)
	if err != nil {
		return nil // it is full already
	}
	defer os.Remove(file)
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); err != nil {
			break
		}
	}
	rest(ctx, lasting)
	return nil
}

// clockSet sets Postgres's clock, and after a while right again: to all processes it is as if
// theirs had been set.
func (o *ordeal) clockSet(ctx context.Context, _ time.Duration) error {
	jump := []string{"+1h", "-1h"}[o.random.IntN(2)]
	if err := os.WriteFile(o.servers.clock, []byte(jump+"\n"), 0o644); err != nil {
		return err
	}
	rest(ctx, 2*o.crew.lease)
	return os.WriteFile(o.servers.clock, []byte("+0\n"), 0o644)
}

// versionPut has one process end and run as the other version from then on.
func (o *ordeal) versionPut(context.Context, time.Duration) error {
	return o.one(slices.Concat(o.serving, o.working)).change()
}

// redelivered makes running jobs available while workers are at them.
func (o *ordeal) redelivered(ctx context.Context, _ time.Duration) error {
	_, err := o.pool.Exec(ctx, `update river_job set state = 'available', scheduled_at = now() where state = 'running' and attempt < max_attempts`)
	return err
}

// sentTwice has both servers receive the sound of the first recording at the same time.
func (o *ordeal) sentTwice(ctx context.Context, _ time.Duration) error {
	file, err := o.file(0)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	var sent sync.WaitGroup
	for _, p := range o.serving {
		sent.Go(func() {
			patience, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			client{p.page, o.token}.upload(patience, file, url.Values{"kind": {string(pipeline.Conversation)}}) // may fail; what counts is what is there in the end
		})
	}
	sent.Wait()
	return nil
}

// rest waits, or less where ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// A process is started again whenever it ends.
type process struct {
	page  string // where it answers, of a server
	mu    sync.Mutex
	cmd   *exec.Cmd
	old   bool // it is of the older version, or will be when it starts again
	ended bool
	done  chan struct{}
}

func keepRunning(old bool, command func(old bool) *exec.Cmd) *process {
	p := &process{old: old, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for p.start(command) {
			p.cmd.Wait()
			time.Sleep(200 * time.Millisecond)
		}
	}()
	return p
}

func (p *process) start(command func(old bool) *exec.Cmd) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	cmd := command(p.old)
	if cmd.Start() != nil {
		return false
	}
	p.cmd = cmd
	return true
}

// change has it end and start again as the other version.
func (p *process) change() error {
	p.mu.Lock()
	p.old = !p.old
	p.mu.Unlock()
	return p.signal(syscall.SIGTERM)
}

// signal does nothing to a process that is being started again.
func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		p.cmd.Process.Signal(s)
	}
	return nil
}

func (p *process) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.signal(syscall.SIGKILL)
	<-p.done
}

// smallDisk mounts a disk of 48 MB in memory, which only root may.
func smallDisk(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
		return "", err
	}
	return dir, nil
}

func unmount(dir string) {
	if dir != "" {
		syscall.Unmount(dir, syscall.MNT_DETACH)
	}
}
