package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

func TestCorrections(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	want := []pipeline.Correction{
		{Key: "a", Coder: "anna", Do: pipeline.ChangeText, Turn: pipeline.FromSeconds(1, 2.5), To: "Øl."},
		{Key: "b", Coder: "bo", Do: pipeline.Split, Turn: pipeline.FromSeconds(1, 2.5), From: 1200 * time.Millisecond},
		{Key: "c", Coder: "bo", Do: pipeline.ChangeRole, Label: "S1", To: "citizen"},
		{Key: "d", Coder: "anna", Undoes: "a"},
	}
	for _, c := range append(want, want[0]) { // the last one is there already
		if err := store.Correct(ctx, db, id, c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.Corrections(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(pipeline.Correction{}, "Made")); diff != "" {
		t.Errorf("corrections differ (-want +got):\n%s", diff)
	}
	if _, err := db.Exec(ctx, `update correction set new = 'x'`); err == nil {
		t.Error("got a correction changed, want it refused")
	}
}
