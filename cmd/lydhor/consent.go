package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"time"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// consent notes what a recording rests on, or prints it.
func (a *app) consent(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("consent", flag.ContinueOnError)
	data := folder(fs)
	version := fs.String("version", "", "version of the text that was agreed to; with it, given and until are noted")
	given := fs.String("given", time.Now().Format(time.DateOnly), "day it was agreed to, as 2026-11-24")
	until := fs.String("until", "", "last day it is good for; no end without it")
	scope := fs.String("scope", "research", "what was agreed to")
	participants := fs.String("participants", "", "codes of those who are heard, as \"B-017 S-003\"; never names")
	hold := fs.String("hold", "", "why it must not be erased for now, such as a case number; no names")
	release := fs.Bool("release", false, "end the hold")
	ids, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(ids) != 1 || *hold != "" && *release {
		return fmt.Errorf("%w: name one recording, and either hold or release it", errUsage)
	}
	said := consent.Consent{Version: *version, Scope: *scope}
	if said.Given, err = time.Parse(time.DateOnly, *given); err != nil {
		return fmt.Errorf("%w: given: write the day as 2026-11-24", errUsage)
	}
	if *until != "" {
		end, err := time.Parse(time.DateOnly, *until)
		if err != nil {
			return fmt.Errorf("%w: until: write the day as 2026-11-24", errUsage)
		}
		said.Until = &end
	}
	codes, err := consent.ParseCodes(*participants)
	if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	pool, err := a.database(ctx, c, *data)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := store.ByID(ctx, pool, ids[0]); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no recording %s: `lydhor status` lists them", ids[0])
	} else if err != nil {
		return err
	}
	if *version != "" {
		err = consent.Put(ctx, pool, ids[0], said)
	}
	if err == nil && *participants != "" {
		err = consent.PutParticipants(ctx, pool, ids[0], codes)
	}
	if err == nil && (*hold != "" || *release) {
		err = consent.Hold(ctx, pool, ids[0], *hold)
	}
	if err == nil && (*version != "" || *participants != "" || *hold != "" || *release) {
		err = audit.Add(ctx, pool, noted(ctx, pool, ids[0]))
	}
	if err != nil {
		return err
	}
	now, err := consent.Of(ctx, pool, ids[0])
	if err != nil {
		return err
	}
	return json.NewEncoder(a.stdout).Encode(now)
}
