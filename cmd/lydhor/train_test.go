package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/analysis"
	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// A desk is a database with a project, and the commands over it.
type desk struct {
	t       *testing.T
	url     string
	db      *pgxpool.Pool
	project string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, url: pgtest.URL(t)}
	var err error
	if d.db, err = store.Open(t.Context(), d.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.db.Close)
	if d.project, err = store.Project(t.Context(), d.db, "P"); err != nil {
		t.Fatal(err)
	}
	return d
}

// run runs a command with the database configured, and gives its exit status and what it
// printed.
func (d *desk) run(args ...string) (status int, out, words string) {
	d.t.Helper()
	return d.runWith(nil, args...)
}

func (d *desk) runWith(env map[string]string, args ...string) (status int, out, words string) {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{stdout: &stdout, stderr: &stderr, stdin: strings.NewReader(""), getenv: func(name string) string {
		if name == "LYDHOR_DATABASE_URL" {
			return d.url
		}
		return env[name]
	}}
	status = a.run(context.Background(), args)
	return status, stdout.String(), stderr.String()
}

// record adds a recording that is done, with turns as role: text, coded by the starter.
func (d *desk) record(lines ...string) string {
	d.t.Helper()
	id, added, err := store.AddRecording(d.t.Context(), d.db, store.Recording{ID: uuid.NewString(), Project: d.project, Name: "x", Kind: pipeline.Conversation, SHA256: uuid.NewString(), Profile: "demo"})
	if err != nil || !added {
		d.t.Fatalf("add: %v", err)
	}
	said := &pipeline.Transcript{Language: "da", Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{{Label: "P", Role: pipeline.Professional}, {Label: "B", Role: pipeline.Citizen}}}
	for i, line := range lines {
		label, text, _ := strings.Cut(line, ": ")
		said.Turns = append(said.Turns, pipeline.Turn{N: i + 1, Speaker: label, Role: said.Speaker(label).Role, Span: pipeline.FromSeconds(float64(2*i), float64(2*i+1)), Text: text})
	}
	coder, err := analysis.Starter("da")
	if err != nil {
		d.t.Fatal(err)
	}
	said.Analysed(coder)
	if err := pgx.BeginFunc(d.t.Context(), d.db, func(tx pgx.Tx) error {
		if err := store.SaveTranscript(d.t.Context(), tx, id, said); err != nil {
			return err
		}
		return store.SetDone(d.t.Context(), tx, id)
	}); err != nil {
		d.t.Fatal(err)
	}
	return id
}

// decide has somebody decide on turn n of a recording: an outcome, or "" for none.
func (d *desk) decide(recording, coder string, n int, outcome pipeline.Outcome) {
	d.t.Helper()
	span := pipeline.FromSeconds(float64(2*(n-1)), float64(2*n-1))
	if err := store.Decide(d.t.Context(), d.db, recording, pipeline.Decision{Key: uuid.NewString(), Coder: coder, Turn: span, Meaning: outcome != "", Outcome: outcome}); err != nil {
		d.t.Fatal(err)
	}
}

// Analysts who take questions for citizen meaning, which the starter does not, teach their
// project to; another project's model stays as it was, and it can be taken back.
func TestTrainProject(t *testing.T) {
	d := newDesk(t)
	teach := func(i int) string {
		id := d.record("P: Hvordan går det med dig?", fmt.Sprintf("B: Hvornår skal jeg møde på plads nummer %d?", i), "P: Det skriver jeg i planen.",
			"B: Jeg savner mine kolleger og det at køre truck, det gjorde mig glad.", "P: Nå, det var godt. Vi skal også have udfyldt skemaet.",
			"B: Skal jeg selv tage brevet med til lægen?", "P: Ja, det skal du.", "B: Det var i fireoghalvfems på havnen.", "P: Så siger vi det.")
		for n, outcome := range map[int]pipeline.Outcome{2: pipeline.Gripped, 4: "", 6: pipeline.Gripped, 8: ""} {
			d.decide(id, "anna", n, outcome)
		}
		return id
	}
	withdrawn := teach(0)
	if status, _, words := d.run("train", "--project", "P"); status != 1 || !strings.Contains(words, "1 decided conversations in da: it takes at least 3") {
		t.Errorf("one conversation: got %d and %q", status, words)
	}
	for i := range 39 {
		teach(i + 1)
	}
	status, out, words := d.run("train", "--project", "P")
	if status != 0 || !strings.Contains(out, "40 conversations with decisions on 160 turns") || !strings.Contains(out, "kept as version 1") {
		t.Fatalf("got %d, %q and %q, want a model that is kept", status, out, words)
	}
	coders, err := store.NewCoders(d.db)
	if err != nil {
		t.Fatal(err)
	}
	asks := func() (bool, string) {
		coding, err := coders.Of(t.Context(), d.project)
		if err != nil {
			t.Fatal(err)
		}
		talk := &pipeline.Transcript{Language: "da", Turns: []pipeline.Turn{{N: 1, Speaker: "P", Role: pipeline.Professional, Text: "Hvordan går det med dig?"},
			{N: 2, Speaker: "B", Role: pipeline.Citizen, Text: "Hvornår skal jeg møde på plads nummer 99?"}, {N: 3, Speaker: "P", Role: pipeline.Professional, Text: "Det skriver jeg i planen."}}}
		run := coding.Analyse(talk)
		return talk.Turns[1].Has(pipeline.CitizenMeaning), run.Params["project_model"]
	}
	if is, version := asks(); !is || version != "1" {
		t.Errorf("got %t by version %q, want a question to count by version 1", is, version)
	}
	if status, _, words := d.run("train", "--project", "P"); status != 1 || !strings.Contains(words, "has not learned from") {
		t.Errorf("nothing new: got %d and %q", status, words)
	}
	if status, out, _ := d.run("train", "--project", "P", "--back"); status != 0 || !strings.Contains(out, "da  starter") || !strings.Contains(strings.Split(out, "starter")[1], "in use") {
		t.Errorf("back: got %d and %q, want the starter in use", status, out)
	}
	if is, version := asks(); is || version != "" {
		t.Errorf("after back: got %t by version %q, want the starter", is, version)
	}
	if status, _, _ := d.run("train", "--project", "P", "--use", "1"); status != 0 {
		t.Errorf("forth again: got status %d", status)
	}
	if status, _, words := d.run("train", "--project", "P", "--use", "7"); status != 1 || !strings.Contains(words, `no model version "7"`) {
		t.Errorf("a version there is not: got %d and %q", status, words)
	}
	proof, err := consent.Erase(t.Context(), d.db, &blob.Memory{}, withdrawn, operator, "withdrawn")
	if err != nil || proof.Rows["model"] != 1 {
		t.Errorf("erased: got %+v, %v, want the model that learned from it gone", proof, err)
	}
	if is, version := asks(); is || version != "" {
		t.Errorf("after an erasure: got %t by version %q, want the starter", is, version)
	}
	if status, out, words := d.run("train", "--project", "P"); status != 0 || !strings.Contains(out, "39 conversations") || !strings.Contains(out, "kept as version 2") {
		t.Errorf("learned again: got %d, %q and %q, want version 2: a number is not used twice", status, out, words)
	}
	if status, _, words := d.run("analyse", "--project", "P", withdrawn); status != 1 || !strings.Contains(words, "no recording "+withdrawn) {
		t.Errorf("analyse what is gone: got %d and %q", status, words)
	}
	if status, _, words := d.run("train", "--project", "nowhere"); status != 1 || !strings.Contains(words, `no project "nowhere"`) {
		t.Errorf("no project: got %d and %q", status, words)
	}
}

// What those who are done leave unmarked is no citizen meaning; where people are divided
// nothing is learned until they settle it.
func TestLessons(t *testing.T) {
	d := newDesk(t)
	id := d.record("P: Hej.", "B: Jeg vil gerne arbejde med dyr.", "P: Ja.", "B: Det var i går eller i forgårs.", "P: Godt.")
	coders, err := store.NewCoders(d.db)
	if err != nil {
		t.Fatal(err)
	}
	says := func() map[int]analysis.Said {
		list, err := store.Lessons(t.Context(), d.db, coders, d.project, "da")
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return nil
		}
		return list[0].Says
	}
	if got := says(); got != nil {
		t.Errorf("nobody decided: got %v", got)
	}
	d.decide(id, "anna", 2, pipeline.Gripped)
	if got := says(); len(got) != 2 || got[2] != (analysis.Said{Meaning: true, Outcome: pipeline.Gripped}) || got[4] != (analysis.Said{}) {
		t.Errorf("anna is done: got %v, want 2 gripped and 4 none", got)
	}
	d.decide(id, "bo", 2, pipeline.Overheard)
	if got := says(); len(got) != 1 || got[4] != (analysis.Said{}) {
		t.Errorf("divided: got %v, want 4 alone", got)
	}
	d.decide(id, pipeline.Consensus, 2, pipeline.Open)
	if got := says(); len(got) != 2 || got[2].Outcome != pipeline.Open {
		t.Errorf("settled: got %v, want 2 open", got)
	}
}

func TestDoubts(t *testing.T) {
	d := newDesk(t)
	sure := d.record("P: Hej.", "B: Jeg vil gerne arbejde med dyr.", "P: Hvad er det ved dyr?")
	unsure := d.record("P: Hej.", "B: Jeg vil gerne arbejde med dyr.", "P: Hvad er det ved dyr?")
	for id, p := range map[string]float64{sure: 0.9, unsure: 0.5} {
		if _, err := d.db.Exec(t.Context(), `update turn set codes = '{citizen_meaning}', confidence = jsonb_build_object('citizen_meaning', $2::float8, 'outcome', 0.8) where recording = $1 and n = 2`, id, p); err != nil {
			t.Fatal(err)
		}
	}
	doubts := func(coder string) map[string]store.Doubt {
		list, err := store.Doubts(t.Context(), d.db, d.project, coder)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]store.Doubt{}
		for _, doubt := range list {
			by[doubt.Recording] = doubt
		}
		return by
	}
	got := doubts("anna")
	if got[sure].Flags != 1 || got[sure].Unsure != 0 || got[unsure].Unsure != 1 || got[unsure].Mean < 0.59 || got[unsure].Mean > 0.61 {
		t.Errorf("got %v, want 1 - 0.5 · 0.8 for the one that is unsure", got)
	}
	d.decide(unsure, "anna", 2, pipeline.Gripped)
	if got := doubts("anna"); len(got) != 1 || got[sure].Flags != 1 {
		t.Errorf("after deciding: got %v, want the other alone", got)
	}
	if got := doubts("bo"); len(got) != 2 {
		t.Errorf("bo has decided nothing: got %v", got)
	}
}
