package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// Names leave the system by an act of its own, for those who may, and the log tells.
func TestNamesLeaveOnlyWhenAskedFor(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/recordings/" + s.ids[0] + "/export/vtt", "/export?format=vtt", "/recordings/" + s.ids[0] + "/sheet"} {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		if answer := s.ask(t, "researcher", "GET", path); answer.Code >= 300 || strings.Contains(answer.Body.String(), plantedPerson) {
			t.Errorf("%s: got status %d, or a name", path, answer.Code)
		}
		for _, role := range strings.Fields(members) {
			answer := s.ask(t, role, "GET", path+sep+"plain=yes")
			if may := slices.Contains(strings.Fields(reveals), role); may != (answer.Code < 300) {
				t.Errorf("%s plain as %s: got status %d", path, role, answer.Code)
			}
		}
	}
	logged := map[string]bool{}
	for e, err := range audit.Events(t.Context(), s.db, s.projects[0]) {
		if err != nil {
			t.Fatal(err)
		}
		logged[e.Act+" "+e.Detail] = true
	}
	for _, want := range []string{"export GET /recordings/{id}/export/{format} plain", "export GET /recordings/{id}/export/{format}", "refused export GET /export plain"} {
		if !logged[want] {
			t.Errorf("the log does not hold %q", want)
		}
	}
}

// In a project that masks, an analyst reads and hears no names on any page.
func TestMaskedProject(t *testing.T) {
	s := newSite(t)
	if err := store.Protect(t.Context(), s.db, s.projects[0], store.Protection{Masked: true}); err != nil {
		t.Fatal(err)
	}
	id := s.ids[0]
	for _, path := range []string{"/", "/recordings/" + id, "/search?q=" + planted, "/recordings/" + id + "/picture.svg", "/recordings/" + id + "/compare", "/api/recordings", "/api/recordings/" + id} {
		body := s.ask(t, "analyst", "GET", path).Body.String()
		if strings.Contains(body, plantedPerson) || strings.Contains(body, plantedName) {
			t.Errorf("%s as analyst: it names a person", path)
		}
	}
	if body := s.ask(t, "researcher", "GET", "/recordings/"+id).Body.String(); !strings.Contains(body, plantedPerson) {
		t.Error("a researcher reads labels too")
	}
	for range 2 {
		answer := s.ask(t, "analyst", "GET", "/recordings/"+id+"/sound")
		if answer.Code != http.StatusServiceUnavailable || strings.Contains(answer.Body.String(), plantedSound[4:11]) {
			t.Errorf("sound: got status %d, want to wait for the masked one", answer.Code)
		}
	}
	var jobs int
	if err := s.db.QueryRow(t.Context(), `select count(*) from river_job where kind = 'mask' and args->>'recording' = $1`, id).Scan(&jobs); err != nil || jobs != 1 {
		t.Errorf("got %d jobs to mask it, %v, want 1", jobs, err)
	}
}
