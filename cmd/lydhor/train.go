package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"lydhor/analysis"
)

// train fits the model of the coder to coded conversations and writes it.
func (a *app) train(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	out := fs.String("out", "", "file to write the model to; standard output when not given")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	conversations, err := readTranscripts(names)
	if err != nil {
		return err
	}
	coder, err := analysis.Starter(conversations[0].Language)
	if err != nil {
		return err
	}
	model, err := coder.Train(conversations)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(model, "", " ")
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = fmt.Fprintln(a.stdout, string(data))
		return err
	}
	return os.WriteFile(*out, append(data, '\n'), 0o644)
}
