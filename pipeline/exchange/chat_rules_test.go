package exchange

import (
	"strings"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/exchange/chattest"
)

func TestCHATKeepsTheRules(t *testing.T) {
	all := dialogues(t)
	all["awkward"] = &pipeline.Transcript{ID: "akavet", Turns: []pipeline.Turn{
		{N: 1, Speaker: "Fru Å", Role: pipeline.Citizen, Span: pipeline.FromSeconds(1, 2), Text: "”Det’s” sagde hun… 40-41, -Næste 8.30 ‘ja‘ 07 – - 50% +45 12"},
		{N: 2, Speaker: "Fru Ø", Role: pipeline.Leader, Span: pipeline.FromSeconds(1.5, 3), Text: "kl. 9... “ja” „nej“ #1 @mig □ (0.6) &=ler"},
	}}
	for name, tr := range all {
		text := string(writeCHAT(t, tr))
		for _, fault := range append(chattest.Faults(tr.ID, text), chattest.WordFaults(text)...) {
			t.Errorf("%s: %s", name, fault)
		}
		got, err := ReadCHAT(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "awkward" {
			for i, turn := range got.Turns {
				if turn.Text != tr.Turns[i].Text {
					t.Errorf("got %q back, want %q", turn.Text, tr.Turns[i].Text)
				}
			}
		}
	}
}
