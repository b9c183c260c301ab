package review

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// talk is a short conversation with everything a page has to show.
func talk() *pipeline.Transcript {
	ms := func(a, b int) pipeline.Span {
		return pipeline.Span{Start: time.Duration(a) * time.Millisecond, End: time.Duration(b) * time.Millisecond}
	}
	return &pipeline.Transcript{
		ID: "r1", Kind: pipeline.Conversation, Language: "da", Title: "Prøvesamtale",
		Notices: []string{"Demomodellen forstår kun demostemmerne."},
		Runs:    []pipeline.Run{{Stage: pipeline.Transcribe, Model: "demo-da-q5_0", Code: "v1"}},
		Speakers: []pipeline.Speaker{
			{Label: "S1", Role: pipeline.Professional, Proposed: true},
			{Label: "S2", Role: pipeline.Citizen, Proposed: true},
		},
		Turns: []pipeline.Turn{
			{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: ms(0, 1500), Text: "Hvordan går det i butikken?"},
			{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: ms(3000, 6000), Text: "Jeg kunne godt lide blomsterne.",
				Codes: []pipeline.Code{pipeline.CitizenMeaning, pipeline.LabourMarketPerspective}, Outcome: pipeline.Overridden, OutcomeTurn: 3,
				Words: []pipeline.Word{{Span: ms(3000, 3200), Text: "Jeg"}, {Span: ms(3200, 3500), Text: "kunne"}, {Span: ms(3500, 3800), Text: "godt"},
					{Span: ms(3800, 4100), Text: "lide"}, {Span: ms(5000, 6000), Text: "blomsterne."}},
				Evidence: map[string][]pipeline.Evidence{
					"citizen_meaning": {{Group: "tøvende ønske", Text: "kunne godt lide", Turn: 2, Weight: 1.4}},
					"outcome":         {{Group: "åbent spørgsmål", Turn: 3, Weight: -0.2}, {Group: "ja men", Text: "Ja, men", Turn: 3, Weight: 1.2}},
				},
				Confidence: map[string]float64{"outcome": 0.55}},
			{N: 3, Speaker: "S1", Role: pipeline.Professional, Span: ms(5800, 8000), Text: "Ja, men vi skal have noget i planen.", Codes: []pipeline.Code{pipeline.Institutional},
				Evidence: map[string][]pipeline.Evidence{"quoted_citizen": {{Group: "citerer en borger", Text: "hun siger", Turn: 3, Weight: 1}}}},
			{N: 4, Speaker: "S2", Role: pipeline.Citizen, Span: ms(8200, 10000), Text: "Bare jeg slipper for at begynde forfra.",
				Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Open},
		},
		Themes:  []pipeline.Themes{{Turn: 3, Themes: []string{"bar_predictability", "a theme of <another> codebook"}}},
		Dropped: []pipeline.Dropped{{Span: ms(9000, 9500), Text: "Tak fordi du så med.", Reason: "silence"}},
	}
}

func standalone(t *testing.T, tr *pipeline.Transcript, sound Sound) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteStandalone(&b, tr, sound); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestStandaloneShowsTheConversation(t *testing.T) {
	doc := page(t, standalone(t, talk(), Sound{"audio/ogg", []byte("sound")}))
	if got := len(all(doc, "li.turn")); got != 4 {
		t.Errorf("got %d turns, want 4", got)
	}
	for _, test := range []struct{ name, selector, want string }{
		{"title", "h1", "Prøvesamtale"},
		{"notice", "section.notices", "Demomodellen forstår kun demostemmerne."},
		{"text cut at the pause", "p[data-times=0 20 30 30 120]", "Jeg kunne godt lide ( 0,9 0.9 ) blomsterne."},
		{"role", "li#t2", "Borger"},
		{"silence before a turn", "li#t2", "( 1,5 1.5 )"},
		{"overlap", "li#t3", "overlap 0.2 s"},
		{"outcome in words", "div#flag2", "Overhalet"},
		{"unsure", "div#flag2", "maskinen er usikker"},
		{"work perspective", "div#flag2", "Konkret arbejdsmarkedsperspektiv"},
		{"a citizen who is quoted", "li#t3", "Citerer en borger: Quotes a citizen: hun siger"},
		{"deciding turn quoted", "div#flag2", "Ja, men vi skal have noget i planen."},
		{"reason", "div#flag2", "tøvende ønske hesitant wish : kunne godt lide"},
		{"reason against", "div#flag2", "taler imod"},
		{"nothing decides", "div#flag4", "Ingen tur afgør det."},
		{"no reason", "div#flag4", "Maskinen har ikke angivet nogen grund."},
		{"left out", "footer.foot", "Tak fordi du så med."},
		{"model", "footer.foot", "demo-da-q5_0"},
		{"theme by its name", "li#t3", "orudsigelighed"},
		{"theme of another codebook", "li#t3", "a theme of <another> codebook"},
		{"English beside the Danish", "div#flag2", "Overridden"},
	} {
		if got := text(one(t, doc, test.selector)); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want it to hold %q", test.name, got, test.want)
		}
	}
	// Weightiest first: "ja men" (1.2) before "åbent spørgsmål" (-0.2).
	if got := text(one(t, doc, "div#flag2")); strings.Index(got, "ja men") > strings.Index(got, "åbent spørgsmål") {
		t.Errorf("got reasons in order %q, want the weightiest first", got)
	}
	if got, want := attr(one(t, doc, "audio"), "src"), "data:audio/ogg;base64,c291bmQ="; got != want {
		t.Errorf("got sound %q, want %q", got, want)
	}
}

func TestStandaloneIsSelfContained(t *testing.T) {
	doc := page(t, standalone(t, talk(), Sound{"audio/ogg", []byte("sound")}))
	for _, tag := range []string{"link", "img", "iframe", "object"} {
		if found := all(doc, tag); len(found) > 0 {
			t.Errorf("got %d %s elements, want none", len(found), tag)
		}
	}
	for _, script := range all(doc, "script") {
		if src := attr(script, "src"); src != "" {
			t.Errorf("got script from %q, want none from outside", src)
		}
	}
}

func TestStandaloneAwkward(t *testing.T) {
	long := strings.Repeat("udenfor ", 5000)
	for _, test := range []struct {
		name string
		tr   *pipeline.Transcript
		want string // in the main part of the page
	}{
		{"empty", &pipeline.Transcript{}, "Der er ingen tale i denne optagelse."},
		{"no role", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Speaker: "S1", Text: "Hm."}}}, "Ukendt"},
		{"role of another tool", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Role: "moderator", Text: "Hm."}}}, "Ukendt"},
		{"kind of another tool", &pipeline.Transcript{Kind: "lecture", Turns: []pipeline.Turn{{N: 1, Text: "Hm."}}}, "Hm."},
		{"no speaker", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Role: pipeline.Citizen, Text: "Hm."}}}, "Borger"},
		{"markup in a turn", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Text: `<script>alert("x")</script>`}}}, `<script>alert("x")</script>`},
		{"markup in a quote", &pipeline.Transcript{Turns: []pipeline.Turn{
			{N: 1, Text: "a", Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Gripped, OutcomeTurn: 2}, {N: 2, Text: `</q><img src=x>`}}}, `</q><img src=x>`},
		{"emoji", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Text: "Det var 👩‍🌾 sjovt"}}}, "Det var 👩‍🌾 sjovt"},
		{"very long turn", &pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Text: long}}}, strings.TrimSpace(long)},
		{"deciding turn that is not there", &pipeline.Transcript{Turns: []pipeline.Turn{
			{N: 1, Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Gripped, OutcomeTurn: 99}}}, "Ingen tur afgør det."},
		{"meaning without an outcome", &pipeline.Transcript{Turns: []pipeline.Turn{
			{N: 1, Codes: []pipeline.Code{pipeline.CitizenMeaning}}}}, "Åben"},
		{"outcome of another tool", &pipeline.Transcript{Turns: []pipeline.Turn{
			{N: 1, Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: "lost"}}}, "Åben"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := page(t, standalone(t, test.tr, Sound{}))
			if got := text(one(t, doc, "main")); !strings.Contains(got, test.want) {
				t.Errorf("got %.300q, want it to hold %.80q", got, test.want)
			}
			if got := len(all(doc, "script")); got != 1 {
				t.Errorf("got %d scripts, want the page's own", got)
			}
			if got := len(all(doc, "img")); got != 0 {
				t.Errorf("got %d images, want none", got)
			}
			one(t, doc, "p.silent")
		})
	}
}
