package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"lydhor/migrations"
	"lydhor/pipeline"
)

// admittedByOld makes an account and a token with the older version, whose schema the database
// then has.
func (o *ordeal) admittedByOld(ctx context.Context) (token string, err error) {
	for _, args := range [][]string{
		{"account", "new", firstAdmin},
		{"account", "grant", firstAdmin, "admin"},
		{"tokens", firstAdmin, "--scopes", "read,upload,watch,retry,export"},
	} {
		cmd := exec.CommandContext(ctx, o.crew.old, args...)
		cmd.Env = append(os.Environ(), o.servers.env()...)
		var words strings.Builder
		cmd.Stderr = &words
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("%s %s: %w: %s", o.crew.old, args[0], err, lastLine([]byte(words.String())))
		}
		token = strings.TrimSpace(string(out))
	}
	return token, nil
}

// liveOnOld has the older version take recordings in and be at work on one, and then puts the
// newer one in the place of a server, which migrates the database under the others.
func (o *ordeal) liveOnOld(ctx context.Context) error {
	done := func() (done bool) {
		err := o.pool.QueryRow(ctx, `select exists (select from recording where done is not null)`).Scan(&done)
		return err == nil && done
	}
	if err := o.sendNow(ctx); err != nil {
		return err
	}
	for !done() {
		if err := pause(ctx); err != nil {
			return err
		}
	}
	for range 3 {
		if err := o.sendNow(ctx); err != nil {
			return err
		}
	}
	if err := o.serving[0].change(); err != nil {
		return err
	}
	o.result.Faults[versionPut]++
	for {
		behind, err := migrations.Behind(ctx, o.pool)
		if err != nil || behind == 0 {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// heardBy is the words that a version hears in the sound, without any service.
func (o *ordeal) heardBy(ctx context.Context, program string) ([]byte, error) {
	file, err := o.file(0)
	if err != nil {
		return nil, err
	}
	defer os.Remove(file)
	out := filepath.Join(o.servers.dir, "undisturbed")
	if words, err := exec.CommandContext(ctx, program, "run", "--kind", string(pipeline.Conversation), "--out", out, file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s run: %w: %s", program, err, lastLine(words))
	}
	defer os.RemoveAll(out)
	t, err := readTranscriptFile(filepath.Join(out, "transcript.json"))
	if err != nil {
		return nil, err
	}
	return wordsOf(t), nil
}

// sendNow uploads one more sound to the first server.
func (o *ordeal) sendNow(ctx context.Context) error {
	file, err := o.file(len(o.accepted))
	if err != nil {
		return err
	}
	defer os.Remove(file)
	got, err := client{o.serving[0].page, o.token}.upload(ctx, file, url.Values{"kind": {string(pipeline.Conversation)}})
	if err != nil {
		return errors.Join(errors.New("the older version takes no recording"), err)
	}
	o.accepted = append(o.accepted, got.ID)
	return nil
}
