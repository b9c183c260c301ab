package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// analyse codes transcripts in the gold format, whatever codes they carry, and writes the
// same format; or has a project's recordings coded again.
func (a *app) analyse(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("analyse", flag.ContinueOnError)
	project := fs.String("project", "", "project whose recordings are coded again, all or those named by id")
	data := folder(fs)
	codebook := fs.String("codebook", "", "codebook in YAML; the one that comes with lydhor when not given")
	out := fs.String("out", "", "folder to write to; standard output when not given")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *project != "" {
		return a.analyseAgain(ctx, c, *data, *project, names)
	}
	transcripts, err := readTranscripts(names)
	if err != nil {
		return err
	}
	for _, t := range transcripts {
		coder, err := openCoder(*codebook, t.Language)
		if err != nil {
			return err
		}
		t.Analysed(coder)
		if *out == "" {
			if err := pipeline.WriteTranscript(a.stdout, t); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(*out, 0o755); err != nil {
			return err
		}
		file := filepath.Join(*out, filepath.Base(t.ID)+".json")
		if err := writeFile(file, func(w io.Writer) error { return pipeline.WriteTranscript(w, t) }); err != nil {
			return err
		}
	}
	return nil
}

// analyseAgain queues the recordings of a project that are done, to be coded by the codebook
// and the model that the project has chosen.
func (a *app) analyseAgain(ctx context.Context, c *config, data, project string, ids []string) error {
	db, id, err := a.projectNamed(ctx, c, data, project)
	if err != nil {
		return err
	}
	defer db.Close()
	inbox, err := workers.NewInbox(db, nil)
	if err != nil {
		return err
	}
	if err := inProject(ctx, db, id, ids); err != nil {
		return err
	}
	n, err := inbox.Analyse(ctx, id, ids...)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d recordings are coded again; what people decided stays\n", n)
	return audit.Add(ctx, db, audit.Event{Actor: operator, Act: "analyse again", Project: id})
}

// inProject is nil where a project has all those recordings.
func inProject(ctx context.Context, db store.DB, project string, ids []string) error {
	for _, id := range ids {
		_, err := store.RecordingIn(ctx, db, project, id)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("the project has no recording %s: `lydhor status` lists them", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openCoder makes a coder of the codebook in file, or of the starter in that language.
func openCoder(file, language string) (*analysis.Coder, error) {
	if file == "" {
		return analysis.Starter(language)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	book, err := analysis.ReadCodebook(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return analysis.New(book), nil
}

// writeFile creates a file and writes it.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	return f.Close()
}
