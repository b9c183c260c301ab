package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"lydhor/pipeline"
	"lydhor/pipeline/exchange"
)

// imports makes transcripts of another program's file. One conversation goes to stdout or
// --out; a project of several needs --out, a folder, and gets a file for each there.
func (a *app) imports(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	out := fs.String("out", "", "")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fmt.Errorf("%w: give one file", errUsage)
	}
	all, err := readForeign(files[0])
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return a.writeOut(*out, func(w io.Writer) error { return pipeline.WriteTranscript(w, all[0]) })
	}
	if *out == "" {
		return fmt.Errorf("%w: %s holds %d conversations: give a folder for them with --out", errUsage, files[0], len(all))
	}
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	for i, t := range all {
		name := filepath.Join(*out, fmt.Sprintf("transcript-%02d.json", i+1))
		if err := a.writeOut(name, func(w io.Writer) error { return pipeline.WriteTranscript(w, t) }); err != nil {
			return err
		}
		fmt.Fprintln(a.stderr, name)
	}
	return nil
}

// readForeign reads the conversations of a file. One without an ID is called after the file.
func readForeign(name string) ([]*pipeline.Transcript, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	all, err := exchange.Read(name, f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, t := range all {
		if t.ID == "" {
			t.ID = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		}
	}
	return all, nil
}
