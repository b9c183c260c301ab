package main

import (
	"net/http"
	"strings"
	"testing"

	"lydhor/pipeline/exchange"
)

// Keys of objects open nothing, whoever guesses them, and every format asks the same rule.
func TestGuessedKeysAndFormats(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/" + s.ids[0] + "/original", "/" + s.ids[0] + "/16khz.wav", "/recordings/" + s.ids[0] + "/original",
		"/recordings/" + s.ids[0] + "/rendition.m4a", "/uploads/" + s.ids[0], "/static/../" + s.ids[0] + "/original", "/static/..%2f..%2fetc%2fpasswd"} {
		for role := range strings.FieldsSeq(everybody) {
			if answer := s.ask(t, role, "GET", path); strings.Contains(answer.Body.String(), plantedSound[4:11]) || answer.Code == http.StatusPartialContent {
				t.Errorf("%s as %s: got status %d, want nothing", path, role, answer.Code)
			}
		}
	}
	for _, format := range exchange.Formats() {
		for id, want := range map[string]int{s.ids[0]: http.StatusOK, s.ids[1]: http.StatusNotFound} {
			path := "/recordings/" + id + "/export/" + format.Name
			if answer := s.ask(t, "researcher", "GET", path); answer.Code != want {
				t.Errorf("%s: got status %d, want %d", path, answer.Code, want)
			}
			if answer := s.ask(t, "analyst", "GET", path); answer.Code != http.StatusForbidden {
				t.Errorf("%s as analyst: got status %d, want 403", path, answer.Code)
			}
		}
	}
}
