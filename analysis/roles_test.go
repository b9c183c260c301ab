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

// Who says little, or speaks in a group, is told by words of the role, which are the evidence.
func TestRolesByWords(t *testing.T) {
	for _, test := range []struct {
		name  string
		kind  pipeline.Kind
		turns []string
		who   string
		want  pipeline.Role
	}{
		{"a relative", pipeline.Conversation, []string{"P: Hvad tænker du?", "B: Jeg ved det ikke, og jeg er så træt for tiden.", "C: Jeg er bisidder."}, "C", pipeline.Relative},
		{"an observer", pipeline.Conversation, []string{"P: Hvad tænker du?", "B: Jeg ved det ikke, og jeg er så træt for tiden.", "C: Jeg sidder bare her."}, "C", pipeline.Researcher},
		{"somebody else", pipeline.Conversation, []string{"P: Hvad tænker du?", "B: Jeg ved det ikke, og jeg er så træt for tiden.", "C: I morgen?"}, "C", pipeline.Unknown},
		{"a leader at a FLIP", pipeline.FLIP, []string{"A: Hvad tænker I?", "B: Vi mangler pladser, og puljen er tom.", "C: Det er svært."}, "B", pipeline.Leader},
		{"a practitioner at a FLIP", pipeline.FLIP, []string{"A: Hvad tænker I?", "B: Vi mangler pladser, og puljen er tom.", "C: Det er svært."}, "C", pipeline.Practitioner},
		{"who conducts a FLIP", pipeline.FLIP, []string{"A: Hvad tænker I?", "B: Vi mangler pladser, og puljen er tom.", "C: Det er svært."}, "A", pipeline.Researcher},
		{"a meeting about figures", pipeline.Meeting, []string{"A: Hvad siger udvalget?", "B: At budgettet og målet står fast.", "C: Ja."}, "C", pipeline.Leader},
		{"a meeting about something else", pipeline.Meeting, []string{"A: Hvad siger I?", "B: At det går.", "C: Ja."}, "C", pipeline.Practitioner},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := talk(test.turns...)
			tr.Kind, tr.Speakers = test.kind, nil
			for i := range tr.Turns {
				tr.Turns[i].Role = pipeline.Unknown
			}
			inDanish(t).ProposeRoles(tr)
			s := tr.Speaker(test.who)
			if s.Role != test.want || !s.Proposed || s.Confidence <= 0 || s.Confidence >= 1 {
				t.Errorf("got %s, proposed %v, confidence %v, want %s", s.Role, s.Proposed, s.Confidence, test.want)
			}
		})
	}
}
