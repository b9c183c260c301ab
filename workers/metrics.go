package workers

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// Metrics count what the workers of one process do. Labels are of the work; none names a
// recording or a person.
type Metrics struct {
	took    *prometheus.HistogramVec
	ended   *prometheus.CounterVec
	failed  *prometheus.CounterVec
	heard   *prometheus.CounterVec
	hearing *prometheus.CounterVec
	objects *prometheus.CounterVec
}

// NewMetrics makes Metrics that r shows.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lydhor_stage_seconds", Help: "how long jobs ran, by stage",
			Buckets: []float64{.01, .1, .5, 1, 5, 15, 60, 300, 900, 3600},
		}, []string{"stage"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lydhor_jobs_total", Help: "jobs by stage and how they ended: done, retried, failed or handed_back",
		}, []string{"stage", "end"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lydhor_failures_total", Help: "attempts that failed, by stage and cause",
		}, []string{"stage", "cause"}),
		heard: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lydhor_audio_seconds_done_total", Help: "sound transcribed, by profile and device",
		}, []string{"profile", "device"}),
		hearing: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lydhor_transcribe_seconds_total", Help: "time that took; divided by the sound it is the real-time factor",
		}, []string{"profile", "device"}),
		objects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lydhor_objects_read_total", Help: "objects read whole and compared with what was put, by what was found",
		}, []string{"found"}),
	}
	m.begin()
	r.MustRegister(m.took, m.ended, m.failed, m.heard, m.hearing, m.objects)
	return m
}

// begin shows what alerts look at from the start, as 0: the increase of a counter that is first
// seen at 1 is none.
func (m *Metrics) begin() {
	for _, stage := range []pipeline.Stage{pipeline.Ingest, pipeline.Transcribe, pipeline.Diarise, pipeline.Assemble, pipeline.Analyse} {
		for _, cause := range []string{"bad_audio", "disk_full", "postgres", "timeout", "network", "other"} {
			m.failed.WithLabelValues(string(stage), cause)
		}
	}
	for _, found := range []string{"", objectMissing, objectChanged, objectUnreadable} {
		m.objects.WithLabelValues(cmp.Or(found, objectAsPut))
	}
}

// end notes how one attempt ended, and why where it failed.
func (m *Metrics) end(stage pipeline.Stage, end string, took time.Duration, err error) {
	m.took.WithLabelValues(string(stage)).Observe(took.Seconds())
	m.ended.WithLabelValues(string(stage), end).Inc()
	if end == "retried" || end == "failed" {
		m.failed.WithLabelValues(string(stage), cause(err)).Inc()
	}
}

// hear notes that a piece was transcribed.
func (m *Metrics) hear(profile string, run pipeline.Run, piece pipeline.Span, took time.Duration) {
	device := run.Params["device"]
	m.heard.WithLabelValues(profile, device).Add(piece.Dur().Seconds())
	m.hearing.WithLabelValues(profile, device).Add(took.Seconds())
}

// read notes what was found of an object that was read whole.
func (m *Metrics) read(o store.Object) {
	m.objects.WithLabelValues(cmp.Or(o.Problem, objectAsPut)).Inc()
}

// cause sorts an error into the few kinds that ops mend in different ways.
func cause(err error) string {
	var database *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, pipeline.ErrBadAudio):
		return "bad_audio"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "disk_full"
	case errors.As(err, &database), errors.As(err, &connect):
		return "postgres"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return "network"
	}
	return "other"
}

// NewBacklog shows what waits in the database, asked anew each time it is collected. So any
// number of processes may show it: take the greatest of an instant, not the sum.
func NewBacklog(pool *pgxpool.Pool) prometheus.Collector { return backlog{pool} }

type backlog struct{ pool *pgxpool.Pool }

var (
	waiting    = prometheus.NewDesc("lydhor_audio_seconds_waiting", "sound that waits to be transcribed, by profile", []string{"profile"}, nil)
	running    = prometheus.NewDesc("lydhor_audio_seconds_running", "sound that is left of what is being transcribed, by profile", []string{"profile"}, nil)
	oldest     = prometheus.NewDesc("lydhor_oldest_waiting_seconds", "age of the recording that waits longest, by profile", []string{"profile"}, nil)
	recordings = prometheus.NewDesc("lydhor_recordings", "recordings by where they stand", []string{"state"}, nil)
	jobs       = prometheus.NewDesc("lydhor_jobs", "jobs by state", []string{"state"}, nil)
	answers    = prometheus.NewDesc("lydhor_postgres_up", "1 where Postgres answered these questions", nil, nil)
)

// Describe is prometheus.Collector's.
func (backlog) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{waiting, running, oldest, recordings, jobs, answers} {
		c <- d
	}
}

// Collect is prometheus.Collector's.
func (b backlog) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	profiles, err := store.Backlogs(ctx, b.pool)
	for _, p := range profiles {
		gauge(waiting, p.Waiting.Seconds(), p.Profile)
		gauge(running, p.Running.Seconds(), p.Profile)
		gauge(oldest, p.Oldest.Seconds(), p.Profile)
	}
	up := err == nil
	for desc, count := range map[*prometheus.Desc]func(context.Context, store.DB) ([]store.Count, error){
		recordings: store.RecordingStates, jobs: store.JobStates,
	} {
		states, err := count(ctx, b.pool)
		for _, s := range states {
			gauge(desc, float64(s.N), s.State)
		}
		up = up && err == nil
	}
	if up {
		gauge(answers, 1)
		return
	}
	gauge(answers, 0)
}
