package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/analysis/chat"
	"lydhor/pipeline"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// ask has a language model code transcripts, whatever codes they carry, or the recordings of
// a project, beside what others and the built-in coder say of them.
func (a *app) ask(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("ask", flag.ContinueOnError)
	out := fs.String("out", "", "folder to write to; standard output when not given")
	project := fs.String("project", "", "project whose recordings are coded, all or those named by id")
	data := folder(fs)
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if c.Chat.URL == "" {
		return errors.New("no language model is configured: LYDHOR_CHAT_URL and LYDHOR_CHAT_MODEL say which to ask")
	}
	hosts := strings.FieldsFunc(c.Chat.Hosts, func(r rune) bool { return r == ',' || r == ' ' })
	coder, err := chat.New(chat.Config{URL: c.Chat.URL, Model: c.Chat.Model, Key: c.Chat.Key, Hosts: hosts})
	if err != nil {
		return err
	}
	if *project == "" {
		return a.askFiles(ctx, coder, names, *out)
	}
	db, id, err := a.projectNamed(ctx, c, *data, *project)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := inProject(ctx, db, id, names); err != nil {
		return err
	}
	return a.askProject(ctx, coder, db, id, names)
}

// askFiles writes transcripts with the model's codes in place of those they carry.
func (a *app) askFiles(ctx context.Context, coder *chat.Coder, names []string, out string) error {
	transcripts, err := readTranscripts(names)
	if err != nil {
		return err
	}
	for _, t := range transcripts {
		coding, err := coder.Code(ctx, t)
		if err != nil {
			return fmt.Errorf("%s: %w", t.ID, err)
		}
		coded := asked(t, coding, coder)
		if out == "" {
			if err := pipeline.WriteTranscript(a.stdout, coded); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
		file := filepath.Join(out, filepath.Base(t.ID)+".json")
		if err := writeFile(file, func(w io.Writer) error { return pipeline.WriteTranscript(w, coded) }); err != nil {
			return err
		}
	}
	return nil
}

// asked is t with what the model said of it.
func asked(t *pipeline.Transcript, coding *chat.Coding, coder *chat.Coder) *pipeline.Transcript {
	coded := t.Uncoded()
	for _, m := range coding.Marks {
		turn := coded.Turn(m.Turn)
		turn.Codes, turn.Outcome, turn.OutcomeTurn, turn.Note = []pipeline.Code{pipeline.CitizenMeaning}, m.Outcome, m.Deciding, m.Reason
	}
	coded.Runs = append(coded.Runs, pipeline.Run{Stage: pipeline.Analyse, Model: coder.Name()})
	return coded
}

// fewFailures in a row end the work: the model is not there.
const fewFailures = 3

// askProject codes a project's recordings. One that the model fails on is named and stays as
// it was, and so does everything that others say of them.
func (a *app) askProject(ctx context.Context, coder *chat.Coder, db *pgxpool.Pool, project string, ids []string) error {
	coded, failed, inARow := 0, 0, 0
	for talk, err := range store.Talks(ctx, db, project) {
		if err != nil {
			return err
		}
		if len(ids) > 0 && !slices.Contains(ids, talk.ID) {
			continue
		}
		coding, err := coder.Code(ctx, talk.Uncoded())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(a.stderr, "recording %s is not coded: %v\n", talk.ID, err)
			failed, inARow = failed+1, inARow+1
			if inARow == fewFailures {
				break
			}
			continue
		}
		coded, inARow = coded+1, 0
		if err := keepAsked(ctx, db, project, talk, coding, coder.Name()); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s: %d citizen-meaning turns, %d claims that did not hold\n", talk.ID, len(coding.Marks), coding.Dropped)
	}
	fmt.Fprintf(a.stdout, "%d recordings coded by %s\n", coded, coder.Name())
	if failed > 0 {
		return fmt.Errorf("%d recordings are not coded; they stand as before: ask again when the model answers", failed)
	}
	return nil
}

// keepAsked adds the model's decisions to a recording, takes its earlier ones back, and says
// that it is done. It is all or nothing.
func keepAsked(ctx context.Context, db *pgxpool.Pool, project string, talk *store.Talk, coding *chat.Coding, name string) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for _, d := range pipeline.Standing(talk.Transcript, pipeline.ByCoder(talk.Decisions)[name]) {
			if err := store.Decide(ctx, tx, talk.ID, pipeline.Decision{Key: uuid.NewString(), Coder: name, Undoes: d.Key}); err != nil {
				return err
			}
		}
		for _, m := range coding.Marks {
			d := pipeline.Decision{Key: uuid.NewString(), Coder: name, Turn: talk.Turn(m.Turn).Span, Meaning: true, Outcome: m.Outcome, Note: m.Reason}
			if deciding := talk.Turn(m.Deciding); deciding != nil {
				d.Deciding = deciding.Span
			}
			if err := store.Decide(ctx, tx, talk.ID, d); err != nil {
				return err
			}
		}
		if err := store.SetDoneBy(ctx, tx, talk.ID, name, operator); err != nil {
			return err
		}
		return audit.AddTx(ctx, tx, audit.Event{Actor: operator, Act: "coded by a language model", Project: project, Subject: talk.ID})
	})
}
