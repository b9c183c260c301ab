package workers

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracing makes a span of every job and has the trace of a recording go on in the jobs that
// follow, on whatever machine: its context travels in their metadata. Spans say ids and times,
// never words or names.
type tracing struct {
	*river.MiddlewareDefaults
	trace.Tracer
}

var (
	_ rivertype.JobInsertMiddleware = tracing{}
	_ rivertype.WorkerMiddleware    = tracing{}
)

// newTracing makes spans with provider, or none where it is nil.
func newTracing(provider trace.TracerProvider) tracing {
	return tracing{&river.MiddlewareDefaults{}, cmp.Or[trace.TracerProvider](provider, noop.NewTracerProvider()).Tracer("lydhor/workers")}
}

// InsertMany is rivertype.JobInsertMiddleware's.
func (t tracing) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	for _, job := range jobs {
		if len(carrier) > 0 {
			job.Metadata = with(job.Metadata, carrier)
		}
	}
	return insert(ctx)
}

// with adds the trace's context to a job's metadata, a JSON object.
func with(metadata []byte, carrier propagation.MapCarrier) []byte {
	object := map[string]any{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &object) != nil {
		return metadata
	}
	for k, v := range carrier {
		object[k] = v
	}
	data, err := json.Marshal(object)
	if err != nil {
		return metadata
	}
	return data
}

// Work is rivertype.WorkerMiddleware's.
func (t tracing) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	var from struct{ Traceparent, Tracestate string }
	json.Unmarshal(job.Metadata, &from) // without it, the job begins a trace
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": from.Traceparent, "tracestate": from.Tracestate})
	var about transcribeArgs // of which the others have a part
	json.Unmarshal(job.EncodedArgs, &about)
	ctx, span := t.Start(ctx, job.Kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("lydhor.recording", about.Recording),
		attribute.Int("lydhor.piece", about.Piece),
		attribute.Int64("lydhor.job", job.ID),
		attribute.String("lydhor.queue", job.Queue),
		attribute.Int("lydhor.attempt", job.Attempt),
	))
	defer span.End()
	return work(ctx)
}

// say notes in the span of a job how it ended, and the cause where it failed.
func say(ctx context.Context, end string, err error) {
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attribute.String("lydhor.end", end))
	if err != nil {
		span.SetStatus(codes.Error, cause(err))
	}
}
