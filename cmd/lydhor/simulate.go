package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/store"
)

// A simulation is what came of many recordings while workers came and died.
type simulation struct {
	Recordings int            `json:"recordings"`
	Sound      time.Duration  `json:"sound_ns"` // of one
	Workers    int            `json:"workers"`
	Servers    int            `json:"servers"`
	Added      int            `json:"workers_added"`
	Killed     int            `json:"workers_killed"`
	Took       time.Duration  `json:"took_ns"`    // from the first upload to the last recording done
	PerMinute  float64        `json:"per_minute"` // recordings done
	Projects   []projectShare `json:"projects"`   // the first sends most, at once; the others come later
	Violations []string       `json:"violations"` // what was lost or doubled
	RetriedBy  int            `json:"retried"`    // by hand, as chaos does
}

// projectShare is how one project fared.
type projectShare struct {
	Name       string        `json:"name"`
	Recordings int           `json:"recordings"`
	Backlog    int           `json:"backlog"`        // recordings of all projects that waited when it came
	Median     time.Duration `json:"median_wait_ns"` // from received to done
	Longest    time.Duration `json:"longest_wait_ns"`
	InOrder    time.Duration `json:"wait_in_order_ns"` // that the backlog would have meant, first come first served
}

// scaled is the throughput of a number of workers.
type scaled struct {
	Workers    int     `json:"workers"`
	PerMinute  float64 `json:"per_minute"`
	Efficiency float64 `json:"efficiency"` // against as many times the first
}

// simulate queues many short recordings of several projects on a service of its own, adds a
// worker and kills another every while, and reports throughput, fairness and what was lost or
// doubled. With --scaling it measures instead how the throughput of workers adds up.
func (a *app) simulate(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("simulate", flag.ContinueOnError)
	data := fs.String("data", ".data/simulate", "folder for everything, emptied before")
	recordings := fs.Int("recordings", 2000, "how many; with --scaling, of each number of workers")
	length := fs.Duration("length", 6*time.Second, "length of each")
	workers := fs.Int("workers", 4, "worker processes")
	servers := fs.Int("servers", 2, "server processes")
	every := fs.Duration("every", time.Minute, "how often a worker is added and one killed; never when 0")
	scaling := fs.String("scaling", "", "numbers of workers to compare, as 1,2,4")
	targets := fs.String("targets", "", "file to tell Prometheus in where the processes answer it (file_sd)")
	asJSON := fs.Bool("json", false, "print JSON")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 || *recordings < 20 || *workers < 1 || *servers < 1 {
		return fmt.Errorf("%w: name one recording, and at least 20 --recordings, a worker and a server", errUsage)
	}
	crew := crew{servers: *servers, workers: *workers, lease: 15 * time.Second, length: *length, targets: *targets}
	if *scaling != "" {
		return a.measureScaling(ctx, *data, files[0], crew, *scaling, *recordings, *asJSON)
	}
	o, err := a.newOrdeal(ctx, *data, files[0], crew)
	if err != nil {
		return err
	}
	defer o.end()
	s := &simulation{Recordings: *recordings, Sound: *length, Workers: *workers, Servers: *servers}
	if err := o.simulate(ctx, s, *every); err != nil {
		return err
	}
	if err := a.printSimulation(s, *asJSON); err != nil {
		return err
	}
	if n := len(s.Violations); n > 0 {
		return fmt.Errorf("%d violations; the processes' log is %s", n, o.log.Name())
	}
	return nil
}

// simulate runs one: the first project sends four recordings of five at once; five others come
// with the rest, one after the other, as the first's get done.
func (o *ordeal) simulate(ctx context.Context, s *simulation, every time.Duration) error {
	want, err := o.undisturbed(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	churning, stop := context.WithCancel(ctx)
	churned := make(chan struct{})
	go func() { defer close(churned); o.churn(churning, s, every) }()
	defer func() { stop(); <-churned }()
	const others = 5
	few := max(1, s.Recordings/25)
	if err := o.arrive(ctx, s, "project-0", s.Recordings-others*few); err != nil {
		return err
	}
	for n := range others {
		if err := o.wait(ctx, s.Recordings*(n+1)/10); err != nil {
			return err
		}
		if err := o.arrive(ctx, s, fmt.Sprintf("project-%d", n+1), few); err != nil {
			return err
		}
	}
	if err := o.wait(ctx, s.Recordings+1); err != nil {
		return err
	}
	s.Took = time.Since(started)
	stop()
	<-churned
	if err := o.settle(ctx); err != nil {
		return err
	}
	s.PerMinute = float64(s.Recordings) / s.Took.Minutes()
	if err := o.fared(ctx, s); err != nil {
		return err
	}
	err = o.check(ctx, want...)
	s.Violations, s.RetriedBy = o.result.Violations, o.result.Retried
	return err
}

// churn adds a worker and kills another every while.
func (o *ordeal) churn(ctx context.Context, s *simulation, every time.Duration) {
	if every <= 0 {
		return
	}
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		o.employ()
		s.Added++
		i := o.random.IntN(len(o.working))
		o.working[i].end()
		o.working = append(o.working[:i], o.working[i+1:]...)
		s.Killed++
	}
}

// arrive has a project send n recordings, to one server after the other.
func (o *ordeal) arrive(ctx context.Context, s *simulation, project string, n int) error {
	token, err := o.tokenFor(ctx, project)
	if err != nil {
		return err
	}
	share := projectShare{Name: project, Recordings: n}
	if err := o.pool.QueryRow(ctx, `select count(*) from recording where done is null`).Scan(&share.Backlog); err != nil {
		return err
	}
	s.Projects = append(s.Projects, share)
	for range n {
		file, err := o.file(len(o.accepted))
		if err != nil {
			return err
		}
		got, err := client{o.serving[len(o.accepted)%len(o.serving)].page, token}.upload(ctx, file, url.Values{"kind": {string(pipeline.Conversation)}})
		os.Remove(file)
		if err != nil {
			return fmt.Errorf("upload: %w", err)
		}
		o.accepted = append(o.accepted, got.ID)
	}
	return nil
}

// tokenFor makes a token that uploads into a project, which is made.
func (o *ordeal) tokenFor(ctx context.Context, project string) (string, error) {
	id, err := store.Project(ctx, o.pool, project)
	if err != nil {
		return "", err
	}
	account, err := access.AccountNamed(ctx, o.pool, firstAdmin)
	if err != nil {
		return "", err
	}
	if err := access.Grant(ctx, o.pool, account, id, access.Admin); err != nil {
		return "", err
	}
	return access.NewToken(ctx, o.pool, account, id, []access.Act{access.Upload}, 24*time.Hour)
}

// wait waits until so many recordings are done; an error when none was for five minutes.
func (o *ordeal) wait(ctx context.Context, n int) error {
	const patience = 5 * time.Minute
	before := -1
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var done int
		if err := o.pool.QueryRow(ctx, `select count(*) from recording where done is not null`).Scan(&done); err != nil {
			return err
		}
		if done >= n {
			return nil
		}
		if done > before {
			before, deadline = done, time.Now().Add(patience)
			fmt.Fprintf(o.app.stderr, "\r%d recordings done ", done)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("of %d recordings %d are done, and none more within five minutes", n, before)
}

const waits = `
select extract(epoch from percentile_cont(0.5) within group (order by done - received)), extract(epoch from max(done - received))
from recording join project on project.id = project where project.name = $1`

// fared fills in how long each project's recordings took.
func (o *ordeal) fared(ctx context.Context, s *simulation) error {
	for i := range s.Projects {
		p := &s.Projects[i]
		var median, longest float64
		if err := o.pool.QueryRow(ctx, waits, p.Name).Scan(&median, &longest); err != nil {
			return err
		}
		p.Median, p.Longest = time.Duration(median*float64(time.Second)), time.Duration(longest*float64(time.Second))
		p.InOrder = time.Duration(float64(p.Backlog) / s.PerMinute * float64(time.Minute))
	}
	return nil
}

func (a *app) printSimulation(s *simulation, asJSON bool) error {
	fmt.Fprintln(a.stderr)
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(s)
	}
	fmt.Fprintf(a.stdout, "%d recordings of %s, %d workers, %d servers, %d workers added and %d killed: %s, %.0f recordings a minute, %.1f hours of sound an hour\n",
		s.Recordings, s.Sound, s.Workers, s.Servers, s.Added, s.Killed, s.Took.Round(time.Second), s.PerMinute, s.PerMinute*s.Sound.Minutes())
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "project\trecordings\twaiting when it came\tmedian wait\tlongest wait\tthe wait, first come first served")
	for _, p := range s.Projects {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\n", p.Name, p.Recordings, p.Backlog, p.Median.Round(time.Second), p.Longest.Round(time.Second), p.InOrder.Round(time.Second))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%d retried by hand, %d violations\n%s", s.RetriedBy, len(s.Violations), strings.Join(s.Violations, "\n"))
	return err
}

// measureScaling queues recordings while nobody works, lets some workers at them, each on a
// core of its own, and takes the rate from their first job to the last recording done.
func (a *app) measureScaling(ctx context.Context, data, recording string, crew crew, numbers string, recordings int, asJSON bool) error {
	if _, err := exec.LookPath("taskset"); err != nil {
		return fmt.Errorf("give each worker a core: %w: install util-linux", err)
	}
	crew.workers, crew.pinned = 0, true
	o, err := a.newOrdeal(ctx, data, recording, crew)
	if err != nil {
		return err
	}
	defer o.end()
	var list []scaled
	for number := range strings.SplitSeq(numbers, ",") {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return fmt.Errorf("%w: --scaling %q: write numbers of workers, as 1,2,4", errUsage, numbers)
		}
		rate, err := o.rate(ctx, n, recordings)
		if err != nil {
			return err
		}
		s := scaled{Workers: n, PerMinute: rate, Efficiency: 1}
		if len(list) > 0 {
			s.Efficiency = rate / list[0].PerMinute * float64(list[0].Workers) / float64(n)
		}
		list = append(list, s)
	}
	fmt.Fprintln(a.stderr)
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(list)
	}
	for _, s := range list {
		fmt.Fprintf(a.stdout, "%d workers: %.1f recordings a minute, efficiency %.2f\n", s.Workers, s.PerMinute, s.Efficiency)
	}
	return nil
}

const worked = `
select extract(epoch from (select max(done) from recording where id::text = any($1)) - min(attempted_at))
from river_job where args->>'recording' = any($1)`

// rate is how many recordings n workers get done a minute.
func (o *ordeal) rate(ctx context.Context, n, recordings int) (perMinute float64, err error) {
	before := len(o.accepted)
	if err := o.arrive(ctx, &simulation{}, "project-0", recordings); err != nil {
		return 0, err
	}
	for range n {
		o.employ()
	}
	err = o.wait(ctx, len(o.accepted))
	for _, p := range o.working {
		p.end()
	}
	o.working = nil
	if err != nil {
		return 0, err
	}
	var seconds float64
	err = o.pool.QueryRow(ctx, worked, o.accepted[before:]).Scan(&seconds)
	return float64(recordings) / seconds * 60, err
}
