package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"lydhor/transcribe"
)

// models lists the models there are, downloads one, says where one lies, or makes one of random
// weights for measuring.
func (a *app) models(ctx context.Context, args []string) error {
	args, err := parse(flag.NewFlagSet("models", flag.ContinueOnError), args)
	switch {
	case err != nil:
		return err
	case len(args) == 1 && args[0] == "list":
		return a.listModels()
	case len(args) == 2 && args[0] == "get":
		return a.getModel(ctx, args[1])
	case len(args) == 3 && args[0] == "random":
		return writeFile(args[2], func(w io.Writer) error { return transcribe.WriteRandom(w, args[1]) })
	case len(args) == 2 && args[0] == "path":
		m, err := transcribe.Find(args[1], a.config().Models)
		if err == nil {
			_, err = fmt.Fprintln(a.stdout, m.File)
		}
		return err
	}
	return fmt.Errorf("%w: say list, get NAME, path NAME or random SHAPE FILE", errUsage)
}

func (a *app) listModels() error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t11 MB\tbuilt in\tthe demo voices only\n", transcribe.Demo.Name)
	for _, p := range transcribe.Registry() {
		m, err := transcribe.Find(p.Name, a.config().Models)
		if err != nil {
			return err
		}
		here := "-"
		if _, err := os.Stat(m.File); err == nil {
			here = "here"
		}
		fmt.Fprintf(w, "%s\t%d MB\t%s\t%s\n", p.Name, p.Size/1e6, here, p.For)
	}
	return w.Flush()
}

func (a *app) getModel(ctx context.Context, name string) error {
	base := a.config().ModelsURL
	for _, p := range transcribe.Registry() {
		if p.Name != name {
			continue
		}
		percent := int64(-1)
		file, err := transcribe.Get(ctx, base, p, a.config().Models, func(done int64) {
			if now := 100 * done / p.Size; now != percent {
				percent = now
				fmt.Fprintf(a.stderr, "\r%s %d %%", name, percent)
			}
		})
		if percent >= 0 {
			fmt.Fprintln(a.stderr)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, file)
		return err
	}
	return fmt.Errorf("no model %q: `lydhor models list` names those there are", name)
}
