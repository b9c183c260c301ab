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
// or with --json a transcript of one unknown speaker.
func (a *app) transcribe(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("transcribe", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
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
	dir, err := os.MkdirTemp("", "lydhor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sound, err := pipeline.Decode(ctx, files[0], dir)
	if err != nil {
		return err
	}
	defer sound.Close()
	bar := newBar(a.stderr, filepath.Base(files[0]))
	speech, err := t.Transcribe(ctx, sound, bar.progress)
	bar.end()
	if err != nil {
		return err
	}
	for _, notice := range speech.Notices {
		fmt.Fprintf(a.stderr, "note: %s\n", notice)
	}
	if *asJSON {
		t := pipeline.NewTranscript("", speech, &pipeline.Voices{})
		t.ID = filepath.Base(files[0])
		return pipeline.WriteTranscript(a.stdout, t)
	}
	for _, s := range speech.Segments {
		fmt.Fprintf(a.stdout, "%s  %s\n", clock(s.Start), s.Text)
	}
	return nil
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
