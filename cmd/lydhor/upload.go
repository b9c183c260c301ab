package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// upload sends recordings to the server and, with --wait, stays until they are done.
func (a *app) upload(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("upload", flag.ContinueOnError)
	server := fs.String("server", a.config().Server, "address of the server")
	kind := fs.String("kind", string(pipeline.Conversation), "conversation, flip, meeting or interview")
	speakers := fs.Int("speakers", 0, "number of speakers, where it is known")
	profile := fs.String("profile", "", "profile to transcribe with; the server's own when not given")
	batch := fs.Bool("batch", false, "let them wait until nobody's other recordings wait")
	channels := channelsFlag(fs)
	wait := fs.Bool("wait", false, "show progress until done, then the flagged sequences")
	query := url.Values{}
	fs.Func("meta", "KEY=VALUE to keep with the recording; may be repeated", func(s string) error {
		k, v, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("write it as KEY=VALUE")
		}
		query.Set("meta."+k, v)
		return nil
	})
	for flag, field := range map[string]string{"participants": "participants", "agreed-text": "agreed_text", "agreed-on": "agreed_on", "agreed-until": "agreed_until", "agreed-to": "agreed_to"} {
		fs.Func(flag, "what the upload form calls "+field, func(s string) error {
			query.Set(field, s)
			return nil
		})
	}
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: name at least one recording", errUsage)
	}
	if _, err := pipeline.ParseKind(*kind); err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	query.Set("kind", *kind)
	query.Set("speakers", strconv.Itoa(*speakers))
	query.Set("profile", *profile)
	if *batch {
		query.Set("batch", "true")
	}
	if *channels {
		query.Set("channels", "true")
	}
	c := a.client(*server)
	var ids []string
	for _, file := range files {
		got, err := c.upload(ctx, file, query)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		said := "received"
		if got.Duplicate {
			said = "is there already"
		}
		fmt.Fprintf(a.stdout, "%s  %s  %s\n", got.ID, said, filepath.Base(file))
		ids = append(ids, got.ID)
	}
	if !*wait {
		return nil
	}
	return a.follow(ctx, c, ids)
}

// upload sends one file.
func (c client) upload(ctx context.Context, file string, query url.Values) (received, error) {
	info, err := os.Stat(file)
	if err != nil {
		return received{}, err
	}
	if info.IsDir() {
		return received{}, errors.New("it is a folder: name the recordings in it")
	}
	f, err := os.Open(file)
	if err != nil {
		return received{}, err
	}
	defer f.Close()
	query.Set("name", filepath.Base(file))
	var got received
	return got, c.do(ctx, "POST", "/api/recordings", query, io.Reader(f), &got)
}

// follow shows progress until every recording is done or failed, then its sequences.
func (a *app) follow(ctx context.Context, c client, ids []string) error {
	var failed error
	for _, id := range ids {
		r, err := a.await(ctx, c, id)
		if err != nil {
			return err
		}
		if r.Problem != "" {
			failed = fmt.Errorf("%s failed in %s: %s", r.Name, r.FailedIn, r.Problem)
			fmt.Fprintln(a.stderr, failed)
			continue
		}
		var t pipeline.Transcript
		if err := c.do(ctx, "GET", "/api/recordings/"+id+"/transcript", nil, nil, &t); err != nil {
			return err
		}
		t.ID = r.Name
		printSequences(a.stdout, &t)
		fmt.Fprintf(a.stdout, "%s/recordings/%s\n", strings.TrimSuffix(c.server, "/"), id)
	}
	return failed
}

// await shows one recording's progress until it is done or failed.
func (a *app) await(ctx context.Context, c client, id string) (*store.Recording, error) {
	var bar *bar
	for {
		var r store.Recording
		if err := c.do(ctx, "GET", "/api/recordings/"+id, nil, nil, &r); err != nil {
			return nil, err
		}
		if bar == nil {
			bar = newBar(a.stderr, r.Name)
			defer bar.end()
		}
		for _, s := range r.Stages {
			bar.progress(s.Stage, s.Progress)
		}
		if r.Done || r.Problem != "" {
			return &r, nil
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}
