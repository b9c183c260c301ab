package analysis

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
		"nothing":           nil,
		"empty turns":       {"B: ", "P: ", "B: ..."},
		"no citizen":        {"P: Velkommen.", "P: Vi skal have noteret din plan."},
		"roles missing":     {"X: Jeg kunne godt tænke mig noget.", "Y: Hvad?"},
		"emoji":             {"B: 🙂🙂 jeg savner ❤️ dem", "P: 👍"},
		"one long turn":     {"B: " + strings.Repeat("og så kørte jeg truck ", 20000)},
		"a long answer":     {"B: " + strings.Repeat("jeg savner værkstedet ", 5000), "P: " + strings.Repeat("så det er værkstedet du savner ", 5000)},
		"mixed languages":   {"B: Ich möchte gerne, altså jeg vil helst, you know, work with hest 马", "P: Okay. What about المواعيد, har du styr på dem?"},
		"letters apart":     {"B: Jeg ka\u030an go\u0301dt lide \xff\xfe det", "P: Hva\u0300d?"},
		"nothing but marks": {"B: ?!... — ?", "P: ?", "B: ,", "P: …"},
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

// TestRolesTurnedAround codes a talk whose speakers were mistaken for one another: nothing is
// lost, and every code still sits on a role that it may sit on.
func TestRolesTurnedAround(t *testing.T) {
	tr := talk("P: Altså jeg kunne måske godt tænke mig noget med cykler.", "B: Ja, men vi skal jo også have noteret din plan, det er et krav.")
	inDanish(t).Analyse(tr)
	for _, turn := range tr.Turns {
		if turn.Has(pipeline.CitizenMeaning) && turn.Role != pipeline.Citizen || turn.Has(pipeline.Institutional) && turn.Role != pipeline.Professional {
			t.Errorf("turn %d of %s: got codes %v", turn.N, turn.Role, turn.Codes)
		}
	}
}

func TestThemesAndQuotedCitizens(t *testing.T) {
	tr := &pipeline.Transcript{Kind: pipeline.FLIP, Language: "da", Turns: []pipeline.Turn{
		{N: 1, Speaker: "A", Role: pipeline.Researcher, Text: "Hvad står i vejen for reel inddragelse?"},
		{N: 2, Speaker: "B", Role: pipeline.Practitioner, Text: "Vi skifter hele tiden. Så siger hun, jeg kunne godt tænke mig at arbejde som bager igen, og så er jeg væk."},
		{N: 3, Speaker: "C", Role: pipeline.Practitioner, Text: "Og borgmesteren sagde, jeg vil se tal på det."},
	}}
	inDanish(t).Analyse(tr)
	if len(tr.Themes) == 0 || tr.Themes[0].Turn != 1 || !slices.Contains(tr.Themes[0].Themes, "pot_involvement") {
		t.Errorf("got themes %v, want involvement in turn 1", tr.Themes)
	}
	quote := tr.Turns[1].Evidence[QuotedCitizen]
	if len(quote) != 1 || !strings.HasPrefix(quote[0].Text, "jeg kunne godt tænke mig") {
		t.Errorf("got quote %v", quote)
	}
	if len(tr.Turns[1].Codes) > 0 {
		t.Errorf("got codes %v on a quoted citizen", tr.Turns[1].Codes)
	}
	if tr.Turns[2].Evidence[QuotedCitizen] != nil {
		t.Error("took the mayor for a citizen")
	}
	conversation := talk("B: Der er ingen inddragelse.", "P: Nej.")
	inDanish(t).Analyse(conversation)
	if len(conversation.Themes) > 0 {
		t.Errorf("got themes %v of a conversation", conversation.Themes)
	}
}

func FuzzAnalyse(f *testing.F) {
	f.Add("Altså jeg kunne godt tænke mig noget med dyr.", "Dyr? Hvad er det ved dyr?", "conversation")
	f.Add("", "...", "flip")
	f.Add("borgeren siger, jeg vil \xff hjem", "ja men 🙂 vi skal", "meeting")
	c := inDanish(f)
	f.Fuzz(func(t *testing.T, said, answer, kind string) {
		tr := talk("B: "+said, "P: "+answer, "B: "+answer, "P: "+said)
		tr.Kind = pipeline.Kind(kind)
		c.Analyse(tr)
		for _, turn := range tr.Turns {
			if (turn.Outcome != "") != turn.Has(pipeline.CitizenMeaning) || turn.OutcomeTurn > len(tr.Turns) {
				t.Errorf("turn %d: got codes %v, outcome %q by turn %d", turn.N, turn.Codes, turn.Outcome, turn.OutcomeTurn)
			}
			for key, p := range turn.Confidence {
				if !(p >= 0 && p <= 1) {
					t.Errorf("turn %d: got confidence %v in %s", turn.N, p, key)
				}
			}
		}
	})
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

// benchmarkAnalyse codes one conversation in which the talks of this project come again. The
// turns a second are of processor time, so that a busy machine does not count.
func benchmarkAnalyse(b *testing.B, times int) {
	c := inDanish(b)
	turns := benchmarkTurns(b)
	tr := &pipeline.Transcript{Kind: pipeline.Conversation, Language: "da", Turns: slices.Repeat(turns, 1+4*times/len(turns))[:4*times]}
	for i := range tr.Turns {
		tr.Turns[i].N = i + 1
	}
	before := processorTime(b)
	for b.Loop() {
		c.Analyse(tr)
	}
	b.ReportMetric(float64(b.N*len(tr.Turns))/(processorTime(b)-before).Seconds(), "turns/cpu-s")
}

func benchmarkTurns(b *testing.B) (turns []pipeline.Turn) {
	files, err := filepath.Glob("talks/?/*.json")
	if err != nil || len(files) == 0 {
		b.Fatalf("got no talks: %v", err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		tr, err := pipeline.ReadTranscript(f)
		f.Close()
		if err != nil {
			b.Fatal(err)
		}
		turns = append(turns, tr.Turns...)
	}
	return turns
}

// processorTime is what this process has used of the processor, by the user's clock and the
// system's.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
