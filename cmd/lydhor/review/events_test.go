package review

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// next reads one event, or "" and false where the stream ends.
func next(lines *bufio.Scanner) (c change, is bool) {
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			return c, json.Unmarshal([]byte(data), &c) == nil
		}
	}
	return c, false
}

func TestEventsTellWhatChanges(t *testing.T) {
	shelf := &shelf{recordings: []Recording{
		{ID: "r1", State: Working, Stage: pipeline.Transcribe, Progress: 0.25}, {ID: "r2", State: Waiting}, {ID: "r3", State: Done}, {ID: "r4", State: Failed, Problem: "<b>Tom</b>\nfil."},
	}}
	s := testServer(t, shelf.config())
	ctx, leave := context.WithTimeout(t.Context(), 20*time.Second)
	defer leave()
	r, _ := http.NewRequestWithContext(ctx, "GET", s.URL+"/events?id=r1&id=r4&id=nonsense", nil) // r4 failed since the page came
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("got %q, want an event stream", got)
	}
	lines := bufio.NewScanner(resp.Body)
	for _, want := range []struct {
		id    string
		state State
		text  string
	}{
		{"r1", Working, "Arbejder: skriver ned, hvad der bliver sagt"},
		{"r2", Waiting, "Venter"},
		{"r4", Failed, "Gik ikke <b>Tom</b> fil. Prøv igen"},
		{"r1", Done, "Klar"}, // and no word of r2, which waits as before
	} {
		if want.state == Done {
			shelf.finish("r1")
		}
		got, is := next(lines)
		if !is || got.ID != want.id || got.State != want.state || text(page(t, got.HTML)) != want.text {
			t.Errorf("got %+v %q, want %+v", got, text(page(t, got.HTML)), want)
		}
	}
}
