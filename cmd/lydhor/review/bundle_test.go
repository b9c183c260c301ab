package review

import (
	"archive/zip"
	"net/http"
	"strings"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/exchange"
)

func TestBundleHoldsWhatWasFiltered(t *testing.T) {
	s := testServer(t, (&shelf{transcript: talk(), recordings: []Recording{
		{ID: "r1", Kind: pipeline.Conversation, State: Done},
		{ID: "r2", Kind: pipeline.FLIP, State: Done},
		{ID: "r3", Kind: pipeline.Conversation, State: Done},
		{ID: "r4", Kind: pipeline.Conversation, State: Working},
	}}).config())
	for _, format := range exchange.Formats() {
		resp, body := get(t, s.URL+"/export?kind=conversation&format="+format.Name)
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "application/zip" {
			t.Fatalf("%s: got status %d, %q, want a zip", format.Name, resp.StatusCode, got)
		}
		z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatalf("%s: %v", format.Name, err)
		}
		var got []string
		for _, f := range z.File {
			if f.UncompressedSize64 == 0 {
				t.Errorf("%s is empty", f.Name)
			}
			got = append(got, f.Name)
		}
		if want := "r1" + format.Ending + " r3" + format.Ending; strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", format.Name, got, want)
		}
	}
}

func TestBundleSaysWhyThereIsNone(t *testing.T) {
	s := testServer(t, (&shelf{recordings: []Recording{{ID: "r1", State: Working}}}).config())
	for _, test := range []struct{ name, query, want string }{
		{"unknown format", "format=exe", "Vælg et format"},
		{"nothing done yet", "format=csv", "Ingen af de viste optagelser er klar"},
		{"no date", "format=csv&from=i+går", "”i går” er ikke en dato"},
	} {
		resp, body := get(t, s.URL+"/export?"+test.query)
		if got := text(one(t, page(t, body), "main")); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got, test.want) {
			t.Errorf("%s: got status %d and %q, want 422 and %q", test.name, resp.StatusCode, got, test.want)
		}
	}
}
