package exchange

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func writeEAF(t *testing.T, tr *pipeline.Transcript) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteEAF(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteEAF(t *testing.T) {
	golden(t, "sample.eaf", writeEAF(t, sample()))
}

func TestEAFRoundTrip(t *testing.T) {
	for name, tr := range dialogues(t) {
		got, err := ReadEAF(bytes.NewReader(writeEAF(t, tr)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, name, tr, got)
	}
}

// ELAN's own schema is the referee.
func TestEAFIsValid(t *testing.T) {
	for name, tr := range dialogues(t) {
		valid(t, "elan/EAFv3.0.xsd", name, writeEAF(t, tr))
	}
	valid(t, "elan/EAFv3.0.xsd", "empty", writeEAF(t, &pipeline.Transcript{}))
	valid(t, "elan/EAFv3.0.xsd", "awkward", writeEAF(t, awkward()))
}

// awkward has turns of one speaker at one time, words outside their turn, labels that look
// like tiers, and characters XML cannot hold.
func awkward() *pipeline.Transcript {
	return &pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Speaker: "A", Span: pipeline.FromSeconds(1, 2), Text: "et"},
		{N: 2, Speaker: "A", Span: pipeline.FromSeconds(1, 2), Text: "to\x00\xff", Outcome: "ny", OutcomeTurn: 1,
			Words: []pipeline.Word{{Span: pipeline.FromSeconds(0, 9), Text: "to"}, {Span: pipeline.FromSeconds(0, 0), Text: "x"}}},
		{N: 3, Speaker: "A words", Span: pipeline.FromSeconds(2, 2), Text: "tre\n\"fire\""},
		{N: 4, Speaker: "", Span: pipeline.FromSeconds(3, 3)},
	}}
}

func TestEAFMovesMarksThatShareTime(t *testing.T) {
	got, err := ReadEAF(bytes.NewReader(writeEAF(t, awkward())))
	if err != nil {
		t.Fatal(err)
	}
	want := "00:00:01.000 00:00:02.000 A: et\n" +
		"00:00:02.000 00:00:02.002 A: to\ufffd\ufffd\n" + // as long as its two words need
		"00:00:02.000 00:00:02.001 A words: tre\n\"fire\"\n" +
		"00:00:03.000 00:00:03.001 ?: "
	if diff := cmp.Diff(want, texts(got)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	if n := len(got.Turns[1].Words); n != 2 {
		t.Errorf("got %d words, want 2", n)
	}
	if by := got.Turns[1].OutcomeTurn; by != 1 {
		t.Errorf("got outcome decided by turn %d, want 1", by)
	}
	if note := got.Turns[1].Note; note != "outcome: ny" { // not an outcome of ours
		t.Errorf("got note %q", note)
	}
}

func TestReadELANSamples(t *testing.T) {
	samples := shared(t, "elan/*.eaf")
	for name, want := range map[string]struct {
		turns, words int // counted in the file: annotations with times on tiers without and with a parent
		has          []string
		note         string
	}{
		"speach-test.eaf": {11, 12, []string{
			"00:00:01.040 00:00:02.330 P001: How do you read this?", "00:00:00.830 00:00:05.200 marker: convo start"},
			"Person1 (Language): en\nPerson1 (ChunkLanguage): jp | en"},
		"speach-fables.eaf": {19, 28, []string{"P001: Aesop's fables"}, ""},
	} {
		got, err := ReadEAF(bytes.NewReader(samples[name]))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := texts(got)
		for _, line := range want.has {
			if !strings.Contains(all, line) {
				t.Errorf("%s: got no %q in\n%s", name, line, all)
			}
		}
		var n int
		var notes []string
		for _, turn := range got.Turns {
			n += len(turn.Words)
			notes = append(notes, turn.Note)
		}
		if len(got.Turns) != want.turns || n != want.words {
			t.Errorf("%s: got %d turns and %d words, want %d and %d", name, len(got.Turns), n, want.turns, want.words)
		}
		if !strings.Contains(strings.Join(notes, "\n\n"), want.note) {
			t.Errorf("%s: got notes %q, want among them %q", name, notes, want.note)
		}
	}
}

// Every value of the samples stands somewhere in the transcript: nothing is dropped.
func TestEAFReadsEveryValue(t *testing.T) {
	for name, data := range shared(t, "elan/*.eaf") {
		got, err := ReadEAF(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var all strings.Builder
		for _, turn := range got.Turns {
			all.WriteString(turn.Text + "\n" + turn.Note + "\n")
			for _, w := range turn.Words {
				all.WriteString(w.Text + "\n")
			}
		}
		for _, part := range strings.Split(string(data), "<ANNOTATION_VALUE>")[1:] {
			value, _, _ := strings.Cut(part, "</ANNOTATION_VALUE>")
			if !strings.Contains(all.String(), strings.ReplaceAll(value, "&apos;", "'")) {
				t.Errorf("%s: %q is lost", name, value)
			}
		}
	}
}

// Only a tier that says nothing but where music is, is no speaker.
func TestReadEAFMusic(t *testing.T) {
	const anna = "00:00:00.100 00:00:09.000 Anna: Anna plays Für Elise"
	for name, test := range map[string]struct {
		tier, value, turns string
		music              int
	}{
		"ours":                  {`TIER_ID="music" LINGUISTIC_TYPE_REF="music"`, "music", "", 1},
		"ours, of another type": {`TIER_ID="music" LINGUISTIC_TYPE_REF="default-lt"`, "music", "", 1},
		"another's type":        {`TIER_ID="Piano" PARTICIPANT="Anna" LINGUISTIC_TYPE_REF="music"`, "Anna plays Für Elise", anna, 0},
		"another's tier":        {`TIER_ID="music" PARTICIPANT="Anna" LINGUISTIC_TYPE_REF="music"`, "Anna plays Für Elise", anna, 0},
	} {
		got, err := ReadEAF(strings.NewReader(`<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="9000"/></TIME_ORDER><TIER ` + test.tier +
			`><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>` + test.value + `</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if texts(got) != test.turns || len(got.Music) != test.music {
			t.Errorf("%s: got turns %q and music at %v, want %q and %d stretches", name, texts(got), got.Music, test.turns, test.music)
		}
	}
}

func TestReadEAFErrors(t *testing.T) {
	const head = `<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="50"/></TIME_ORDER>`
	annotation := func(from, to string) string {
		return `<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="` + from + `" TIME_SLOT_REF2="` + to + `"><ANNOTATION_VALUE>x</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>`
	}
	for name, test := range map[string]struct{ doc, want string }{
		"not XML":             {"hej", "no whole .eaf file"},
		"empty":               {"", "no whole .eaf file"},
		"another document":    {"<html/>", "ANNOTATION_DOCUMENT"},
		"frames for time":     {`<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>`, "PAL-frames"},
		"no such slot":        {head + `<TIER TIER_ID="A">` + annotation("ts1", "ts9") + `</TIER></ANNOTATION_DOCUMENT>`, `TIER "A": ANNOTATION a1: no TIME_SLOT ts1 or ts9`},
		"ends before start":   {head + `<TIER TIER_ID="A">` + annotation("ts1", "ts2") + `</TIER></ANNOTATION_DOCUMENT>`, "ends at 50ms"},
		"parent is no tier":   {head + `<TIER TIER_ID="B" PARENT_REF="C"></TIER></ANNOTATION_DOCUMENT>`, `TIER "B"`},
		"parents in a ring":   {head + `<TIER TIER_ID="B" PARENT_REF="C"/><TIER TIER_ID="C" PARENT_REF="B"/></ANNOTATION_DOCUMENT>`, "parent"},
		"unknown entity":      {`<!DOCTYPE x [<!ENTITY a "aaaa">]><ANNOTATION_DOCUMENT AUTHOR="&a;"/>`, "entity"},
		"refers to no turn":   {head + `<TIER TIER_ID="A"/><TIER TIER_ID="B" PARENT_REF="A"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="a9"/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>`, "a2 (1 of the tier)"},
		"root without times":  {head + `<TIER TIER_ID="A"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="a9"/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>`, "has no times"},
		"annotation of blank": {head + `<TIER TIER_ID="A"><ANNOTATION/></TIER></ANNOTATION_DOCUMENT>`, "has no times"},
	} {
		if _, err := ReadEAF(strings.NewReader(test.doc)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestEAFSlotsWithoutTimeStandEvenly(t *testing.T) {
	at := func(ms int64) *int64 { return &ms }
	got := eafTimes{[]eafSlot{{"a", at(100)}, {"b", nil}, {"c", nil}, {"d", at(400)}, {"e", nil}}}.slots()
	for id, want := range map[string]int64{"a": 100, "b": 200, "c": 300, "d": 400, "e": 400} {
		if got[id].Milliseconds() != want {
			t.Errorf("slot %s: got %v, want %d ms", id, got[id], want)
		}
	}
}

func FuzzReadEAF(f *testing.F) {
	var b bytes.Buffer
	if err := WriteEAF(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`<ANNOTATION_DOCUMENT><TIER TIER_ID="A"/><TIER TIER_ID="A" PARENT_REF="A"/></ANNOTATION_DOCUMENT>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tr, err := ReadEAF(bytes.NewReader(data)); err == nil {
			writeAndReadAgain(t, tr, WriteEAF, ReadEAF)
		}
	})
}
