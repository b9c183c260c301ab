package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"

	"lydhor/cmd/lydhor/review"
	"lydhor/migrations"
	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/seal"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// A service is what serve and work stand on: rows and objects.
type service struct {
	pool    *pgxpool.Pool
	blobs   blob.Store
	raw     blob.Store // the same, sealed as they stand in the object store
	inbox   *workers.Inbox
	metrics *metrics
	traces  trace.TracerProvider
	flush   func(context.Context) error // sends the last traces
	log     *slog.Logger
}

// service connects to Postgres, whose schema it brings up to date, and to S3. Close it.
func (a *app) service(ctx context.Context, c *config) (*service, error) {
	if err := c.service(); err != nil {
		return nil, err
	}
	m := newMetrics()
	pool, err := store.OpenTraced(ctx, c.DatabaseURL, m)
	if err != nil {
		return nil, err
	}
	m.registry.MustRegister(workers.NewBacklog(pool))
	s := &service{pool: pool, metrics: m, log: slog.New(slog.NewJSONHandler(a.stderr, nil))}
	if _, err := migrations.Up(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	if s.blobs, err = s.objects(ctx, c); err != nil {
		pool.Close()
		return nil, err
	}
	if s.traces, s.flush, err = newTraces(ctx, c.Traces, s.log); err != nil {
		pool.Close()
		return nil, err
	}
	if s.inbox, err = workers.NewTracedInbox(pool, s.blobs, s.traces); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close sends the last spans and lets go of the database.
func (s *service) close() {
	patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.flush(patience); err != nil {
		s.log.Warn("send the last traces", "error", err)
	}
	s.pool.Close()
}

// objects are those of the S3 server, sealed where there is a master key.
func (s *service) objects(ctx context.Context, c *config) (blob.Store, error) {
	objects, err := blob.OpenS3(ctx, c.S3.Endpoint, c.S3.AccessKey, c.S3.SecretKey, c.S3.Bucket)
	if err != nil {
		return nil, err
	}
	timed := blob.Timed{Store: objects, Took: s.metrics.object}
	s.raw = timed
	master, err := c.master()
	if err != nil {
		return nil, err
	}
	if master == nil {
		s.log.Warn("objects are not sealed: no master key is configured; `lydhor keys new` makes one")
		return timed, nil
	}
	return seal.Store{Store: timed, Ring: seal.Stored{Pool: s.pool, Master: master}}, nil
}

// serve answers the page and the commands that ask for it.
func (a *app) serve(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.StringVar(&c.Listen, "listen", c.Listen, "address to answer at")
	fs.StringVar(&c.Ops, "ops", c.Ops, "address to answer operators at: /metrics, /healthz, /readyz")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if err := c.fits(ctx, s.pool); err != nil {
		return err
	}
	handler, err := s.handler(ctx, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ops := s.serveOps(ctx, c.Ops)
	err = listenAndServe(ctx, c.Listen, handler, s.log)
	cancel()
	return errors.Join(err, ops())
}

// extra says that arguments are left which nobody asked for.
func extra(args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%w: it takes no arguments, and got %q", errUsage, args)
}

// handler is everything that serve answers: the pages and the API of each project, behind
// the gate.
func (s *service) handler(ctx context.Context, c *config) (http.Handler, error) {
	usual, err := store.Project(ctx, s.pool, c.Project)
	if err != nil {
		return nil, err
	}
	coders, err := store.NewCoders(s.pool)
	if err != nil {
		return nil, err
	}
	rooms := &rooms{made: map[string]http.Handler{}, make: func(project string) (http.Handler, error) {
		return s.room(ctx, c, project, coders)
	}}
	provider, err := c.newProvider()
	if err != nil {
		return nil, err
	}
	demands, err := parseDemands(c.SecondFactor)
	if err != nil {
		return nil, err
	}
	jobs, err := s.riverPages(ctx)
	if err != nil {
		return nil, err
	}
	return newGate(gate{db: s.pool, log: s.log, secure: c.secure(), usual: usual, river: jobs, project: rooms.of, provider: provider, demands: demands,
		erases: func(ctx context.Context, id, actor, why string) (*consent.Proof, error) {
			return s.erase(ctx, c.Uploads, id, actor, why)
		}})
}

// rooms are the pages of each project, made when somebody first comes to them.
type rooms struct {
	mu   sync.Mutex
	made map[string]http.Handler
	make func(project string) (http.Handler, error)
}

func (r *rooms) of(project string) (http.Handler, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, made := r.made[project]; made {
		return h, nil
	}
	h, err := r.make(project)
	if err == nil {
		r.made[project] = h
	}
	return h, err
}

// room is the pages of one project and the API beside them.
func (s *service) room(ctx context.Context, c *config, project string, coders *store.Coders) (http.Handler, error) {
	mine := mailbox{s, project, c.Profile}
	rows := review.Stored{DB: s.pool, Project: project, Coders: coders}
	name, err := store.ProjectName(ctx, s.pool, project)
	if err != nil {
		return nil, err
	}
	minimum, err := c.minimumGroup()
	if err != nil {
		return nil, err
	}
	uploads := c.Uploads
	if uploads != "" {
		uploads = filepath.Join(uploads, project)
	}
	pages, err := review.New(review.Config{
		Project: name, Minimum: minimum,
		Library: rows, Decisions: rows, Corrections: rows, Coding: rows, Codebooks: mine, Finder: rows, Vocabulary: rows, Voices: rows,
		Audio: mine, Clips: mine, Sheets: rows, Queue: mine, Inbox: mine, Uploads: uploads, Analyser: func(ctx context.Context) (pipeline.Analyser, error) { return coders.Analyser(ctx, project) },
		Coder: func(r *http.Request) string { return visitOf(r).name() }, Account: "/account",
		Agreed: holds, Room: func(ctx context.Context) (int64, error) { return store.Room(ctx, s.pool, project) },
		Reveals: func(r *http.Request) bool { return visitOf(r).may(access.Reveal) },
		Veiled:  mine.veiled,
		Settings: func(r *http.Request) string {
			if visitOf(r).may(access.Manage) {
				return "/settings"
			}
			return ""
		},
		Designs: func(r *http.Request) bool { return visitOf(r).may(access.Design) },
		Log:     s.log,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", mine.api())
	mux.HandleFunc("GET /healthz", s.ready)
	mux.Handle("/", pages)
	return mux, nil
}

// mailbox is the inbox of one project: what the page asks of workers.
type mailbox struct {
	*service
	project string
	profile string // that new recordings are transcribed with
}

// veiled is review.Config's.
func (m mailbox) veiled(r *http.Request) (bool, error) {
	if visitOf(r).may(access.Reveal) {
		return false, nil
	}
	p, err := store.ProtectionOf(r.Context(), m.pool, m.project)
	return p.Masked, err
}

// Receive is review.Inbox's.
func (m mailbox) Receive(ctx context.Context, u review.Upload, sound io.Reader) (string, error) {
	id, added, err := m.inbox.Receive(ctx, store.Recording{
		Project: m.project, Name: u.Name, Kind: u.Kind, Speakers: u.Speakers, Separate: u.Separate, Meta: u.Meta(), Profile: m.profile,
	}, sound, func(ctx context.Context, tx pgx.Tx, id string) error { return agree(ctx, tx, id, u.Agreement) })
	if err == nil && !added {
		return "", review.Duplicate{ID: id}
	}
	return id, err
}

// Retry is review.Queue's.
func (m mailbox) Retry(ctx context.Context, id string) error {
	return m.inbox.Retry(ctx, m.project, id)
}

// Open is review.Audio's.
func (m mailbox) Open(ctx context.Context, id string) (io.ReadSeekCloser, string, error) {
	if _, err := store.RecordingIn(ctx, m.pool, m.project, id); err != nil {
		return nil, "", err
	}
	return m.inbox.Rendition(ctx, id)
}

// Loudness is review.Audio's.
func (m mailbox) Loudness(ctx context.Context, id string) (pipeline.Loudness, error) {
	return store.Loudness(ctx, m.pool, id)
}

// Clip is review.Audio's.
func (m mailbox) Clip(ctx context.Context, id string, stretch pipeline.Span, hidden []pipeline.Span) ([]byte, string, error) {
	if _, err := store.RecordingIn(ctx, m.pool, m.project, id); err != nil {
		return nil, "", err
	}
	clip, err := m.inbox.Clip(ctx, id, stretch, hidden)
	return clip, pipeline.RenditionType, err
}

// Masked is review.Audio's.
func (m mailbox) Masked(ctx context.Context, id string, spans []pipeline.Span) (io.ReadSeekCloser, string, error) {
	if _, err := store.RecordingIn(ctx, m.pool, m.project, id); err != nil {
		return nil, "", err
	}
	sound, mediaType, err := m.inbox.Masked(ctx, id, spans)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, "", errors.Join(review.ErrMasking, m.inbox.Mask(ctx, id))
	}
	return sound, mediaType, err
}

// listenAndServe answers until ctx ends, then lets running requests end.
func listenAndServe(ctx context.Context, address string, handler http.Handler, log *slog.Logger) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("answer at %s: %w: choose another address with --listen", address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patience)
	})()
	log.Info("serving", "address", "http://"+l.Addr().String())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// Codebooks is review.Codebooks'.
func (m mailbox) Codebooks(ctx context.Context) ([]store.Codebook, error) {
	return store.CodebooksOf(ctx, m.pool, m.project)
}

// Choices is review.Codebooks'.
func (m mailbox) Choices(ctx context.Context) ([]store.Choice, error) {
	return store.Choices(ctx, m.pool, m.project)
}

// UseCodebook is review.Codebooks'.
func (m mailbox) UseCodebook(ctx context.Context, yaml, by string) error {
	_, err := store.UseCodebook(ctx, m.pool, m.project, yaml, by)
	return err
}

// Choose is review.Codebooks'.
func (m mailbox) Choose(ctx context.Context, c store.Choice) error {
	return store.Choose(ctx, m.pool, m.project, c)
}

// AnalyseAgain is review.Codebooks'.
func (m mailbox) AnalyseAgain(ctx context.Context) (int, error) {
	return m.inbox.Analyse(ctx, m.project)
}
