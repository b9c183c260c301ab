package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
	"lydhor/transcribe"
	"lydhor/transcribe/diarise"
	"lydhor/workers"
)

// work takes the stages of recordings from the queues until it is told to stop.
func (a *app) work(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("work", flag.ContinueOnError)
	profiles := fs.String("profiles", c.Profile, "profiles to serve, as draft,accurate=edda-v0.2; one that names no model has --model's; none for the other stages only")
	parallel := fs.Int("parallel", 1, "jobs at a time of each profile, and of the other stages together")
	grace := fs.Duration("grace", 30*time.Second, "time to end running jobs when told to stop; what is left is handed back")
	fs.StringVar(&c.Ops, "ops", c.Ops, "address to answer operators at: /metrics, /healthz, /readyz")
	flags := a.transcribeFlags(fs)
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	lease, err := time.ParseDuration(c.Lease)
	if err != nil || lease < time.Second {
		return fmt.Errorf("LYDHOR_LEASE is %q: write a time of at least a second, as 45s", c.Lease)
	}
	options, err := flags()
	if err != nil {
		return err
	}
	models, err := profileModels(*profiles, options.Model, c.Models)
	if err != nil {
		return err
	}
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if err := c.fits(ctx, s.pool); err != nil {
		return err
	}
	served := map[string]pipeline.Transcriber{}
	for profile, model := range models {
		options.Model = model
		t, err := transcribe.Open(options)
		if err != nil {
			return fmt.Errorf("profile %s: %w", profile, err)
		}
		defer t.Close()
		served[profile] = t
		logDevice(s.log, profile, options.Device, t.Run())
	}
	diariser, err := diarise.Open("auto", c.voices())
	if err != nil {
		return err
	}
	printer, err := diarise.OpenPrinter("auto", c.voices())
	if err != nil {
		return err
	}
	coders, err := store.NewCoders(s.pool)
	if err != nil {
		return err
	}
	answering, cancel := context.WithCancel(context.WithoutCancel(ctx)) // until the last job has ended
	ops := s.serveOps(answering, c.Ops)
	err = workers.Run(ctx, workers.Config{
		Pool: s.pool, Blobs: s.blobs, Profiles: served, Diariser: diariser, Printer: printer, Analyser: coders.Analyser,
		Parallel: *parallel, Grace: *grace, Lease: lease, Metrics: s.metrics.workers, Traces: s.traces, Log: s.log,
	})
	cancel()
	return errors.Join(err, ops())
}

// logDevice says where the model of a profile computes; that nothing better was there than
// the processor is worth a warning.
func logDevice(log *slog.Logger, profile, asked string, run pipeline.Run) {
	device := run.Params["device"]
	log = log.With("profile", profile, "model", run.Model, "device", device)
	if device == "cpu" && asked != "cpu" {
		log.Warn("no GPU found: the profile computes on the processor", "asked", cmp.Or(asked, "auto"))
		return
	}
	log.Info("profile is served")
}

// profileModels reads NAME or NAME=MODEL, separated by commas.
func profileModels(list string, fallback transcribe.Model, folder string) (map[string]transcribe.Model, error) {
	models := map[string]transcribe.Model{}
	for profile := range strings.SplitSeq(list, ",") {
		name, model, named := strings.Cut(strings.TrimSpace(profile), "=")
		if name == "" && !named {
			continue
		}
		if err := workers.CheckProfile(name); err != nil {
			return nil, fmt.Errorf("%w: %v", errUsage, err)
		}
		models[name] = fallback
		if !named {
			continue
		}
		m, err := transcribe.Find(model, folder)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", name, err)
		}
		models[name] = m
	}
	return models, nil
}
