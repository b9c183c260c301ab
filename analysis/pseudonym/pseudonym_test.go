package pseudonym

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"lydhor/pipeline"
)

func talk(texts ...string) *pipeline.Transcript {
	t := &pipeline.Transcript{Title: "Samtale med Jens"}
	for i, text := range texts {
		t.Turns = append(t.Turns, pipeline.Turn{N: i + 1, Text: text})
	}
	return t
}

func TestTranscript(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"name inside a sentence", "Jeg talte med Ditte i går.", "Jeg talte med [Navn 1] i går."},
		{"first name opens a sentence", "Kirsten, kom ind.", "[Navn 1], kom ind."},
		{"genitive of a first name", "Det er Kirstens barn.", "Det er [Navn 1]s barn."},
		{"first name that ends in s", "Jeg kender Lars godt.", "Jeg kender [Navn 1] godt."},
		{"title and surname", "Det var fru Kvistgaard.", "Det var [Navn 1]."},
		{"common word opens a sentence", "Mandag går jeg. Derfor.", "Mandag går jeg. Derfor."},
		{"a country is nobody", "Her i Danmark er det koldt.", "Her i Danmark er det koldt."},
		{"letters of an office", "Jeg ringer til HR om mit CV.", "Jeg ringer til HR om mit CV."},
		{"politeness", "Har De fået brevet?", "Har De fået brevet?"},
		{"CPR number with hyphen", "Det er 010203-4005.", "Det er [CPR 1]."},
		{"CPR number in words", "Nul et, nul to, nul tre, fyrre nul fem.", "[CPR 1]."},
		{"phone number", "Ring på 01 23 45 67 i morgen.", "Ring på [Telefon 1] i morgen."},
		{"phone number in words", "Det er nul en, treogtyve, femogfyrre, syvogtres.", "Det er [Telefon 1]."},
		{"numbers that count", "Vi var tre, fire, fem mand i 37 timer.", "Vi var tre, fire, fem mand i 37 timer."},
		{"address with floor", "Jeg bor på Lindevej 7, anden til venstre, alene.", "Jeg bor på [Adresse 1], alene."},
		{"workplace of two words", "Jeg var hos Dalby Maskinfabrik dengang.", "Jeg var hos [Arbejdssted 1] dengang."},
		{"place", "Vi bor i Vinterby nu.", "Vi bor i [Sted 1] nu."},
		{"e-mail", "Skriv til jens.p@eksempel.dk snart.", "Skriv til [E-mail 1] snart."},
		{"nothing", "", ""},
		{"not UTF-8", "\xff\xfe A", "\xff\xfe A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			masked, _ := Transcript(talk(tt.text))
			if got := masked.Turns[0].Text; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSameLabelThroughoutARecording(t *testing.T) {
	in := talk("Det er Dorrit, og det er Ditte.", "Dorrits bil. Ditte?")
	masked, key := Transcript(in)
	if got, want := masked.Turns[0].Text, "Det er [Navn 1], og det er [Navn 2]."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := masked.Turns[1].Text, "[Navn 1] bil. [Navn 2]?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	back, err := key.Reverse(masked)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.Turns {
		if got, want := back.Turns[i].Text, in.Turns[i].Text; got != want {
			t.Errorf("reversed: got %q, want %q", got, want)
		}
	}
}

func TestNothingBesideTheTextTells(t *testing.T) {
	in := talk("Jeg kender Dorrit.")
	turn := &in.Turns[0]
	turn.Words = []pipeline.Word{{Text: "Dorrit"}}
	turn.Note = "om Dorrit"
	turn.Evidence = map[string][]pipeline.Evidence{"outcome": {{Text: "gentager 'dorrit'", Turn: 1}}}
	turn.Speaker = "Jens"
	in.Speakers = []pipeline.Speaker{{Label: "Jens"}, {Label: "S1", Evidence: []pipeline.Evidence{{Text: "Dorrit"}}}}
	in.PII = []pipeline.PII{{Turn: 1, Kind: "name", Text: "Dorrit"}}
	in.Dropped = []pipeline.Dropped{{Text: "Dorrit"}}
	before, _ := json.Marshal(in)
	masked, _ := Transcript(in)
	got, err := json.Marshal(masked)
	if err != nil {
		t.Fatal(err)
	}
	if s := strings.ToLower(string(got)); strings.Contains(s, "dorrit") || strings.Contains(s, "jens") {
		t.Errorf("still there: %s", got)
	}
	if after, _ := json.Marshal(in); string(after) != string(before) {
		t.Errorf("the original changed: %s", after)
	}
}

func TestReverseRefusesAnEditedText(t *testing.T) {
	_, key := Transcript(talk("Jeg kender Dorrit."))
	if _, err := key.Reverse(talk("Jeg kender nogen.")); err == nil {
		t.Error("got no error for a text without the label")
	}
	if _, err := key.Reverse(talk()); err == nil {
		t.Error("got no error for a transcript without the turn")
	}
}

func TestEvaluate(t *testing.T) {
	in := talk("Jeg kender Dorrit og Citrix.", "Ungesporet, ja.")
	in.PII = []pipeline.PII{{Turn: 1, Kind: "name", Text: "Dorrit"}, {Turn: 2, Kind: "employer", Text: "Ungesporet"}}
	got, misses := Evaluate(in)
	// Dorrit is right, Citrix needless, Ungesporet missed.
	if want := (Score{Gold: 2, Masked: 1, Found: 2, Right: 1}); got != want || len(misses) != 2 {
		t.Errorf("got %+v and %v, want %+v and two misses", got, misses, want)
	}
}

// No name may be in the list because one conversation has it: each is a common one.
func TestGivenNamesAreCommon(t *testing.T) {
	const fewest = 3000
	bearers := map[string]int{}
	for _, sex := range []string{"female", "male"} {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "lexicon", "given-names-"+sex+".tsv"))
		if err != nil {
			t.Skip("no name statistics beside the project: ", err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if n, err := strconv.Atoi(fields[len(fields)-1]); err == nil {
				bearers[fields[0]] += n
			}
		}
	}
	for name := range givenNames {
		if got := bearers[strings.ToUpper(name)]; got < fewest {
			t.Errorf("%s has %d bearers, want %d", name, got, fewest)
		}
	}
}

func FuzzReverse(f *testing.F) {
	f.Add("Hej Sofie, ring 01 23 45 67", "Lindevej 7, stuen. Dorrits [Navn 1]")
	f.Add("Nul et, nul to, nul tre, fyrre nul fem", "\xffÆ 1")
	f.Fuzz(func(t *testing.T, a, b string) {
		in := talk(a, b)
		masked, key := Transcript(in)
		back, err := key.Reverse(masked)
		if err != nil {
			t.Fatal(err)
		}
		for i := range in.Turns {
			if back.Turns[i].Text != in.Turns[i].Text && !strings.Contains(in.Turns[i].Text, "[") {
				t.Errorf("got %q, want %q", back.Turns[i].Text, in.Turns[i].Text)
			}
		}
	})
}

// What has labels already, as everything that leaves the service does, keeps them, and names
// that were missed get labels of their own.
func TestLabelsAreNotLabelled(t *testing.T) {
	talk := &pipeline.Transcript{Language: "da", Turns: []pipeline.Turn{
		{N: 1, Text: "Godmorgen, [Navn 1] og velkommen til [Sted 2]."}, {N: 2, Text: "Jeg talte med Peter [Navn 3] i går."}}}
	masked, key := Transcript(talk)
	want := []string{"Godmorgen, [Navn 1] og velkommen til [Sted 2].", "Jeg talte med [Navn 4] [Navn 3] i går."}
	for i, turn := range masked.Turns {
		if turn.Text != want[i] {
			t.Errorf("got %q, want %q", turn.Text, want[i])
		}
	}
	back, err := key.Reverse(masked)
	if err != nil || back.Turns[1].Text != talk.Turns[1].Text {
		t.Errorf("reversed: got %v, %v, want what it was", back, err)
	}
}
