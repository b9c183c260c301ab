package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"lydhor/analysis/pseudonym"
	"lydhor/pipeline"
)

// pseudonymise writes a transcript with labels for what points to a person, and the key to
// a file of its own that only its owner may read. Without --key there is no way back.
func (a *app) pseudonymise(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("pseudonymise", flag.ContinueOnError)
	out := fs.String("out", "", "file for the transcript; standard output without it")
	keyFile := fs.String("key", "", "file for the key that reverses the labels; must not exist yet")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fmt.Errorf("%w: give one transcript", errUsage)
	}
	t, err := readTranscriptFile(files[0])
	if err != nil {
		return err
	}
	masked, key := pseudonym.Transcript(t)
	if *keyFile != "" {
		if err := writeKey(*keyFile, key); err != nil {
			return err
		}
	}
	return a.writeOut(*out, func(w io.Writer) error { return pipeline.WriteTranscript(w, masked) })
}

// writeKey never overwrites: an older key may be the only one to an older export.
func writeKey(name string, key pseudonym.Key) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := writeJSON(f, key); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
