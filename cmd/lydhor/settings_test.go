package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// An administrator sees and changes how a project keeps its recordings; the log says so.
func TestSettings(t *testing.T) {
	s := newBadSite(t) // whose FLIP came forty days ago
	form := sending{path: "/settings"}
	keep := func(days, sure string) int {
		return s.post(t, form, "POST", url.Values{"keep": {days}, "quota": {"20"}, "masked": {"yes"}, "voices": {"yes"}, "sure": {sure}}, "", "da").Code
	}
	for _, test := range []struct {
		days, sure string
		status     int
		kept       time.Duration
	}{
		{"41", "", http.StatusSeeOther, 41 * 24 * time.Hour},
		{"39", "", http.StatusConflict, 41 * 24 * time.Hour},
		{"39", "yes", http.StatusSeeOther, 39 * 24 * time.Hour},
	} {
		if got := keep(test.days, test.sure); got != test.status {
			t.Errorf("%s days, sure %q: got status %d, want %d", test.days, test.sure, got, test.status)
		}
		if p, err := store.ProtectionOf(t.Context(), s.db, s.projects[0]); err != nil || p != (store.Protection{Keep: test.kept, Quota: 20e9, Masked: true}) {
			t.Errorf("%s days, sure %q: got %v kept, error %v", test.days, test.sure, p, err)
		}
	}
	body := s.post(t, form, "GET", nil, "", "da").Body.String()
	for _, want := range []string{`value="39"`, `value="20"`, `value="yes" checked`, "analytiker", "databeskyttelse"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if on, err := store.RecognisesVoices(t.Context(), s.db, s.projects[0]); !on || err != nil {
		t.Errorf("got voices %t, error %v, want them recognised", on, err)
	}
	if got := s.post(t, form, "POST", url.Values{}, "", "da").Code; got != http.StatusSeeOther {
		t.Errorf("an empty form: got status %d, want all switched off", got)
	}
	if p, err := store.ProtectionOf(t.Context(), s.db, s.projects[0]); err != nil || p != (store.Protection{}) {
		t.Errorf("an empty form: got %v kept, error %v", p, err)
	}
	var log []string
	for e, err := range audit.Events(t.Context(), s.db, s.projects[0]) {
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, e.Act+" "+e.Detail)
	}
	if want := "project set keep 39 days, quota 20 GB, masked true, voices true"; !slices.Contains(log, want) {
		t.Errorf("got log %q, want %q in it", log, want)
	}
	if link := s.ask(t, "admin", "GET", "/").Body.String(); !strings.Contains(link, `href="/settings"`) {
		t.Error("the list of recordings does not link to the settings")
	}
	if link := s.ask(t, "analyst", "GET", "/").Body.String(); strings.Contains(link, `href="/settings"`) {
		t.Error("analysts are sent to the settings")
	}
}
