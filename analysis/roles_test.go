package analysis

import (
	"os"
	"path/filepath"
	"testing"

	"lydhor/pipeline"
)

// TestRolesOfGoldTalk takes the roles off the labelled conversations: nothing is trained on
// them. The professional and the citizen must be told apart in all.
func TestRolesOfGoldTalk(t *testing.T) {
	files, _ := filepath.Glob("../../shared/gold/dev/*.json")
	if len(files) == 0 {
		t.Skip("no gold dialogues in ../shared/gold/dev")
	}
	right, all := 0, 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := pipeline.ReadTranscript(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if tr.Kind != pipeline.Conversation {
			continue
		}
		want := map[string]pipeline.Role{}
		for i := range tr.Turns {
			want[tr.Turns[i].Speaker] = tr.Turns[i].Role
			tr.Turns[i].Role = pipeline.Unknown
		}
		inDanish(t).ProposeRoles(tr)
		for _, s := range tr.Speakers {
			if want[s.Label] != pipeline.Citizen && want[s.Label] != pipeline.Professional {
				continue
			}
			all++
			if s.Role == want[s.Label] {
				right++
			} else {
				t.Logf("%s %s: got %s, want %s (confidence %.2f)", tr.ID, s.Label, s.Role, want[s.Label], s.Confidence)
			}
			if !s.Proposed || len(s.Evidence) == 0 {
				t.Errorf("%s %s: got a role that is not marked as proposed, or has no reasons", tr.ID, s.Label)
			}
		}
	}
	t.Logf("%d of %d citizens and professionals", right, all)
	if right < all {
		t.Errorf("got %d of %d right", right, all)
	}
}

func TestConfirmedRolesStay(t *testing.T) {
	tr := talk("B: Hvad? Hvornår?", "P: Jeg savner dem.")
	tr.Speakers = []pipeline.Speaker{{Label: "B", Role: pipeline.Citizen}, {Label: "P", Role: pipeline.Professional}}
	inDanish(t).ProposeRoles(tr)
	if tr.Turns[0].Role != pipeline.Citizen || tr.Speakers[0].Role != pipeline.Citizen {
		t.Errorf("got %s and %s, want the confirmed citizen", tr.Turns[0].Role, tr.Speakers[0].Role)
	}
}
