package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline"
	"lydhor/transcribe"
)

// runFiles takes recordings the whole path in this process, without any service, and writes
// a folder for each.
func (a *app) runFiles(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	out := fs.String("out", "", "folder to write to; NAME.lydhor here when not given")
	kind := fs.String("kind", string(pipeline.Conversation), "conversation, flip, meeting or interview")
	speakers := fs.Int("speakers", 0, "number of speakers, where it is known")
	channels := channelsFlag(fs)
	options := a.transcribeFlags(fs)
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: name at least one recording", errUsage)
	}
	k, err := pipeline.ParseKind(*kind)
	if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	bounds := k.Speakers()
	if *speakers > 0 {
		bounds = pipeline.Speakers{Min: *speakers, Max: *speakers}
	}
	o, err := options()
	if err != nil {
		return err
	}
	path := pipeline.Path{}
	if path.Diariser, path.Analyser, err = a.config().stages(); err != nil {
		return err
	}
	t, err := transcribe.Open(o)
	if err != nil {
		return err
	}
	defer t.Close()
	path.Transcriber = t
	take := func(ctx context.Context, file string, progress pipeline.Progress) (*pipeline.Transcript, error) {
		if *channels {
			return path.ProcessChannels(ctx, file, k, progress)
		}
		return path.Process(ctx, file, k, bounds, progress)
	}
	for _, file := range files {
		if err := a.runFile(ctx, take, file, outFolder(*out, file, len(files))); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// outFolder is out for a single recording, out/NAME for one of several.
func outFolder(out, file string, files int) string {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	switch {
	case out == "":
		return name + ".lydhor"
	case files == 1:
		return out
	}
	return filepath.Join(out, name)
}

// channelsFlag is the flag of a recording with one microphone per person.
func channelsFlag(fs *flag.FlagSet) *bool {
	return fs.Bool("channels", false, "each channel is one person's microphone")
}

// A walk makes a transcript of the recording in a file.
type walk func(context.Context, string, pipeline.Progress) (*pipeline.Transcript, error)

// runFile walks the path for one recording. The folder appears whole or not at all, and a
// folder that holds another recording's transcript is left alone.
func (a *app) runFile(ctx context.Context, take walk, file, out string) error {
	id := filepath.Base(file)
	if err := freeFor(id, out); err != nil {
		return err
	}
	bar := newBar(a.stderr, id)
	t, err := take(ctx, file, bar.progress)
	bar.end()
	if err != nil {
		return err
	}
	t.ID = id
	if err := writeFolder(ctx, out, t, file); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			return fmt.Errorf("%w: make room, or choose another disk with --out", err)
		}
		return err
	}
	for _, notice := range t.Notices {
		fmt.Fprintf(a.stderr, "note: %s\n", notice)
	}
	printSequences(a.stdout, t)
	fmt.Fprintf(a.stderr, "wrote %s\n", out)
	return nil
}

// freeFor says no where out holds the transcript of another recording than id.
func freeFor(id, out string) error {
	f, err := os.Open(filepath.Join(out, "transcript.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	t, err := pipeline.ReadTranscript(f)
	if err != nil || t.ID != id {
		return fmt.Errorf("%s holds another transcript: choose another folder with --out", out)
	}
	return nil
}

// writeFolder writes every form of t into out, by way of a folder beside it.
func writeFolder(ctx context.Context, out string, t *pipeline.Transcript, recording string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(out, ".writing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	sound := filepath.Join(tmp, "sound.m4a")
	if err := pipeline.Rendition(ctx, recording, sound); err != nil {
		return err
	}
	data, err := os.ReadFile(sound)
	if err != nil {
		return err
	}
	forms := map[string]func(io.Writer) error{
		"transcript.json": func(w io.Writer) error { return pipeline.WriteTranscript(w, t) },
		"transcript.vtt":  func(w io.Writer) error { return pipeline.WriteVTT(w, t.Turns) },
		"transcript.rttm": func(w io.Writer) error { return pipeline.WriteRTTM(w, t.ID, t.Voices) },
		"transcript.html": func(w io.Writer) error {
			return review.WriteStandalone(w, t, review.Sound{Type: pipeline.RenditionType, Data: data})
		},
	}
	for name, write := range forms {
		if err := writeFile(filepath.Join(tmp, name), write); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for name := range forms {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(out, name)); err != nil {
			return err
		}
	}
	return nil
}
