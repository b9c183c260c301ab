package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"lydhor/pipeline/store"
)

// status lists the recordings, or says all of one.
func (a *app) status(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("status", flag.ContinueOnError)
	server := fs.String("server", a.config().Server, "address of the server")
	asJSON := fs.Bool("json", false, "print JSON")
	retry := fs.Bool("retry", false, "start the work on a failed recording again")
	cancel := fs.Bool("cancel", false, "stop the work on a recording")
	ids, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(ids) > 1 || (*retry || *cancel) && len(ids) == 0 || *retry && *cancel {
		return fmt.Errorf("%w: name one recording, or none for all; one, and one of the two, with --retry and --cancel", errUsage)
	}
	c := a.client(*server)
	for act, wanted := range map[string]bool{"retry": *retry, "cancel": *cancel} {
		if !wanted {
			continue
		}
		if err := c.do(ctx, "POST", "/api/recordings/"+ids[0]+"/"+act, nil, nil, &struct{}{}); err != nil {
			return err
		}
	}
	var list []store.Recording
	if len(ids) == 1 {
		list = make([]store.Recording, 1)
		err = c.do(ctx, "GET", "/api/recordings/"+ids[0], nil, nil, &list[0])
	} else {
		err = c.do(ctx, "GET", "/api/recordings", nil, nil, &list)
	}
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(a.stdout).Encode(list)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, r := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Length.Round(time.Second), state(r), r.Name)
	}
	return w.Flush()
}

// state says in a few words where a recording stands.
func state(r store.Recording) string {
	switch {
	case r.Problem != "":
		return fmt.Sprintf("failed in %s: %s", r.FailedIn, r.Problem)
	case r.Done:
		return "done"
	}
	parts := []string{"waiting"}
	if len(r.Stages) > 0 {
		parts = nil
	}
	for _, s := range r.Stages {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", s.Stage, 100*s.Progress))
	}
	if r.Left > 0 {
		parts = append(parts, "about "+r.Left.Round(time.Second).String()+" left")
	}
	if r.Trouble != "" {
		parts = append(parts, "is tried again, last: "+r.Trouble)
	}
	return strings.Join(parts, ", ")
}

// pause waits between two questions to the server.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(500 * time.Millisecond):
		return nil
	}
}
