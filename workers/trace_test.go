package workers

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// A receiver takes spans as a collector does, OTLP over HTTP.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*otlp.Span
	host  map[string]string // machine by name of span
	all   string            // everything it was sent, as text
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{host: map[string]string{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(body, &sent) != nil {
			t.Errorf("got what is no spans: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all += sent.String()
		for _, of := range sent.ResourceSpans {
			for _, s := range of.ScopeSpans {
				r.spans = append(r.spans, s.Spans...)
				for _, span := range s.Spans {
					r.host[span.Name] = of.Resource.Attributes[0].Value.GetStringValue()
				}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// machine sends the spans of one machine as they end.
func (r *receiver) machine(t *testing.T, name string) *sdktrace.TracerProvider {
	t.Helper()
	sender, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(r.URL))
	if err != nil {
		t.Fatal(err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithSyncer(sender), sdktrace.WithResource(resource.NewSchemaless(attribute.String("host.name", name))))
}

// A recording is one trace from the server that receives it to the last stage, whichever
// machine each stage runs on.
func TestRecordingIsOneTrace(t *testing.T) {
	b := setup(t)
	r := newReceiver(t)
	inbox, err := NewTracedInbox(b.pool, b.blobs, r.machine(t, "server"))
	if err != nil {
		t.Fatal(err)
	}
	b.inbox = inbox
	id := b.receive(beep(t, "3"))
	stages, hears := b.config, b.config
	stages.Traces, stages.Profiles = r.machine(t, "stages"), map[string]pipeline.Transcriber{}
	hears.Traces = r.machine(t, "hears")
	stop := b.work(stages)
	b.until(id, func(*store.Recording) bool {
		return b.count(`from stage where stage = 'diarise' and ended is not null`) == 1
	})
	stop()
	b.work(hears)
	b.until(id, done)

	var spans []*otlp.Span
	b.until(id, func(*store.Recording) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		spans = r.spans
		return r.host["analyse"] != ""
	})
	names := map[string]string{} // by id of span
	var trace []byte
	for _, s := range spans {
		names[string(s.SpanId)] = s.Name
		if s.Name == "receive" {
			trace = s.TraceId
		}
	}
	parents := map[string]string{}
	for _, s := range spans {
		if s.Name != "receive" && len(s.ParentSpanId) == 0 { // chores are about no recording
			continue
		}
		parents[s.Name] = names[string(s.ParentSpanId)]
		if string(s.TraceId) != string(trace) {
			t.Errorf("%s is of another trace", s.Name)
		}
	}
	want := map[string]string{"receive": "", "ingest": "receive", "diarise": "ingest", "transcribe": "ingest", "assemble": "transcribe", "analyse": "assemble"}
	if diff := cmp.Diff(want, parents); diff != "" {
		t.Errorf("what followed what differs (-want +got):\n%s", diff)
	}
	for span, want := range map[string]string{"receive": "server", "diarise": "stages", "transcribe": "hears"} {
		if got := r.host[span]; got != want {
			t.Errorf("%s: got machine %q, want %q", span, got, want)
		}
	}
	if strings.Contains(r.all, secret) || !strings.Contains(r.all, id) {
		t.Errorf("want the recording's id and no word in what is sent, got %s", r.all)
	}
}
