package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lydhor/pipeline/consent"
)

// erase erases recordings whose consent was withdrawn or has ended, and prints a proof of
// each, a JSON object a line.
func (a *app) erase(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("erase", flag.ContinueOnError)
	data := folder(fs)
	why := fs.String("why", "consent withdrawn", "for the proof; without names")
	expired := fs.Bool("expired", false, "erase all recordings whose consent has ended")
	list := fs.Bool("list", false, "print the proofs of all that was erased before")
	ids, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *expired && *list || (*expired || *list) == (len(ids) > 0) {
		return fmt.Errorf("%w: name recordings, or say --expired or --list", errUsage)
	}
	for _, id := range ids {
		if uuid.Validate(id) != nil {
			return fmt.Errorf("%w: %q is no recording's id", errUsage, id)
		}
	}
	c := a.over(*data).config()
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if *list {
		return a.listProofs(ctx, s)
	}
	if *expired {
		*why = "consent ended"
		if ids, err = consent.Expired(ctx, s.pool, time.Now()); err != nil {
			return err
		}
	}
	out := json.NewEncoder(a.stdout)
	for _, id := range ids {
		proof, err := s.erase(ctx, c.Uploads, id, operator, *why)
		if err != nil {
			return err
		}
		if err := out.Encode(proof); err != nil {
			return err
		}
	}
	return nil
}

// listProofs prints all proofs, a JSON object a line: kept away from the database, they say to
// one that is restored what to erase again.
func (a *app) listProofs(ctx context.Context, s *service) error {
	proofs, err := consent.Proofs(ctx, s.pool)
	out := json.NewEncoder(a.stdout)
	for _, p := range proofs {
		if err := out.Encode(p); err != nil {
			return err
		}
	}
	return err
}
