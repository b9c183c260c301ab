package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline/access"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// submit posts a form as somebody in a role.
func (s *site) submit(t *testing.T, role, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	account, err := access.AccountNamed(t.Context(), s.db, role)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := access.NewSession(t.Context(), s.db, account)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "lydhor", Value: secret})
	answer := httptest.NewRecorder()
	s.gate.ServeHTTP(answer, r)
	return answer
}

func TestConsentIsNotedOnThePage(t *testing.T) {
	s := newSite(t)
	path := "/consent/" + s.ids[0]
	for _, bad := range []url.Values{{"participants": {"Anna Jensen!"}}, {"agreed_on": {"i går"}}, {"agreed_until": {"2026-02-31"}}} {
		if answer := s.submit(t, "researcher", path, bad); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "Intet er gemt") {
			t.Errorf("%v: got status %d, want to be told that nothing was kept", bad, answer.Code)
		}
	}
	if answer := s.submit(t, "researcher", path, url.Values{"agreed_text": {"2026-1"}, "agreed_on": {"2026-03-02"}, "agreed_until": {"2031-03-01"}, "agreed_to": {"forskning"}, "participants": {"B-017, S-003 B-017"}}); answer.Code != http.StatusSeeOther {
		t.Fatalf("got status %d: %s", answer.Code, answer.Body)
	}
	got := s.ask(t, "analyst", "GET", path).Body.String()
	for _, want := range []string{`value="2026-1"`, `value="2026-03-02"`, `value="2031-03-01"`, `value="forskning"`, `value="B-017 S-003"`, "disabled"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not hold %s", want)
		}
	}
	if ids, err := consent.HeardIn(t.Context(), s.db, s.projects[0], "B-017"); err != nil || !slices.Equal(ids, s.ids[:1]) {
		t.Errorf("got %v, %v, want the recording", ids, err)
	}
	if ids, err := consent.HeardIn(t.Context(), s.db, s.projects[1], "B-017"); err != nil || len(ids) != 0 {
		t.Errorf("another project: got %v, %v, want none", ids, err)
	}
}

func TestErasedOnThePage(t *testing.T) {
	s := newSite(t)
	path := "/consent/" + s.ids[0] + "/erase"
	for _, form := range []url.Values{{"why": {"consent withdrawn"}}, {"why": {"words of mine"}, "sure": {"yes"}}, {"sure": {"yes"}}} {
		if answer := s.submit(t, "admin", path, form); answer.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: got status %d, want 422", form, answer.Code)
		}
	}
	sure := url.Values{"why": {"consent withdrawn"}, "sure": {"yes"}}
	if answer := s.submit(t, "researcher", path, sure); answer.Code != http.StatusForbidden {
		t.Errorf("as researcher: got status %d, want 403", answer.Code)
	}
	if answer := s.submit(t, "admin", path, sure); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "turn</th><td>2") {
		t.Errorf("got status %d, want the proof: %s", answer.Code, answer.Body)
	}
	if answer := s.ask(t, "researcher", "GET", "/recordings/"+s.ids[0]); answer.Code != http.StatusNotFound {
		t.Errorf("afterwards: got status %d, want 404", answer.Code)
	}
}

// What of an erased recording has not arrived whole goes with it, and of nothing else.
func TestErasureReachesHalfArrivedUploads(t *testing.T) {
	s := newSite(t)
	r, err := store.ByID(t.Context(), s.db, s.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	in := filepath.Join(folder, s.projects[0])
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	half := func(id, name string, bytes int64, participants string) {
		about, _ := json.Marshal(map[string]any{"ID": id, "Size": bytes, "MetaData": map[string]string{"filename": name, "participants": participants}})
		for file, text := range map[string][]byte{id: []byte("half of it"), id + ".info": about} {
			if err := os.WriteFile(filepath.Join(in, file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	half("same", r.Name, r.Bytes, "")
	half("longer", r.Name, r.Bytes+1, "")
	half("other", "other.wav", 7, "B-017 S-003")
	service := &service{pool: s.db, blobs: s.blobs}
	if _, err := service.erase(t.Context(), folder, s.ids[0], operator, "withdrawn"); err != nil {
		t.Fatal(err)
	}
	left := func() (names []string) {
		files, _ := filepath.Glob(in + "/*")
		for _, f := range files {
			names = append(names, filepath.Base(f))
		}
		return names
	}
	if got, want := left(), []string{"longer", "longer.info", "other", "other.info"}; !slices.Equal(got, want) {
		t.Errorf("got %v left, want %v", got, want)
	}
	a := &app{stdout: io.Discard}
	if err := a.withdraw(t.Context(), service, folder, s.projects[0], "S-003", nil, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := left(), []string{"longer", "longer.info"}; !slices.Equal(got, want) {
		t.Errorf("after the participant withdrew: got %v left, want %v", got, want)
	}
}

// Everything about a participant is in the zip, and nothing of where they are not heard.
func TestParticipantIsExported(t *testing.T) {
	s := newSite(t)
	if err := consent.PutParticipants(t.Context(), s.db, s.ids[0], []string{"B-017"}); err != nil {
		t.Fatal(err)
	}
	s.ask(t, "analyst", "GET", "/recordings/"+s.ids[0])
	file := filepath.Join(t.TempDir(), "b-017.zip")
	a := &app{stdout: io.Discard, stderr: io.Discard}
	service := &service{pool: s.db, blobs: s.blobs}
	if err := a.exportParticipant(t.Context(), service, s.projects[0], "B-017", s.ids[:1], file); err != nil {
		t.Fatal(err)
	}
	if err := a.exportParticipant(t.Context(), service, s.projects[0], "B-017", s.ids[:1], file); err == nil {
		t.Error("it wrote over an export that was there")
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all bytes.Buffer
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(&all, r)
		r.Close()
	}
	for _, want := range []string{planted, plantedSound, plantedName, "GET /recordings/{id}"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the zip does not hold %q", want)
		}
	}
	if strings.Contains(all.String(), s.ids[1]) {
		t.Error("the zip names a recording that they are not heard in")
	}
}

// A project holds as much as it may, whichever way recordings come.
func TestQuota(t *testing.T) {
	s := newSite(t)
	used := int64(len(plantedSound))
	if err := store.Protect(t.Context(), s.db, s.projects[0], store.Protection{Quota: used + 10}); err != nil {
		t.Fatal(err)
	}
	account, _ := access.AccountNamed(t.Context(), s.db, "researcher")
	token, err := access.NewToken(t.Context(), s.db, account, s.projects[0], []access.Act{access.Upload}, 1e12)
	if err != nil {
		t.Fatal(err)
	}
	send := func(sound string) int {
		r := httptest.NewRequest("POST", "/api/recordings?kind=flip&name=x.wav", strings.NewReader(sound))
		r.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		s.gate.ServeHTTP(answer, r)
		return answer.Code
	}
	for _, test := range []struct {
		sound string
		want  int
	}{{"eleven byte", http.StatusRequestEntityTooLarge}, {"ten bytes!", http.StatusOK}, {"x", http.StatusRequestEntityTooLarge}} {
		if got := send(test.sound); got != test.want {
			t.Errorf("%q: got status %d, want %d", test.sound, got, test.want)
		}
	}
	var rows int
	if err := s.db.QueryRow(t.Context(), `select count(*) from recording where project = $1`, s.projects[0]).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("got %d recordings, %v, want the first and the one that fits", rows, err)
	}
	if got := (review.Agreement{Participants: "Anna Jensen!"}); holds(got) == nil {
		t.Error("a name with a mark of exclamation was taken for codes")
	}
}

// A password is changed by who knows it, or came by a link; then all other sessions end.
func TestPasswordIsChangedByItsOwner(t *testing.T) {
	s := newSite(t)
	account, err := access.AccountNamed(t.Context(), s.db, "analyst")
	if err != nil {
		t.Fatal(err)
	}
	const old, chosen = "fire ord om vejret", "fem andre ord om sneen"
	if err := access.SetPassword(t.Context(), s.db, account, old); err != nil {
		t.Fatal(err)
	}
	for present, want := range map[string]int{"": http.StatusForbidden, "fire ord om regnen": http.StatusForbidden, old: http.StatusSeeOther} {
		if answer := s.submit(t, "analyst", "/account/password", url.Values{"present": {present}, "password": {old}}); answer.Code != want {
			t.Errorf("present %q: got status %d, want %d", present, answer.Code, want)
		}
	}
	secret, err := access.Enter(t.Context(), s.db, account, access.Entry{ByLink: true})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/account/password", strings.NewReader(url.Values{"password": {chosen}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "lydhor", Value: secret})
	answer := httptest.NewRecorder()
	s.gate.ServeHTTP(answer, r)
	if places, err := access.Places(t.Context(), s.db, account, ""); answer.Code != http.StatusSeeOther || err != nil || len(places) != 1 {
		t.Errorf("by link: got status %d and sessions %v, %v, want the new one alone", answer.Code, places, err)
	}
	if _, err := access.SignIn(t.Context(), s.db, "analyst", chosen); err != nil {
		t.Errorf("the new password: %v", err)
	}
	for range 2 {
		if _, err := access.NewSession(t.Context(), s.db, account); err != nil {
			t.Fatal(err)
		}
	}
	s.submit(t, "analyst", "/account/sign-out-elsewhere", nil)
	if places, err := access.Places(t.Context(), s.db, account, ""); err != nil || len(places) != 1 {
		t.Errorf("signed out elsewhere: got sessions %v, %v, want this one", places, err)
	}
}
