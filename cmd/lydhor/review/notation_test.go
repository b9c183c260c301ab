package review

import (
	"net/http"
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

// Music stands where it begins: in a turn, in the silence between two, behind the last.
func TestMusicInTheText(t *testing.T) {
	tr := &pipeline.Transcript{ID: "r1", Language: "da", Turns: []pipeline.Turn{
		spoken(1, "S1", "Jeg@0-2", "ville@100-110", "bare@110-120", "spørge@121-130"),
		spoken(2, "S2", "Ja@330-340", "vent@340-350"),
		{N: 3, Speaker: "S1", Span: pipeline.FromSeconds(40, 50), Text: "uden ordenes tider"},
		spoken(4, "S2", "Nej@520-522"),
	}}
	for _, s := range [][2]float64{{1.5, 8.6}, {10.9, 15}, {14, 19.4}, {42, 48}, {53, 200}} {
		tr.Music = append(tr.Music, pipeline.Music{Span: pipeline.FromSeconds(s[0], s[1])})
	}
	s := testServer(t, (&shelf{transcript: tr, recordings: []Recording{{ID: "r1", State: Done}}}).config())
	for address, want := range map[string][]string{
		"/recordings/r1": {
			"Jeg (9,8) (musik, 7 s) ville bare (musik, 4 s) spørge", // the second is first heard a second early
			"(20,0) (musik, 5 s) Ja vent",
			"(5,0) uden ordenes tider (musik, 6 s)",
			"(2,0) Nej (musik, 147 s)",
		},
		"/recordings/r1?notation=ca": {
			"Jeg (9.8) ( (musik, 7 s) ) ville bare (.) ( (musik, 4 s) ) spørge",
			"(20.0) ( (musik, 5 s) ) Ja vent",
			"(5.0) uden ordenes tider ( (musik, 6 s) )",
			"(2.0) Nej ( (musik, 147 s) )",
		},
	} {
		_, body := get(t, s.URL+address)
		doc := page(t, body)
		for i, want := range want {
			if got := text(all(doc, "p.said")[i]); got != want {
				t.Errorf("%s, turn %d: got %q, want %q", address, i+1, got, want)
			}
		}
		if got := attr(one(t, doc, "svg#map"), "data-length"); got != "200000" {
			t.Errorf("%s: got a length of %s ms, want the music's end at 200000", address, got)
		}
	}
}

// A mark within what was said is in the page's language, whatever is spoken.
func TestMarksSayTheirLanguage(t *testing.T) {
	tr := &pipeline.Transcript{ID: "r1", Language: "da", Turns: []pipeline.Turn{spoken(1, "S1", "Jeg@0-2", "ville@100-110"), spoken(2, "S2", "Ja@105-120")}}
	tr.Music = []pipeline.Music{{Span: pipeline.FromSeconds(1.5, 8.6)}}
	s := testServer(t, (&shelf{transcript: tr, recordings: []Recording{{ID: "r1", State: Done}}}).config())
	for _, mark := range []string{"button.music", "span.overlap"} {
		_, body := get(t, s.URL+"/recordings/r1", &http.Cookie{Name: "language", Value: "en"})
		if got := attr(one(t, page(t, body), mark), "lang"); got != "en" {
			t.Errorf("%s: got language %q on an English page, want en", mark, got)
		}
		if got := attr(one(t, page(t, standalone(t, tr, Sound{})), mark), "lang"); got != "da" { // its title's; the text says its own
			t.Errorf("%s: got language %q on a page for both, want da", mark, got)
		}
	}
}

func TestMusicAlone(t *testing.T) {
	doc := page(t, standalone(t, &pipeline.Transcript{Language: "da", Music: []pipeline.Music{{Span: pipeline.FromSeconds(0, 9)}}}, Sound{}))
	if got, want := text(one(t, doc, "p.empty")), "( musik, 9 s music, 9 s )"; !strings.Contains(got, want) {
		t.Errorf("got %q, want it to hold %q", got, want)
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
