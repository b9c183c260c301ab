package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/exchange"
	"lydhor/pipeline/store"
)

// What the machine and another coder say of the recording in the first project.
const (
	proposedWhy = "grundenmaskinengav"
	othersNote  = "noteranetmenneske"
)

// coded has the machine flag turn 2 of the site's recording, with a reason and the reason for
// a role, and has bo decide on it, with a note, and settle it in the name of the consensus.
func (s *site) coded(t *testing.T) {
	t.Helper()
	said := &pipeline.Transcript{Language: "da", Runs: []pipeline.Run{{Stage: pipeline.Analyse, Model: proposedWhy}},
		Speakers: []pipeline.Speaker{{Label: "S1", Role: pipeline.Professional}, {Label: "S2", Role: pipeline.Citizen, Evidence: []pipeline.Evidence{{Group: proposedWhy}}}},
		Turns: []pipeline.Turn{
			{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.Span{End: 2 * time.Second}, Text: "Hvad med hunden?"},
			{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(2, 4), Text: "Jeg vil arbejde med " + planted,
				Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Overridden, OutcomeTurn: 3,
				Evidence: map[string][]pipeline.Evidence{"citizen_meaning": {{Group: proposedWhy, Text: proposedWhy}}, "outcome": {{Group: proposedWhy}}}},
			{N: 3, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(4, 5), Text: "Nå."},
		}, Themes: []pipeline.Themes{{Turn: 2, Themes: []string{proposedWhy}}}}
	span := pipeline.FromSeconds(2, 4)
	if err := errors.Join(
		pgx.BeginFunc(t.Context(), s.db, func(tx pgx.Tx) error { return store.SaveTranscript(t.Context(), tx, s.ids[0], said) }),
		store.Decide(t.Context(), s.db, s.ids[0], pipeline.Decision{Key: "bo", Coder: "bo", Turn: span, Meaning: true, Outcome: pipeline.Gripped, Note: othersNote}),
		store.Decide(t.Context(), s.db, s.ids[0], pipeline.Decision{Key: "c", Coder: pipeline.Consensus, Turn: span, Meaning: true, Outcome: pipeline.Gripped, Note: othersNote}),
	); err != nil {
		t.Fatal(err)
	}
}

// told is everything that an answer says, also in the files of a zip.
func told(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	body := answer.Body.Bytes()
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return string(body)
	}
	var all strings.Builder
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(told(t, &httptest.ResponseRecorder{Body: bytes.NewBuffer(data)}))
	}
	return all.String()
}

// fixed is text without the keys that each page makes for its forms.
func fixed(text string) string { return madeKey.ReplaceAllString(text, "") }

var madeKey = regexp.MustCompile(`name="key" value="[^"]*"`)

// uncode takes back what coded says.
func (s *site) uncode(t *testing.T) {
	t.Helper()
	for _, query := range []string{`delete from decision`, `update turn set codes = '{}', outcome = null, outcome_turn = null, evidence = null, confidence = null`,
		`update transcript set runs = '[]', themes = null, speakers = jsonb_set(speakers, '{1,evidence}', 'null') where jsonb_array_length(speakers) > 1`} {
		if _, err := s.db.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
}

// Who codes a recording blind learns nothing of what the machine and others say of it, on any
// route and in any format, until the coding is handed in.
func TestBlindCoderSeesNothing(t *testing.T) {
	s := newSite(t)
	s.coded(t)
	id := s.ids[0]
	var paths []string
	for _, r := range rules() {
		if method, path := address(r.route, id); method == "GET" && r.act != anyone && r.act != access.Audit && path != "/events" && !strings.HasPrefix(path, "/account") { // events hold no words and do not end
			paths = append(paths, path)
		}
	}
	for _, f := range exchange.Formats() {
		for _, query := range []string{"?", "?plain=yes&", "?as=consensus&"} {
			paths = append(paths, "/recordings/"+id+"/export/"+f.Name+query, "/export"+query+"format="+f.Name)
		}
	}
	paths = append(paths, "/search?q="+planted, "/agreement?a=bo&b=Lydhør", "/recordings/"+id+"?notation=yes", "/?order=unsure", "/api/recordings/"+id+"/transcript?plain=yes")

	seen := 0
	for _, path := range paths {
		if text := told(t, s.ask(t, "researcher", "GET", path)); strings.Contains(text, proposedWhy) || strings.Contains(text, othersNote) {
			seen++
		}
	}
	if seen < 5 {
		t.Fatalf("only %d answers tell anything to who is not blind: the test would show nothing", seen)
	}
	if err := store.Assign(t.Context(), s.db, s.projects[0], store.Assignment{Recording: id, Coder: "researcher", Blind: true, By: "admin"}); err != nil {
		t.Fatal(err)
	}
	correct := func() {
		t.Helper()
		if err := store.Correct(t.Context(), s.db, id, pipeline.Correction{Key: "k", Coder: "bo", Do: pipeline.ChangeText, Turn: pipeline.FromSeconds(2, 4), To: "Altså, jeg savner " + planted + " og det at køre truck, det gjorde mig glad."}); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range []func(){func() {}, correct} { // a correction has the page analyse anew
		change()
		answers := map[string]string{}
		for _, path := range paths {
			answer := s.ask(t, "researcher", "GET", path)
			answers[path] = told(t, answer)
			if strings.Contains(answers[path], proposedWhy) || strings.Contains(answers[path], othersNote) {
				t.Errorf("%s: it says what others say", path)
			}
		}
		if strings.Contains(answers["/recordings/"+id+"/export/json?"], "citizen_meaning") || strings.Contains(answers["/recordings/"+id], `id="flag2"`) {
			t.Error("the page analyses what is coded blind")
		}
		s.uncode(t) // what nobody has coded reads the same
		for _, path := range paths {
			if text := told(t, s.ask(t, "researcher", "GET", path)); fixed(text) != fixed(answers[path]) {
				t.Errorf("%s: it tells whether anybody coded the recording", path)
			}
		}
		s.coded(t)
	}
	if answer := s.ask(t, "researcher", "GET", "/recordings/"+id); !strings.Contains(answer.Body.String(), planted) || !strings.Contains(answer.Body.String(), "Du koder denne optagelse blindt") {
		t.Errorf("got %d, want the words and that it is coded blind", answer.Code)
	}
	if text := told(t, s.ask(t, "admin", "GET", "/recordings/"+id)); !strings.Contains(text, proposedWhy) && !strings.Contains(text, "Overhalet") {
		t.Error("who codes nothing sees no proposals either")
	}

	if answer := s.send(t, "researcher", "/recordings/"+id+"/turns/2/decision", url.Values{"do": {"gripped"}}); answer.Code != http.StatusOK {
		t.Errorf("deciding blind: got status %d", answer.Code)
	}
	if answer := s.send(t, "researcher", "/recordings/"+id+"/turns/2/decision", url.Values{"do": {"open"}, "as": {"consensus"}}); answer.Code != http.StatusForbidden {
		t.Errorf("settling blind: got status %d, want 403", answer.Code)
	}
	if answer := s.send(t, "researcher", "/recordings/"+id+"/hand-in", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("handing in: got status %d", answer.Code)
	}
	if answer := s.send(t, "researcher", "/recordings/"+id+"/turns/2/decision", url.Values{"do": {"open"}}); answer.Code != http.StatusConflict {
		t.Errorf("deciding after handing in: got status %d, want 409", answer.Code)
	}
	if text := told(t, s.ask(t, "researcher", "GET", "/recordings/"+id+"/compare")); strings.Contains(text, "Aflever") {
		t.Error("who has handed in does not see the comparison")
	}
}

// send posts a form as somebody in a role.
func (s *site) send(t *testing.T, role, path string, fields url.Values) *httptest.ResponseRecorder {
	t.Helper()
	if fields == nil {
		fields = url.Values{}
	}
	s.sent++
	fields.Set("key", strings.Repeat("k", 16+s.sent))
	r := httptest.NewRequest("POST", path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.signIn(t, r, role)
	answer := httptest.NewRecorder()
	s.gate.ServeHTTP(answer, r)
	return answer
}
