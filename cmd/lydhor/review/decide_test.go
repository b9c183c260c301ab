package review

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

// decideAs sends an act on a turn of recording r1 and gives the answer's status and flag.
func decideAs(t *testing.T, s *httptest.Server, coder, turn string, fields ...string) (int, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	if !form.Has("key") {
		form.Set("key", strings.Repeat(strings.Join(fields, "")+turn+coder, 16)[:64])
	}
	r, _ := http.NewRequest("POST", s.URL+"/recordings/r1/turns/"+turn+"/decision", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Coder", coder)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text(page(t, string(body)))
}

// talk's turn 2 is flagged as overridden by turn 3, turn 4 as open; turn 1 is not flagged.
func TestDecide(t *testing.T) {
	overridden := pipeline.Decision{Meaning: true, Outcome: pipeline.Overridden, Deciding: talk().Turns[2].Span}
	with := func(d pipeline.Decision, change func(*pipeline.Decision)) pipeline.Decision {
		change(&d)
		return d
	}
	for _, test := range []struct {
		name, turn string
		acts       [][]string
		want       pipeline.Decision
	}{
		{"confirm", "2", [][]string{{"do", "confirm"}}, overridden},
		{"another outcome", "2", [][]string{{"do", "gripped"}}, with(overridden, func(d *pipeline.Decision) { d.Outcome = pipeline.Gripped })},
		{"open has no deciding turn", "2", [][]string{{"do", "open"}}, pipeline.Decision{Meaning: true, Outcome: pipeline.Open}},
		{"not meaning", "2", [][]string{{"do", "not_meaning"}}, pipeline.Decision{}},
		{"missed, then what came of it", "1", [][]string{{"do", "meaning"}, {"do", "deciding", "deciding", "3"}, {"do", "overheard"}},
			pipeline.Decision{Meaning: true, Outcome: pipeline.Overheard, Deciding: talk().Turns[2].Span}},
		{"a comment decides nothing", "2", [][]string{{"do", "note", "note", "  hør igen  "}},
			pipeline.Decision{Meaning: true, Deciding: talk().Turns[2].Span, Note: "hør igen"}},
		{"a comment stays with what is decided later", "2", [][]string{{"do", "note", "note", "hør igen"}, {"do", "confirm"}},
			with(overridden, func(d *pipeline.Decision) { d.Note = "hør igen" })},
		{"confirming again keeps the coder's own outcome", "2", [][]string{{"do", "gripped"}, {"do", "confirm"}},
			with(overridden, func(d *pipeline.Decision) { d.Outcome = pipeline.Gripped })},
		{"undo gives the one before", "2", [][]string{{"do", "confirm"}, {"do", "open"}, {"do", "undo"}}, overridden},
	} {
		t.Run(test.name, func(t *testing.T) {
			shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
			s := testServer(t, shelf.config())
			for _, act := range test.acts {
				if status, said := decideAs(t, s, "anna", test.turn, act...); status != http.StatusOK {
					t.Fatalf("%v: got status %d, %s", act, status, said)
				}
			}
			if len(shelf.decisions) != len(test.acts) {
				t.Errorf("got %d decisions kept, want each of %d", len(shelf.decisions), len(test.acts))
			}
			got := pipeline.Standing(shelf.transcript, shelf.decisions)[int(test.turn[0]-'0')]
			test.want.Coder, test.want.Turn = "anna", got.Turn
			if diff := cmp.Diff(test.want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Key" }, cmp.Ignore())); diff != "" {
				t.Errorf("standing decision differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideShowsWhatStands(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	_, said := decideAs(t, s, "anna", "2", "do", "gripped")
	for _, want := range []string{"Grebet ✓ afgjort af dig", "Maskinen foreslog: Overhalet"} {
		if !strings.Contains(said, want) {
			t.Errorf("got %q, want it to hold %q", said, want)
		}
	}
	_, said = decideAs(t, s, "anna", "1", "do", "meaning")
	if want := "Maskinen havde ikke markeret ytringen."; !strings.Contains(said, want) {
		t.Errorf("got %q, want it to hold %q", said, want)
	}
	if _, said = decideAs(t, s, "anna", "1", "do", "undo"); said != "" {
		t.Errorf("got %q after undoing a missed one, want no flag", said)
	}
}

func TestSameKeyDecidesOnce(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	for range 3 {
		if status, said := decideAs(t, s, "anna", "2", "do", "gripped", "key", "0123456789abcdef"); status != http.StatusOK || !strings.Contains(said, "Grebet") {
			t.Errorf("got status %d and %q, want the flag each time", status, said)
		}
	}
	if len(shelf.decisions) != 1 {
		t.Errorf("got %d decisions, want 1", len(shelf.decisions))
	}
}

func TestCodersAreBlindToEachOther(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	decideAs(t, s, "anna", "2", "do", "gripped")
	_, said := decideAs(t, s, "bo", "2", "do", "confirm")
	if !strings.HasPrefix(said, "Overhalet") {
		t.Errorf("got %q, want bo to confirm what the machine proposed and not what anna decided", said)
	}
}

func TestDecideRefuses(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	for _, test := range []struct {
		name, turn string
		fields     []string
		status     int
	}{
		{"unknown act", "2", []string{"do", "praise"}, 422},
		{"no act", "2", nil, 422},
		{"short key", "2", []string{"do", "confirm", "key", "1"}, 422},
		{"nothing to undo", "2", []string{"do", "undo"}, 422},
		{"nothing to confirm", "1", []string{"do", "confirm"}, 422},
		{"turn before it cannot decide", "2", []string{"do", "deciding", "deciding", "1"}, 422},
		{"turn itself cannot decide", "2", []string{"do", "deciding", "deciding", "2"}, 422},
		{"no such deciding turn", "2", []string{"do", "deciding", "deciding", "x"}, 422},
		{"a turn that is gone", "99", []string{"do", "confirm"}, 409},
		{"turn that is no number", "zwei", []string{"do", "confirm"}, 404},
	} {
		if status, _ := decideAs(t, s, "anna", test.turn, test.fields...); status != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, status, test.status)
		}
	}
	if len(shelf.decisions) != 0 {
		t.Errorf("got %d decisions kept, want none", len(shelf.decisions))
	}
}
