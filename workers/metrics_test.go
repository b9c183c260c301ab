package workers

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"lydhor/pipeline"
)

func value(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.Counter.GetValue()
}

func TestMetricsCountWhatWorkersDo(t *testing.T) {
	b := setup(t)
	b.work(b.config)
	good := b.receive(beep(t, "3"))
	bad := b.receive([]byte("this is text"))
	b.until(good, done)
	b.until(bad, failed)
	m := b.config.Metrics
	for _, test := range []struct {
		name string
		got  prometheus.Counter
		want float64
	}{
		{"three seconds heard", m.heard.WithLabelValues("draft", ""), 3},
		{"one transcription done", m.ended.WithLabelValues("transcribe", "done"), 1},
		{"one recording decoded", m.ended.WithLabelValues("ingest", "done"), 1},
		{"one recording failed", m.ended.WithLabelValues("ingest", "failed"), 1},
		{"since it is no sound", m.failed.WithLabelValues("ingest", "bad_audio"), 1},
	} {
		if got := value(t, test.got); got != test.want {
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
	}
}

func TestCause(t *testing.T) {
	for want, err := range map[string]error{
		"bad_audio": fmt.Errorf("decode: %w", pipeline.ErrBadAudio),
		"disk_full": fmt.Errorf("write: %w", syscall.ENOSPC),
		"postgres":  fmt.Errorf("save: %w", &pgconn.PgError{Code: "57P01"}),
		"timeout":   fmt.Errorf("hear: %w", context.DeadlineExceeded),
		"network":   fmt.Errorf("open object: %w", &timeout{}),
		"other":     errors.New("something else"),
	} {
		if got := cause(err); got != want {
			t.Errorf("%v: got %s, want %s", err, got, want)
		}
	}
}

// timeout is a net.Error.
type timeout struct{}

func (*timeout) Error() string   { return "no answer" }
func (*timeout) Timeout() bool   { return true }
func (*timeout) Temporary() bool { return true }
