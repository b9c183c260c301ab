package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"
)

// queues lists the queues of all workers, or pauses or resumes one.
func (a *app) queues(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("queues", flag.ContinueOnError)
	data := folder(fs)
	args, err := parse(fs, args)
	if err != nil {
		return err
	}
	change := len(args) == 2 && (args[0] == "pause" || args[0] == "resume")
	if len(args) > 0 && !change {
		return fmt.Errorf("%w: say pause QUEUE, resume QUEUE, or nothing", errUsage)
	}
	s, err := a.service(ctx, a.over(*data).config())
	if err != nil {
		return err
	}
	defer s.close()
	if change && args[0] == "pause" {
		return s.inbox.Pause(ctx, args[1])
	}
	if change {
		return s.inbox.Resume(ctx, args[1])
	}
	list, err := s.inbox.Queues(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, q := range list {
		state := "open"
		if q.PausedAt != nil {
			state = "paused"
		}
		fmt.Fprintf(w, "%s\t%s\n", q.Name, state)
	}
	return w.Flush()
}
