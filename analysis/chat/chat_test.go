package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

const secret = "kragefuglen"

func talk(turns int) *pipeline.Transcript {
	t := &pipeline.Transcript{ID: "d1", Language: "da"}
	for n := 1; n <= turns; n++ {
		turn := pipeline.Turn{N: n, Role: pipeline.Professional, Text: "Så  skriver jeg det i planen."}
		if n%2 == 0 {
			turn = pipeline.Turn{N: n, Role: pipeline.Citizen, Text: fmt.Sprintf("Jeg savner %s, tur %d.", secret, n)}
		}
		t.Turns = append(t.Turns, turn)
	}
	return t
}

// says is a body of the endpoint whose message has that content.
func says(content string) string {
	body, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": content}}}})
	return string(body)
}

// server answers questions by answer, and counts them.
func server(t *testing.T, answer http.HandlerFunc) (*Coder, *int) {
	t.Helper()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, err := io.ReadAll(r.Body) // only then does the server notice that the client goes away
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	c, err := New(Config{URL: s.URL + "/v1", Model: "m", Key: "k", Timeout: 500 * time.Millisecond, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c, &asked
}

func TestCodingKeepsWhatHolds(t *testing.T) {
	good := `{"turn": 2, "quote": "savner %s", "outcome": "overridden", "deciding_turn": 3, "deciding_quote": "så skriver jeg", "reason": " planen  tager over "}`
	c, asked := server(t, func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Model    string
			Messages []message
			Format   struct{ Type string } `json:"response_format"`
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Model != "m" || q.Format.Type != "json_schema" || len(q.Messages) != 2 ||
			!strings.Contains(q.Messages[1].Content, "[2] citizen: Jeg savner "+secret) || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer k" {
			t.Errorf("got question %v, error %v", q, err)
		}
		claims := []string{fmt.Sprintf(good, secret)}
		for _, change := range [][2]string{ // none of these holds
			{`"turn": 2`, `"turn": 3`},  // the professional's
			{`"turn": 2`, `"turn": 99`}, // there is none
			{`"turn": 2`, `"turn": 2`},  // the second of the same turn
			{`"turn": 2, "quote": "savner %s"`, `"turn": 4, "quote": "hader %s"`}, // was not said
			{`"turn": 2, "quote": "savner %s"`, `"turn": 4, "quote": " %[2]s"`},   // says nothing
			{`"turn": 2`, `"turn": 4`},    // decided before it was said
			{`"overridden"`, `"ignored"`}, // no outcome
			{`"deciding_turn": 3, "deciding_quote": "så skriver jeg"`, `"deciding_turn": 5, "deciding_quote": "aldrig sagt"`},
		} {
			claim := strings.Replace(good, change[0], change[1], 1)
			claims = append(claims, strings.NewReplacer("%s", secret, "%[2]s", "").Replace(claim))
		}
		claims = append(claims, `{"turn": 6, "quote": "Jeg savner", "outcome": "open", "deciding_turn": 0, "deciding_quote": "", "reason": ""}`)
		fmt.Fprint(w, says(`{"turns": [`+strings.Join(claims, ",")+`]}`))
	})
	got, err := c.Code(t.Context(), talk(7))
	if err != nil {
		t.Fatal(err)
	}
	want := &Coding{Marks: []Mark{{2, pipeline.Overridden, 3, "planen tager over"}, {6, pipeline.Open, 0, ""}}, Dropped: 8}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("coding differs (-want +got):\n%s", diff)
	}
	if *asked != 1 {
		t.Errorf("got %d questions, want 1", *asked)
	}
}

func TestLongTalkIsAskedInStretches(t *testing.T) {
	var ranges []string
	c, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Messages []message }
		json.NewDecoder(r.Body).Decode(&q)
		first, _, _ := strings.Cut(q.Messages[1].Content, "\n")
		ranges = append(ranges, first)
		// turn 42 is asked about in the second stretch alone
		fmt.Fprint(w, says(`{"turns": [{"turn": 42, "quote": "tur 42", "outcome": "open", "deciding_turn": 0, "deciding_quote": "", "reason": ""}]}`))
	})
	got, err := c.Code(t.Context(), talk(90))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Code the turns 1 to 40.", "Code the turns 41 to 80.", "Code the turns 81 to 90."}, ranges); diff != "" {
		t.Errorf("stretches differ (-want +got):\n%s", diff)
	}
	if len(got.Marks) != 1 || got.Dropped != 2 {
		t.Errorf("got %+v, want the mark once", got)
	}
}

// Bad answers end in an error that tells nothing of what was said, after few questions.
func TestBadAnswers(t *testing.T) {
	claim := `{"turn": 2, "quote": "x", "outcome": "open", "deciding_turn": 0, "deciding_quote": "", "reason": "", "x": 1}`
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
		asked  int
	}{
		{"prose", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says("Gerne! Borgeren savner "+secret)) }, ErrRubbish, tries},
		{"no JSON at all", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>"+secret) }, ErrRubbish, tries},
		{"another form", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says(`{"codes": []}`)) }, ErrRubbish, tries},
		{"an unknown field", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says(`{"turns": [`+claim+`]}`)) }, ErrRubbish, tries},
		{"more behind it", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says(`{"turns": []} {"turns": []}`)) }, ErrRubbish, tries},
		{"no list", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says(`{"turns": null}`)) }, ErrRubbish, tries},
		{"endless", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", mostAnswer+2)) }, ErrRubbish, tries},
		{"broken", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusInternalServerError) }, ErrNoAnswer, tries},
		{"refuses", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusUnauthorized) }, ErrNoAnswer, 1},
		{"sends elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
		}, ErrNoAnswer, 1},
		{"silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, ErrNoAnswer, tries},
		{"slow", func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				fmt.Fprint(w, " ")
				http.NewResponseController(w).Flush()
				select {
				case <-r.Context().Done():
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		}, ErrNoAnswer, tries},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, asked := server(t, test.answer)
			coding, err := c.Code(t.Context(), talk(4))
			if !errors.Is(err, test.want) || coding != nil || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v and error %v, want %v", coding, err, test.want)
			}
			if *asked != test.asked {
				t.Errorf("got %d questions, want %d", *asked, test.asked)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	c, _ := server(t, nil)
	c.endpoint = "http://127.0.0.1:1/v1/chat/completions"
	if _, err := c.Code(t.Context(), talk(4)); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("got %v, want %v", err, ErrNoAnswer)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Code(ctx, talk(4)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestAnswerAfterTrouble(t *testing.T) {
	n := 0
	c, asked := server(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			http.Error(w, "", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, says(`{"turns": []}`))
	})
	if got, err := c.Code(t.Context(), talk(4)); err != nil || len(got.Marks) != 0 || *asked != 2 {
		t.Errorf("got %v, error %v after %d questions, want none after 2", got, err, *asked)
	}
}

func TestOnlyNamedHostsAreAsked(t *testing.T) {
	for _, test := range []struct{ url, hosts, want string }{
		{"http://127.0.0.1:11434/v1", "", ""},
		{"http://localhost:11434/v1", "", ""},
		{"http://[::1]:11434/v1", "", ""},
		{"https://models.example.org/v1", "models.example.org", ""},
		{"https://models.example.org/v1", "", "models.example.org is not this machine"},
		{"https://localhost.example.org/v1", "", "is not this machine"},
		{"https://models.example.org/v1", "example.org", "is not this machine"},
		{"http://models.example.org/v1", "models.example.org", "ask it by https"},
		{"ftp://127.0.0.1/v1", "", "write it as"},
		{"127.0.0.1:11434", "", "write it as"},
		{"", "", "write it as"},
	} {
		_, err := New(Config{URL: test.url, Model: "m", Hosts: strings.Fields(test.hosts)})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q with hosts %q: got %v, want %q", test.url, test.hosts, err, test.want)
		}
	}
	if _, err := New(Config{URL: "http://127.0.0.1/v1"}); err == nil || !strings.Contains(err.Error(), "LYDHOR_CHAT_MODEL") {
		t.Errorf("no model: got %v", err)
	}
}

// A name that resolves to another machine is not connected to, though it reads as this one.
func TestDialRefusesOtherMachines(t *testing.T) {
	_, err := client(false).Get("http://192.0.2.1:9/")
	if err == nil || !strings.Contains(err.Error(), "that is not this machine") {
		t.Errorf("got %v, want a refusal before anything is sent", err)
	}
}
