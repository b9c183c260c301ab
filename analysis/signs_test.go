package analysis

import (
	"os"
	"path/filepath"
	"testing"

	"lydhor/pipeline"
)

func TestEverySignHasANameInBothLanguages(t *testing.T) {
	signs, err := Signs()
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) {
		if l := signs[name]; l.DA == "" || l.EN == "" {
			t.Errorf("%q is named %+v", name, l)
		}
	}
	m := inDanish(t).model
	for _, set := range []map[pipeline.Code]*Regression{m.Codes, m.Alone} {
		for _, r := range set {
			for name := range r.Weights {
				named(name)
			}
		}
	}
	for _, r := range m.Outcomes {
		for name := range r.Weights {
			named(name)
		}
	}
	for name, l := range signs {
		if l.DA == l.EN {
			t.Errorf("%q is the same in Danish and English", name)
		}
	}
}

// TestTalks reads the conversations that the model is trained on beside the shared ones.
func TestTalks(t *testing.T) {
	files, _ := filepath.Glob("talks/?/*.json")
	if len(files) == 0 {
		t.Fatal("got no talks")
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := pipeline.ReadTranscript(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, turn := range tr.Turns {
			if (turn.Outcome != "") != turn.Has(pipeline.CitizenMeaning) {
				t.Errorf("%s, turn %d: codes %v with outcome %q", name, turn.N, turn.Codes, turn.Outcome)
			}
		}
	}
}
