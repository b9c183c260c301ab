package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// newTraces sends spans to the OTLP receiver at address, such as http://127.0.0.1:4318, or
// makes none where it is empty. Flush sends the last of them.
func newTraces(ctx context.Context, address string, log *slog.Logger) (_ trace.TracerProvider, flush func(context.Context) error, err error) {
	if address == "" {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	sender, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address))
	if err != nil {
		return nil, nil, fmt.Errorf("LYDHOR_TRACES %q: %w: write it as http://host:4318", address, err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("send traces", "error", err) }))
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, err
	}
	p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(sender), sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "lydhor"),
		attribute.String("service.version", version()),
		attribute.String("host.name", host),
		attribute.Int("process.pid", os.Getpid()),
	)))
	return p, p.Shutdown, nil
}
