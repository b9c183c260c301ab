package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lydhor/workers"
)

// metrics are what one process shows of itself and of what waits.
type metrics struct {
	registry *prometheus.Registry
	workers  *workers.Metrics
	s3       *prometheus.HistogramVec
	postgres *prometheus.HistogramVec
}

func newMetrics() *metrics {
	latencies := []float64{.001, .005, .02, .1, .5, 2, 10, 60}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		s3: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lydhor_s3_seconds", Help: "how long calls of the S3 server took", Buckets: latencies,
		}, []string{"call", "end"}),
		postgres: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lydhor_postgres_seconds", Help: "how long queries took", Buckets: latencies,
		}, []string{"end"}),
	}
	m.workers = workers.NewMetrics(m.registry)
	m.registry.MustRegister(m.s3, m.postgres, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func end(err error) string {
	if err != nil {
		return "error"
	}
	return "ok"
}

// object is blob.Timed's Took.
func (m *metrics) object(call string, took time.Duration, err error) {
	m.s3.WithLabelValues(call, end(err)).Observe(took.Seconds())
}

type started struct{}

// TraceQueryStart is pgx.QueryTracer's.
func (m *metrics) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, started{}, time.Now())
}

// TraceQueryEnd is pgx.QueryTracer's.
func (m *metrics) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	if at, ok := ctx.Value(started{}).(time.Time); ok {
		m.postgres.WithLabelValues(end(q.Err)).Observe(time.Since(at).Seconds())
	}
}

// ops is what operators and their tools ask of a process at an address of its own: /metrics,
// /healthz (it lives) and /readyz (Postgres answers it).
func (s *service) ops() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	return mux
}

func (s *service) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		http.Error(w, "Postgres does not answer", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "ok\n")
}

// serveOps answers operators at address until ctx ends; nowhere where it is empty.
func (s *service) serveOps(ctx context.Context, address string) (wait func() error) {
	if address == "" {
		return func() error { return nil }
	}
	ended := make(chan error, 1)
	go func() {
		err := listenAndServe(ctx, address, s.ops(), s.log)
		if err != nil {
			s.log.Error("answer operators", "error", err)
		}
		ended <- err
	}()
	return func() error { return <-ended }
}
