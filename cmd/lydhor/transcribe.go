package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"lydhor/pipeline"
	"lydhor/transcribe"
)

// transcribe hears one recording and prints what was said, without speakers: its segments,
// or with --json a transcript of one unknown speaker. With --channels the speakers are the
// channels.
func (a *app) transcribe(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("transcribe", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
	channels := channelsFlag(fs)
	flags := a.transcribeFlags(fs)
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fmt.Errorf("%w: name one recording", errUsage)
	}
	options, err := flags()
	if err != nil {
		return err
	}
	t, err := transcribe.Open(options)
	if err != nil {
		return err
	}
	defer t.Close()
	bar := newBar(a.stderr, filepath.Base(files[0]))
	hear := hearWhole
	if *channels {
		hear = hearEach
	}
	got, err := hear(ctx, t, files[0], bar.progress)
	bar.end()
	if err != nil {
		return err
	}
	for _, notice := range got.Notices {
		fmt.Fprintf(a.stderr, "note: %s\n", notice)
	}
	if *asJSON {
		got.ID = filepath.Base(files[0])
		return pipeline.WriteTranscript(a.stdout, got.Transcript)
	}
	for _, line := range got.lines {
		fmt.Fprintln(a.stdout, line)
	}
	return nil
}

// heard is a transcript and the lines that it is printed as.
type heard struct {
	*pipeline.Transcript
	lines []string
}

// hearWhole hears the recording in file, by segments.
func hearWhole(ctx context.Context, t pipeline.Transcriber, file string, progress pipeline.Progress) (*heard, error) {
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	sound, err := pipeline.Decode(ctx, file, dir)
	if err != nil {
		return nil, err
	}
	defer sound.Close()
	speech, err := t.Transcribe(ctx, sound, progress)
	if err != nil {
		return nil, err
	}
	s := &heard{Transcript: pipeline.NewTranscript("", speech, &pipeline.Voices{})}
	for _, segment := range speech.Segments {
		s.lines = append(s.lines, clock(segment.Start)+"  "+segment.Text)
	}
	return s, nil
}

// hearEach hears each channel of the recording in file, by turns.
func hearEach(ctx context.Context, t pipeline.Transcriber, file string, progress pipeline.Progress) (*heard, error) {
	speeches, err := pipeline.HearChannels(ctx, t, file, progress)
	if err != nil {
		return nil, err
	}
	s := &heard{Transcript: pipeline.NewChannelsTranscript("", speeches)}
	for _, turn := range s.Turns {
		s.lines = append(s.lines, clock(turn.Start)+"  "+turn.Speaker+"  "+turn.Text)
	}
	return s, nil
}

// transcribeFlags are the flags that say how to transcribe; call what it returns after
// parsing.
func (a *app) transcribeFlags(fs *flag.FlagSet) func() (transcribe.Options, error) {
	model := fs.String("model", "", "name of `lydhor models list`, or path of a ggml file; the demo model when not given")
	language := fs.String("language", "", "language spoken, two letters; auto detects it in each piece; when not given Danish, unless the model is sure of another")
	prompt := fs.String("prompt", "", "names and words to expect")
	device := fs.String("device", "auto", "auto, cpu, cuda:0, vulkan:0, …")
	threads := fs.Int("threads", 0, "processor threads; all when not given")
	return func() (transcribe.Options, error) {
		m, err := transcribe.Find(*model, a.config().Models)
		return transcribe.Options{Model: m, Language: *language, Prompt: *prompt, Device: *device, Threads: *threads}, err
	}
}
