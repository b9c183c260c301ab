package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"lydhor/analysis/pseudonym"
	"lydhor/pipeline"
	"lydhor/pipeline/exchange"
)

// export writes a transcript in the format of another program, with labels for what points to
// a person unless it is to be plain.
func (a *app) export(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("export", flag.ContinueOnError)
	name := fs.String("format", "", "")
	out := fs.String("out", "", "")
	plain := fs.Bool("plain", false, "leave what points to a person in it")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 || *name == "" {
		return fmt.Errorf("%w: give one transcript and its --format", errUsage)
	}
	format, err := exchange.ParseFormat(*name)
	if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	t, err := readTranscriptFile(files[0])
	if err != nil {
		return err
	}
	if !*plain {
		t, _ = pseudonym.Transcript(t)
	}
	return a.writeOut(*out, func(w io.Writer) error { return format.Write(w, t) })
}

func readTranscriptFile(name string) (*pipeline.Transcript, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := pipeline.ReadTranscript(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// writeOut writes to the file of that name, or to stdout where there is none. A file that
// cannot be written to its end is removed.
func (a *app) writeOut(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(a.stdout)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(name)
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
