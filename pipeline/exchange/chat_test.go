package exchange

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func writeCHAT(t *testing.T, tr *pipeline.Transcript) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCHAT(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteCHAT(t *testing.T) {
	golden(t, "sample.cha", writeCHAT(t, sample()))
}

func TestCHATRoundTrip(t *testing.T) {
	for name, tr := range dialogues(t) {
		got, err := ReadCHAT(bytes.NewReader(writeCHAT(t, tr)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, name, tr, got)
	}
}

func TestCHATKeepsLabelsAndWordsOfAnotherText(t *testing.T) {
	tr := &pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Speaker: "Fru Å", Role: pipeline.Unknown, Span: pipeline.FromSeconds(1, 2), Text: "rettet tekst.",
			Words: []pipeline.Word{{Span: pipeline.FromSeconds(1, 1.5), Text: "som"}, {Span: pipeline.FromSeconds(1.5, 1.6), Text: "det,"}, {Span: pipeline.FromSeconds(1.6, 2), Text: "lød"}}},
		{N: 2, Speaker: "Fru Ø", Role: pipeline.Unknown, Span: pipeline.FromSeconds(2, 3), Text: "0 ... 05 kr. ?! (nå)"},
	}}
	got, err := ReadCHAT(bytes.NewReader(writeCHAT(t, tr)))
	if err != nil {
		t.Fatal(err)
	}
	tr.ID = "recording" // CHAT wants a name of the sound
	same(t, "labels", tr, got)
}

func TestReadCHATSamples(t *testing.T) {
	samples := shared(t, "chat/*.cha")
	for name, has := range map[string][]string{
		"languages-dan-conversation.cha": {
			"LAR: så kan vi sidde her og snakke lidt ... se det er Buster han er i skole ... men nu har vi jo ikke øh men nu har vi ikke haft båndoptageren tændt mens vi så filmen.",
			"STU: ja mm Buster."},
		"batchalign-test.cha":             {"00:00:00.125 00:00:00.475 PAR0: Hello.", "00:00:20.735 00:00:23.955 PAR0: um i like i like i like beans."},
		"audio-french-child-speech.cha":   {"00:00:02.930 00:00:07.293 SOF: l'escargot dort parce qu'il fait beau dehors."},
		"core-multiline-continuation.cha": {"CHI: mama I want to go to the park and play on the swings and the slide and the monkey bars."},
		"core-headers-speaker-info.cha":   {"F_A_T: she wants her toy."},
		"ca-overlaps.cha":                 {"SPK: one two.", "LSN: e f g h."},
		"ca-intonation.cha":               {"SPK: rising to high\n", "LSN: continuing here."},
		"ca-uptake-and-special.cha":       {"LSN: nothing that adds to what we had earlier."},
		"ca-stacked-markers.cha":          {"SPK: pianissimo."},
		"ca-nonvocal-and-long-features.cha": {"SPK: pitch up and pitch down.", "LSN: CA uses parens for uncertain words.",
			"SPK: s-s-ssegment repetition."},
	} {
		got, err := ReadCHAT(bytes.NewReader(samples[name]))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range has {
			if !strings.Contains(texts(got)+"\n", want) {
				t.Errorf("%s: got no %q in\n%s", name, want, texts(got))
			}
		}
	}
	for name, data := range samples {
		got, err := ReadCHAT(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := bytes.Count(data, []byte("\n*")); len(got.Turns) != n {
			t.Errorf("%s: got %d turns, want one for each of %d utterances", name, len(got.Turns), n)
		}
		for _, turn := range got.Turns {
			if turn.Text == "" {
				t.Errorf("%s: turn %d has no text", name, turn.N)
			}
		}
	}
}

func TestReadCHATHead(t *testing.T) {
	got, err := ReadCHAT(bytes.NewReader(shared(t, "chat/languages-dan-conversation.cha")["languages-dan-conversation.cha"]))
	if err != nil {
		t.Fatal(err)
	}
	if got.Language != "da" {
		t.Errorf("got language %q, want da", got.Language)
	}
	got, err = ReadCHAT(strings.NewReader("@Begin\n@ID:\teng|c|INV|||||Investigator|||\n@Media:\tabc, audio\n*INV:\thi &=laughs &*CHI:mm New_York (0.7) ba@b . \x150_10\x15\n%act:\twaves\n%com:\thm\n@End\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &pipeline.Transcript{ID: "abc", Speakers: []pipeline.Speaker{{Label: "INV", Role: pipeline.Researcher}}, Turns: []pipeline.Turn{
		{N: 1, Speaker: "INV", Role: pipeline.Researcher, Span: pipeline.FromSeconds(0, 0.01), Text: "hi [laughs] [CHI: mm] New York ... ba.", Note: "%act: waves\nhm"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transcript differs (-want +got):\n%s", diff)
	}
}

func TestReadCHATErrors(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"another file":         {"@Start\n", "no line @Begin"},
		"text between":         {"@Begin\nhej\n", "line 2: a line begins with"},
		"tier of nothing":      {"@Begin\n%com:\thej\n", "line 2: %com depends on no utterance"},
		"utterance of nobody":  {"@Begin\n*:\thej\n", "line 2: an utterance needs"},
		"ends before start":    {"@Begin\n\n*A:\thej . \x1520_10\x15\n", "line 3: a bullet from 20 to 10"},
		"time beyond counting": {"@Begin\n*A:\thej . \x150_99999999999999999999\x15\n", "line 2: a bullet from 0"},
		"turn without number":  {"@Begin\n*A:\thej .\n%xtur:\tx\n", "line 2: %xtur"},
	} {
		if _, err := ReadCHAT(strings.NewReader(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func FuzzReadCHAT(f *testing.F) {
	var b bytes.Buffer
	if err := WriteCHAT(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("@Begin\n*A:\t&=x 0 (.) +... \x15%snd:\"a\"_1_2\x15\n%wor:\t\x151_2\x15 .\n%cod:\t$ x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tr, err := ReadCHAT(bytes.NewReader(data)); err == nil {
			writeAndReadAgain(t, tr, WriteCHAT, ReadCHAT)
		}
	})
}
