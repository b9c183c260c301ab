package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// model answers that turn 2 is overridden by turn 3, or fails.
func model(t *testing.T, fails *bool) map[string]string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *fails {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		content := `{"turns": [{"turn": 2, "quote": "arbejde med dyr", "outcome": "overridden", "deciding_turn": 3, "deciding_quote": "planen", "reason": "planen tager over"}]}`
		json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"content": content}}}})
	}))
	t.Cleanup(s.Close)
	return map[string]string{"LYDHOR_CHAT_URL": s.URL + "/v1", "LYDHOR_CHAT_MODEL": "qwen"}
}

// A language model is one more coder: asked again it codes anew, a person's and the built-in
// coder's codings stay, and where it fails the recording stands as it was.
func TestAskProject(t *testing.T) {
	d := newDesk(t)
	id := d.record("P: Hej.", "B: Jeg vil gerne arbejde med dyr.", "P: Nu skal vi se på planen.")
	d.decide(id, "anna", 2, pipeline.Gripped)
	fails := false
	env := model(t, &fails)
	before, err := store.Transcript(t.Context(), d.db, id)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		status, out, words := d.runWith(env, "ask", "--project", "P")
		if status != 0 || !strings.Contains(out, id+": 1 citizen-meaning turns, 0 claims that did not hold") {
			t.Fatalf("got %d, %q and %q", status, out, words)
		}
	}
	const name = "Sprogmodel qwen (prompt 1)"
	made, err := store.Decisions(t.Context(), d.db, id, "")
	if err != nil {
		t.Fatal(err)
	}
	by := pipeline.ByCoder(made)
	if standing := pipeline.Standing(before, by[name]); len(standing) != 1 || standing[2].Outcome != pipeline.Overridden || standing[2].Note != "planen tager over" || before.At(standing[2].Deciding).N != 3 {
		t.Errorf("got %+v, want turn 2 overridden by turn 3", standing)
	}
	if own := pipeline.Standing(before, by["anna"]); own[2].Outcome != pipeline.Gripped {
		t.Errorf("anna's decision is now %+v", own)
	}
	after, err := store.Transcript(t.Context(), d.db, id)
	if err != nil || fmt.Sprint(after.Turns[1].Codes, after.Turns[1].Outcome) != fmt.Sprint(before.Turns[1].Codes, before.Turns[1].Outcome) {
		t.Errorf("the built-in coding changed: %v", err)
	}
	if status, out, _ := d.run("agreement", "--project", "P", "--coders", "anna,"+name); status != 0 || !strings.Contains(out, id+" turn 2: overridden, gripped") {
		t.Errorf("agreement: got %d and %q, want their disagreement", status, out)
	}
	fails = true
	if status, _, words := d.runWith(env, "ask", "--project", "P"); status != 1 || !strings.Contains(words, "recording "+id+" is not coded") {
		t.Errorf("a model that fails: got %d and %q", status, words)
	}
	if r, err := store.RecordingIn(t.Context(), d.db, d.project, id); err != nil || !r.Done || r.FailedIn != "" {
		t.Errorf("got %+v, error %v, want a recording that is done as before", r, err)
	}
	if status, _, words := d.run("ask", "--project", "P"); status != 1 || !strings.Contains(words, "no language model is configured") {
		t.Errorf("none configured: got %d and %q", status, words)
	}
	env["LYDHOR_CHAT_URL"] = "https://api.example.com/v1"
	if status, _, words := d.runWith(env, "ask", "--project", "P"); status != 1 || !strings.Contains(words, "api.example.com is not this machine") {
		t.Errorf("another host: got %d and %q", status, words)
	}
}
