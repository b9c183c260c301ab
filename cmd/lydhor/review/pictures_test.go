package review

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func TestPeriodsHaveTheMinimumSize(t *testing.T) {
	talks := func(months string) (list []period) {
		for month := range strings.FieldsSeq(months) {
			list = append(list, period{From: month, To: month, Conversations: 1, Counts: map[pipeline.Outcome]int{pipeline.Gripped: 1}})
		}
		return list
	}
	for _, test := range []struct {
		name, months string
		want         []string // from-to conversations
	}{
		{"too few at all", "09 09", nil},
		{"none", "", nil},
		{"just enough", "09 09 09", []string{"09-09 3"}},
		{"a month is not cut", "09 09 09 09 10 10 10", []string{"09-09 4", "10-10 3"}},
		{"thin months are joined", "01 03 05 06 07 08", []string{"01-05 3", "06-08 3"}},
		{"what is left joins the last", "01 01 01 02 02 02 03", []string{"01-01 3", "02-03 4"}},
	} {
		var got []string
		for _, p := range periods(talks(test.months), 3) {
			got = append(got, fmt.Sprintf("%s-%s %d", p.From, p.To, p.Conversations))
			if p.Conversations < 3 || p.Sequences() != p.Conversations {
				t.Errorf("%s: got %+v", test.name, p)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// library is n conversations and n FLIPs with the same transcript.
func library(n int) *shelf {
	tr := talk()
	tr.Themes = []pipeline.Themes{{Turn: 2, Themes: []string{"pot_strategy", "pot_holistic"}}, {Turn: 4, Themes: []string{"pot_strategy"}}}
	shelf := &shelf{transcript: tr}
	for i := range n {
		for _, kind := range []pipeline.Kind{pipeline.Conversation, pipeline.FLIP} {
			shelf.recordings = append(shelf.recordings, Recording{ID: fmt.Sprint(kind, i), Kind: kind, State: Done,
				Meta: map[string]string{"date": fmt.Sprintf("2026-%02d-01", 1+i), "place": "Planteby", "case": "Plantesag"}})
		}
	}
	return shelf
}

func TestPicturesOfTooFewAreRefused(t *testing.T) {
	s := testServer(t, library(4).config())
	for _, file := range []string{"outcomes.svg", "outcomes.csv", "themes.svg", "themes.csv"} {
		if resp, _ := get(t, s.URL+"/pictures/"+file); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s of 4: got status %d, want 404", file, resp.StatusCode)
		}
	}
	if _, body := get(t, s.URL+"/pictures"); len(all(page(t, body), "img")) != 0 {
		t.Error("got pictures of 4 recordings")
	}
}

func TestPicturesCountOverTimeAlone(t *testing.T) {
	s := testServer(t, library(7).config())
	resp, body := get(t, s.URL+"/pictures/outcomes.csv")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{ // 7 months of one talk each, of 2 sequences: the last 2 are too few to stand alone
		{"from", "to", "conversations", "sequences", "decided_by_people", "gripped", "gripped_late", "overheard", "overridden", "open"},
		{"2026-01", "2026-07", "7", "14", "0", "0", "0", "0", "7", "7"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("%s (-want +got):\n%s", resp.Header.Get("Content-Type"), diff)
	}
	for _, file := range []string{"outcomes.svg", "themes.svg", "themes.csv"} {
		_, body := get(t, s.URL+"/pictures/"+file)
		for _, never := range []string{"Planteby", "Plantesag", "S1", "S2"} {
			if strings.Contains(body, never) {
				t.Errorf("%s: got %q in it", file, never)
			}
		}
		if strings.HasSuffix(file, ".svg") {
			checkXML(t, body)
		}
	}
	_, body = get(t, s.URL+"/pictures/themes.csv")
	if !strings.Contains(body, "pot_strategy,2,2,2,2,2,2,2\n") {
		t.Errorf("got %q, want two turns of the theme in each FLIP", body)
	}
}

func TestConsensusCountsBeforeDecisions(t *testing.T) {
	tr := talk()
	span := tr.Turns[1].Span
	standing := pipeline.Settled(tr, []pipeline.Decision{
		{Key: "1", Coder: pipeline.Consensus, Turn: span, Meaning: true, Outcome: pipeline.Gripped},
		{Key: "2", Coder: "bo", Turn: span, Meaning: true, Outcome: pipeline.Open},
		{Key: "3", Coder: "bo", Turn: tr.Turns[3].Span, Meaning: false},
	})
	if standing[2].Outcome != pipeline.Gripped || standing[4].Meaning {
		t.Errorf("got %+v", standing)
	}
	if got := counted(Recording{}, newConversation(tr, standing)); got.Sequences() != 1 || got.Decided != 2 {
		t.Errorf("got %+v, want the one that is a citizen-meaning utterance", got)
	}
}

func TestThemesOfOneFLIP(t *testing.T) {
	shelf := library(1)
	s := testServer(t, shelf.config())
	_, body := get(t, s.URL+"/recordings/flip0/themes.csv")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[1]) != 1+themeColumns {
		t.Fatalf("got %v and error %v, want two themes in %d columns", rows, err, themeColumns)
	}
	_, body = get(t, s.URL+"/recordings/flip0/themes.svg")
	checkXML(t, body)
	if got := strings.Count(body, "<circle"); got != 3 {
		t.Errorf("got %d dots, want 3", got)
	}
}

func checkXML(t *testing.T, body string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
	}
}
