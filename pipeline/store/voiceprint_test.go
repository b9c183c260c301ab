package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// Voices are kept only where the project recognises them, and only as long.
func TestVoiceprints(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	prints := []pipeline.Voiceprint{{Speaker: "S1", Kind: "k", Vector: []float32{1, 2}, Least: 0.5}, {Speaker: "S2", Kind: "k", Vector: []float32{3, 4}, Least: 0.5}}
	for _, step := range []struct {
		name string
		do   func(tx pgx.Tx) error
		want int
	}{
		{"off, as every project begins", func(tx pgx.Tx) error { return store.SaveVoiceprints(t.Context(), tx, id, prints) }, 0},
		{"switched on", func(tx pgx.Tx) error { _, err := store.RecogniseVoices(t.Context(), tx, project, true); return err }, 0},
		{"kept", func(tx pgx.Tx) error { return store.SaveVoiceprints(t.Context(), tx, id, prints) }, 2},
		{"kept again", func(tx pgx.Tx) error { return store.SaveVoiceprints(t.Context(), tx, id, prints[:1]) }, 1},
		{"switched on again", func(tx pgx.Tx) error { _, err := store.RecogniseVoices(t.Context(), tx, project, true); return err }, 1},
		{"switched off", func(tx pgx.Tx) error { _, err := store.RecogniseVoices(t.Context(), tx, project, false); return err }, 0},
		{"on once more, with what was forgotten gone", func(tx pgx.Tx) error { _, err := store.RecogniseVoices(t.Context(), tx, project, true); return err }, 0},
	} {
		if err := pgx.BeginFunc(t.Context(), db, step.do); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got, err := store.Voiceprints(t.Context(), db, project)
		if err != nil || len(got) != step.want {
			t.Fatalf("%s: got %v, %v, want %d", step.name, got, err, step.want)
		}
		if len(got) > 0 && (got[0].Recording != id || got[0].Speaker != "S1" || got[0].Vector[1] != 2) {
			t.Errorf("%s: got %+v", step.name, got[0])
		}
	}
}

func TestNamings(t *testing.T) {
	db, project := setup(t)
	kept, other := add(t, db, project, "aa"), add(t, db, project, "bb")
	in(t, db, func(tx pgx.Tx) error {
		if _, err := store.RecogniseVoices(t.Context(), tx, project, true); err != nil {
			return err
		}
		return store.SaveVoiceprints(t.Context(), tx, kept, []pipeline.Voiceprint{{Speaker: "S1", Kind: "k", Vector: []float32{1}}})
	})
	for _, id := range []string{kept, other} {
		for _, c := range []pipeline.Correction{
			{Key: "1", Do: pipeline.ChangeText, To: "tekst"}, {Key: "2", Do: pipeline.ChangeLabel, Label: "S1", To: "Bo"}, {Key: "3", Undoes: "2"},
		} {
			if err := store.Correct(t.Context(), db, id, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := store.Namings(t.Context(), db, project)
	if err != nil || len(got) != 1 || len(got[kept]) != 2 || got[kept][0].To != "Bo" || got[kept][1].Undoes != "2" {
		t.Errorf("got %v, %v, want the naming of the recording whose voices are kept, and its undoing", got, err)
	}
}
