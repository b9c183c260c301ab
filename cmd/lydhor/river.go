package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"riverqueue.com/riverui"
)

// riverPolicy lets River's pages run their own script and nothing else. Their components set
// styles while they run.
const riverPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// riverPages are River's own pages of the jobs and queues of all projects, below /river/:
// what runs, failed and waits, with ids for arguments. They ask the database in the
// background until ctx ends.
func (s *service) riverPages(ctx context.Context) (http.Handler, error) {
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{})
	if err != nil {
		return nil, err
	}
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(client, nil), Logger: s.log, Prefix: "/river"})
	if err != nil {
		return nil, fmt.Errorf("pages of jobs: %w", err)
	}
	if err := pages.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the pages of jobs: %w", err)
	}
	return sealedBy(riverPolicy, pages), nil
}
