package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

func inDanish(t testing.TB) *Coder {
	t.Helper()
	c, err := Starter("da")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// talk makes a conversation of lines such as "B: Ja." or "P: Nej.", two seconds a turn.
func talk(lines ...string) *pipeline.Transcript {
	roles := map[string]pipeline.Role{"B": pipeline.Citizen, "P": pipeline.Professional}
	t := &pipeline.Transcript{Kind: pipeline.Conversation, Language: "da"}
	for i, line := range lines {
		who, text, _ := strings.Cut(line, ": ")
		start := time.Duration(2*i) * time.Second
		t.Turns = append(t.Turns, pipeline.Turn{N: i + 1, Speaker: who, Role: roles[who], Text: text,
			Span: pipeline.Span{Start: start, End: start + 1800*time.Millisecond}})
	}
	return t
}

func TestSequences(t *testing.T) {
	wish := "B: Altså jeg kunne måske godt tænke mig noget med cykler, men det er nok dumt."
	for _, test := range []struct {
		name     string
		lines    []string
		outcome  pipeline.Outcome
		deciding int
	}{
		{"asked about", []string{wish, "P: Cykler? Hvad er det ved cykler?"}, pipeline.Gripped, 2},
		{"a continuer is not an outcome", []string{wish, "P: Mm.", "B: Ja.", "P: Så det er cykler, du godt kunne tænke dig. Fortæl."}, pipeline.Gripped, 4},
		{"yes, but the rules", []string{wish, "P: Ja, men vi skal jo også have noteret din aktivitetsplan, det er et krav."}, pipeline.Overridden, 2},
		{"the weather", []string{wish, "P: Haha, ja. Puh, der er varmt herinde."}, pipeline.Overheard, 2},
		{"gripped later", []string{wish, "P: Ja, men vi skal jo også have noteret din plan, det er et krav.", "B: Okay.", "P: Fint. Så er det felt fem.", "B: Ja.",
			"P: Jeg sidder og tænker på det, du sagde med cykler. Hvad er det for nogle cykler?"}, pipeline.GrippedLate, 6},
		{"the talk ends", []string{wish}, pipeline.Open, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := talk(test.lines...)
			inDanish(t).Analyse(tr)
			turn := tr.Turns[0]
			if !turn.Has(pipeline.CitizenMeaning) {
				t.Fatalf("got codes %v, want citizen_meaning", turn.Codes)
			}
			if turn.Outcome != test.outcome || turn.OutcomeTurn != test.deciding {
				t.Errorf("got %s by turn %d, want %s by %d: %v", turn.Outcome, turn.OutcomeTurn, test.outcome, test.deciding, turn.Evidence["outcome"])
			}
			if len(turn.Evidence["outcome"]) == 0 {
				t.Error("got no evidence for the outcome")
			}
			if p := turn.Confidence["outcome"]; p < 0.5 || p > 1 {
				t.Errorf("got confidence %v", p)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       pipeline.Code
	}{
		{"wish", "B: Jeg kunne måske godt tænke mig noget med dyr.", pipeline.CitizenMeaning},
		{"work is a kind of meaning", "B: Jeg kunne godt tænke mig at arbejde som bager igen.", pipeline.LabourMarketPerspective},
		{"rules", "P: Der er frist den femtende, og jeg skal have din lægeerklæring på sagen.", pipeline.Institutional},
		{"an answer", "B: Ja. Ni til tolv.", ""},
		{"a practical wish", "B: Jeg vil gerne have et glas vand.", ""},
		{"the professional's wish is none of the citizen's", "P: Jeg kunne godt tænke mig en kop kaffe.", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := talk(test.line)
			inDanish(t).Analyse(tr)
			got := &tr.Turns[0]
			if test.want == "" && len(got.Codes) > 0 || test.want != "" && !got.Has(test.want) {
				t.Errorf("got codes %v, want %q: %v", got.Codes, test.want, got.Evidence)
			}
		})
	}
}

func TestAwkwardTalk(t *testing.T) {
	for name, lines := range map[string][]string{
		"nothing":       nil,
		"empty turns":   {"B: ", "P: ", "B: ..."},
		"no citizen":    {"P: Velkommen.", "P: Vi skal have noteret din plan."},
		"roles missing": {"X: Jeg kunne godt tænke mig noget.", "Y: Hvad?"},
		"emoji":         {"B: 🙂🙂 jeg savner ❤️ dem", "P: 👍"},
		"one long turn": {"B: " + strings.Repeat("og så kørte jeg truck ", 20000)},
	} {
		t.Run(name, func(t *testing.T) {
			tr := talk(lines...)
			run := inDanish(t).Analyse(tr)
			if run.Params["codebook"] == "" {
				t.Error("got a run that does not name its codebook")
			}
			for _, turn := range tr.Turns {
				if (turn.Outcome != "") != turn.Has(pipeline.CitizenMeaning) {
					t.Errorf("turn %d: got codes %v and outcome %q", turn.N, turn.Codes, turn.Outcome)
				}
			}
		})
	}
}

func TestAnalysisReplacesWhatStood(t *testing.T) {
	tr := talk("B: Ja. Ni til tolv.")
	tr.Turns[0].Codes, tr.Turns[0].Outcome = []pipeline.Code{pipeline.CitizenMeaning}, pipeline.Gripped
	inDanish(t).Analyse(tr)
	if len(tr.Turns[0].Codes) > 0 || tr.Turns[0].Outcome != "" {
		t.Errorf("got codes %v and outcome %q, want none", tr.Turns[0].Codes, tr.Turns[0].Outcome)
	}
}

func BenchmarkAnalyse(b *testing.B) {
	for _, talks := range []int{1, 100, 25_000} {
		b.Run(fmt.Sprintf("turns=%d", 4*talks), func(b *testing.B) { benchmarkAnalyse(b, talks) })
	}
}

// benchmarkAnalyse codes one conversation in which the same four turns come again.
func benchmarkAnalyse(b *testing.B, times int) {
	c := inDanish(b)
	lines := slices.Repeat([]string{"B: Altså jeg kunne måske godt tænke mig noget med cykler, men det er nok dumt.", "P: Ja, men vi skal jo også have noteret din aktivitetsplan.",
		"B: Okay.", "P: Hvor mange timer er du oppe om dagen, og hvornår står du op?"}, times)
	tr := talk(lines...)
	for b.Loop() {
		c.Analyse(tr)
	}
	b.ReportMetric(float64(b.N*len(tr.Turns))/b.Elapsed().Seconds(), "turns/s")
}
