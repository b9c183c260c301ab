package review

import (
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// spoken makes a turn of words, each given as text@start-end in tenths of a second.
func spoken(n int, speaker string, words ...string) pipeline.Turn {
	turn := pipeline.Turn{N: n, Speaker: speaker}
	var text []string
	for _, w := range words {
		said, at, _ := strings.Cut(w, "@")
		from, to, _ := strings.Cut(at, "-")
		span := pipeline.Span{Start: tenths(from), End: tenths(to)}
		turn.Words = append(turn.Words, pipeline.Word{Text: said, Span: span})
		text = append(text, said)
		turn.End = max(turn.End, span.End)
	}
	turn.Start, turn.Text = turn.Words[0].Start, strings.Join(text, " ")
	return turn
}

func tenths(s string) time.Duration {
	d, err := time.ParseDuration(s + "s")
	if err != nil {
		panic(err)
	}
	return d / 10
}

func TestNotation(t *testing.T) {
	tr := &pipeline.Transcript{ID: "r1", Turns: []pipeline.Turn{
		spoken(1, "S1", "Jeg@0-2", "ville@8-10", "bare@11.2-13", "spørge@13-15"),
		spoken(2, "S2", "Ja@15-17", "ja@17-20", "vent@20-24"),
		spoken(3, "S1", "om@20.2-22", "du@22-24", "ved@24-26", "det@26-30", "nu@30-33"),
		spoken(4, "S2", "Nej@45-50", "ikke@50-55"),
	}}
	loud := make(pipeline.Loudness, 5500/50)
	for i := range loud {
		loud[i] = 40 // 20 dB below full scale
	}
	for i := 2600 / 50; i < 3300/50; i++ {
		loud[i] = 70 // 15 dB softer
	}
	s := testServer(t, (&shelf{transcript: tr, loudness: loud, recordings: []Recording{{ID: "r1", State: Done}}}).config())
	_, body := get(t, s.URL+"/recordings/r1?notation=ca")
	doc := page(t, body)
	for i, want := range []string{
		"Jeg (0.6) ville (.) bare spørge =", // latched, with what follows at once
		"= Ja ja [ vent ]",
		"[ om du ] ved ° det nu °",
		"(1.2) Nej ikke",
	} {
		if got := text(all(doc, "p.said")[i]); got != want {
			t.Errorf("turn %d: got %q, want %q", i+1, got, want)
		}
	}
	if len(all(doc, "path#wave")) != 1 {
		t.Error("got no drawing of the sound")
	}
	_, body = get(t, s.URL+"/recordings/r1")
	if got := text(all(page(t, body), "p.said")[1]); got != "Ja ja vent" {
		t.Errorf("without being asked for: got %q", got)
	}
}

func TestNothingIsSoftWithoutSound(t *testing.T) {
	c := newConversation(&pipeline.Transcript{Turns: []pipeline.Turn{spoken(1, "S1", "a@0-2", "b@2-4")}}, nil)
	c.notate(nil)
	if got := c.Turns[0].Pieces; len(got) != 1 || got[0] != (piece{Text: "a b"}) {
		t.Errorf("got %+v, want the text alone", got)
	}
}

func TestOneWeakWordIsNotSoft(t *testing.T) {
	turn := spoken(1, "S1", "a@0-5", "b@5-10", "c@10-15")
	loud := pipeline.Loudness{40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40}
	if got := softOf(turn.Words, loud, -20); got[0] || got[1] || got[2] {
		t.Errorf("got %v, want none soft", got)
	}
}
