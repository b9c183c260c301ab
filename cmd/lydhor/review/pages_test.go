package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// shelf is a library of few recordings, all in memory.
type shelf struct {
	mu         sync.Mutex
	recordings []Recording
	transcript *pipeline.Transcript
	sound      Sound
	loudness   pipeline.Loudness
	sheets     []store.Sheet
	words      string          // to expect
	hidden     []pipeline.Span // in the clip that was asked for last
	retried    []string
	received   map[string]Upload // by their sound
	decisions  []pipeline.Decision
	corrected  []pipeline.Correction
	broken     bool // the database is gone
}

func (s *shelf) Recordings(context.Context) ([]Recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.recordings), nil
}

func (s *shelf) Busy(ctx context.Context) ([]Recording, error) {
	list, err := s.Recordings(ctx)
	return slices.DeleteFunc(list, func(r Recording) bool { return !r.Busy() }), err
}

func (s *shelf) finish(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.recordings, func(r Recording) bool { return r.ID == id })
	s.recordings[i].State = Done
}

func (s *shelf) Recording(ctx context.Context, id string) (*Recording, error) {
	list, _ := s.Recordings(ctx)
	for _, r := range list {
		if r.ID == id {
			return &r, nil
		}
	}
	return nil, store.ErrNotFound
}

func (s *shelf) Transcript(ctx context.Context, id string) (*pipeline.Transcript, error) {
	if _, err := s.Recording(ctx, id); err != nil {
		return nil, err
	}
	return s.transcript, nil
}

func (s *shelf) Decide(_ context.Context, _ string, d pipeline.Decision) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errors.New("no connection")
	}
	s.decisions = append(s.decisions, d)
	return nil
}

func (s *shelf) Correct(_ context.Context, _ string, c pipeline.Correction) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corrected = append(s.corrected, c)
	return nil
}

func (s *shelf) Corrections(context.Context, string) ([]pipeline.Correction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.corrected), nil
}

// Find finds a single word as it stands.
func (s *shelf) Find(_ context.Context, word string) ([]store.Hit, error) {
	var hits []store.Hit
	for _, turn := range s.transcript.Turns {
		if before, after, found := strings.Cut(turn.Text, word); found {
			hits = append(hits, store.Hit{Recording: "r1", Name: "Prøvesamtale", N: turn.N, Span: turn.Span, Role: turn.Role, Before: "<b>før</b>",
				Text: []store.Marked{{Text: before}, {Text: word, Found: true}, {Text: after}}})
		}
	}
	return hits, nil
}

func (s *shelf) breaks(now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = now
}

func (s *shelf) Decisions(_ context.Context, _, coder string) ([]pipeline.Decision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []pipeline.Decision
	for _, d := range s.decisions {
		if coder == "" || d.Coder == coder {
			own = append(own, d)
		}
	}
	return own, nil
}

func (s *shelf) Retry(_ context.Context, id string) error {
	s.retried = append(s.retried, id)
	return nil
}

func (s *shelf) Open(context.Context, string) (io.ReadSeekCloser, string, error) {
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader(s.sound.Data), io.NopCloser(nil)}, s.sound.Type, nil
}

func (s *shelf) Clip(_ context.Context, _ string, stretch pipeline.Span, hidden []pipeline.Span) ([]byte, string, error) {
	s.hidden = hidden
	return fmt.Append(nil, stretch), s.sound.Type, nil
}

func (s *shelf) PutSheet(_ context.Context, sheet store.Sheet) error {
	s.sheets = append(s.sheets, sheet)
	return nil
}

func (s *shelf) Sheets(_ context.Context, id string) ([]store.Sheet, error) {
	return slices.DeleteFunc(slices.Clone(s.sheets), func(sheet store.Sheet) bool { return sheet.Recording != id && sheet.FLIP != id }), nil
}

func (s *shelf) Loudness(context.Context, string) (pipeline.Loudness, error) { return s.loudness, nil }
func (s *shelf) Masked(_ context.Context, _ string, spans []pipeline.Span) (io.ReadSeekCloser, string, error) {
	if len(spans) == 0 {
		return nil, "", ErrMasking
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{strings.NewReader(fmt.Sprint(len(spans), " masked")), io.NopCloser(nil)}, s.sound.Type, nil
}

func (s *shelf) Receive(_ context.Context, u Upload, sound io.Reader) (string, error) {
	b, err := io.ReadAll(sound)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(string(b), "not sound") {
		return "", fmt.Errorf("decode: %w", pipeline.ErrBadAudio)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, here := s.received[string(b)]; here {
		return "", Duplicate{ID: "old"}
	}
	s.received[string(b)] = u
	id := fmt.Sprint("new", len(s.received))
	s.recordings = append(s.recordings, Recording{ID: id, Title: u.Name, Kind: u.Kind, State: Waiting})
	return id, nil
}

func (s *shelf) Vocabulary(context.Context) (string, error) { return s.words, nil }
func (s *shelf) SetVocabulary(_ context.Context, words string) error {
	if len(words) > store.VocabularyLimit {
		return store.ErrLongVocabulary
	}
	s.words = words
	return nil
}

func (s *shelf) config() Config {
	return Config{Library: s, Audio: s, Clips: s, Sheets: s, Queue: s, Inbox: s, Decisions: s, Corrections: s, Finder: s, Vocabulary: s}
}

func TestRecordingsShowTheirState(t *testing.T) {
	s := testServer(t, (&shelf{recordings: []Recording{
		{ID: "r1", Title: "<b>Ny</b>", Kind: pipeline.FLIP, State: Waiting},
		{ID: "r2", State: Working, Stage: pipeline.Transcribe, Progress: 0.25, Left: 61 * time.Second},
		{ID: "r3", State: Done, Title: strings.Repeat("langt navn ", 50), Length: time.Hour, Received: time.Date(2026, 11, 23, 8, 0, 0, 0, time.Local)},
		{ID: "r4", State: Failed, Problem: "Filen er tom. Læg den op igen."},
	}}).config())
	_, body := get(t, s.URL+"/")
	doc := page(t, body)
	rows := all(doc, "li.recording")
	for i, want := range []string{"<b>Ny</b> FLIP", "Arbejder: skriver ned, hvad der bliver sagt ca. 2 min. tilbage", "1:00:00 · 2026-11-23 08:00 Klar", "Gik ikke Filen er tom. Læg den op igen. Prøv igen"} {
		if got := text(rows[i]); !strings.Contains(got, want) {
			t.Errorf("got %q, want it to hold %q", got, want)
		}
	}
	if got := attr(one(t, doc, "progress"), "value"); got != "0.25" {
		t.Errorf("got progress %s, want 0.25", got)
	}
}

func TestRecordingPage(t *testing.T) {
	s := testServer(t, (&shelf{transcript: talk(), recordings: []Recording{
		{ID: "r1", State: Done, Title: "Prøvesamtale"}, {ID: "r2", State: Working, Stage: "later"}, {ID: "r3", State: Failed, Problem: "Disken er fuld."},
	}}).config())
	for _, test := range []struct {
		id     string
		status int
		want   string
	}{
		{"r1", http.StatusOK, "Jeg kunne godt lide (0,9) blomsterne."},
		{"r2", http.StatusOK, "Samtalen står her, så snart den er skrevet ned."},
		{"r3", http.StatusOK, "Disken er fuld. Prøv igen"},
		{"r4", http.StatusNotFound, "Den side findes ikke"},
	} {
		resp, body := get(t, s.URL+"/recordings/"+test.id)
		if resp.StatusCode != test.status {
			t.Errorf("%s: got status %d, want %d", test.id, resp.StatusCode, test.status)
		}
		if got := text(one(t, page(t, body), "main")); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want it to hold %q", test.id, got, test.want)
		}
	}
}

func TestSoundIsServedInRanges(t *testing.T) {
	s := testServer(t, (&shelf{recordings: []Recording{{ID: "r1"}}, sound: Sound{"audio/ogg", []byte("0123456789")}}).config())
	r, _ := http.NewRequest("GET", s.URL+"/recordings/r1/sound", nil)
	r.Header.Set("Range", "bytes=2-4")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusPartialContent || string(body) != "234" || resp.Header.Get("Content-Type") != "audio/ogg" {
		t.Errorf("got %d %q %s, want 206 %q audio/ogg", resp.StatusCode, body, resp.Header.Get("Content-Type"), "234")
	}
	if resp, _ := get(t, s.URL+"/recordings/r2/sound"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("got status %d for sound of nobody, want 404", resp.StatusCode)
	}
}

func TestExport(t *testing.T) {
	s := testServer(t, (&shelf{transcript: talk(), recordings: []Recording{{ID: "r1"}}}).config())
	resp, body := get(t, s.URL+"/recordings/r1/export/vtt")
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="r1.vtt"` || !strings.HasPrefix(body, "WEBVTT") {
		t.Errorf("got %q and %.20q, want a VTT file to save", got, body)
	}
	for _, path := range []string{"/recordings/r1/export/doc", "/recordings/r2/export/vtt"} {
		if resp, _ := get(t, s.URL+path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got status %d, want 404", path, resp.StatusCode)
		}
	}
}

func TestRetry(t *testing.T) {
	shelf := &shelf{}
	s := testServer(t, shelf.config())
	resp, err := http.PostForm(s.URL+"/recordings/r4/retry", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(shelf.retried) != 1 || shelf.retried[0] != "r4" {
		t.Errorf("got %v tried again, want r4", shelf.retried)
	}
}

// submit posts the upload form: pairs of field and value, a file's value being its content.
func submit(t *testing.T, address string, fields ...[2]string) (*http.Response, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i, f := range fields {
		if f[0] != "sound" {
			form.WriteField(f[0], f[1])
			continue
		}
		name := fmt.Sprintf("møde %d.wav", i)
		if f[1] == "" {
			name = "" // as browsers do where no file was chosen
		}
		part, err := form.CreateFormFile("sound", name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, f[1])
	}
	form.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Post(address, form.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

func TestUpload(t *testing.T) {
	shelf := &shelf{received: map[string]Upload{}}
	s := testServer(t, shelf.config())
	resp, _ := submit(t, s.URL+"/upload", [2]string{"kind", "flip"}, [2]string{"speakers", "7"}, [2]string{"channels", "separate"}, [2]string{"sound", "one"})
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || got != "/recordings/new1" {
		t.Errorf("got %d to %q, want 303 to the recording", resp.StatusCode, got)
	}
	if got, want := shelf.received["one"], (Upload{Name: "møde 3.wav", Kind: pipeline.FLIP, Speakers: 7, Separate: true}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	resp, _ = submit(t, s.URL+"/upload", [2]string{"kind", "meeting"}, [2]string{"speakers", ""}, [2]string{"sound", "two"}, [2]string{"sound", "three"})
	if got := resp.Header.Get("Location"); got != "/" || len(shelf.received) != 3 {
		t.Errorf("got to %q with %d recordings, want to the list with 3", got, len(shelf.received))
	}
}

func TestUploadSaysWhatIsWrongAndKeepsTheRest(t *testing.T) {
	s := testServer(t, (&shelf{received: map[string]Upload{"twice": {}}}).config())
	for _, test := range []struct {
		name   string
		fields [][2]string
		status int
		want   string
	}{
		{"no file chosen", [][2]string{{"kind", "flip"}, {"sound", ""}}, 422, "Vælg mindst én lydfil."},
		{"nothing at all", [][2]string{{"kind", "flip"}}, 422, "Vælg mindst én lydfil."},
		{"unknown kind", [][2]string{{"kind", "lecture"}}, 422, "Vælg, hvad det er for en samtale."},
		{"no number", [][2]string{{"kind", "flip"}, {"speakers", "mange"}}, 422, "”mange” er ikke et antal talere."},
		{"no date", [][2]string{{"kind", "flip"}, {"date", "i går"}}, 422, "”i går” er ikke en dato."},
		{"unknown basis", [][2]string{{"kind", "flip"}, {"consent", "none"}}, 422, "Vælg, hvad brugen af optagelsen hviler på."},
		{"not sound", [][2]string{{"kind", "flip"}, {"sound", "not sound"}}, 422, "”møde 1.wav” kan ikke læses som lyd."},
		{"here already", [][2]string{{"kind", "flip"}, {"sound", "twice"}}, 409, "”møde 1.wav” ligger her allerede. Se optagelsen"},
	} {
		resp, body := submit(t, s.URL+"/upload", test.fields...)
		if resp.StatusCode != test.status {
			t.Errorf("%s: got status %d, want %d", test.name, resp.StatusCode, test.status)
		}
		doc := page(t, body)
		if got := text(one(t, doc, "p#problem")); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		for _, kind := range all(doc, "input[name=kind]") {
			_, checked := attrIs(kind, "checked")
			if want := attr(kind, "value") == "flip"; test.name != "unknown kind" && checked != want {
				t.Errorf("%s: got kind %s checked %v, want %v", test.name, attr(kind, "value"), checked, want)
			}
		}
	}
	resp, err := http.Post(s.URL+"/upload", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("got status %d for no form, want 400", resp.StatusCode)
	}
}

func TestSearch(t *testing.T) {
	s := testServer(t, (&shelf{transcript: talk()}).config())
	for _, test := range []struct{ words, want string }{
		{"blomsterne", "1 sted Prøvesamtale · Borger · 0:03 <b>før</b> Jeg kunne godt lide blomsterne ."},
		{"<script>", "”<script>” er ikke sagt i nogen af optagelserne."},
		{"", "Søg i alt, der er sagt"},
	} {
		_, body := get(t, s.URL+"/search?q="+url.QueryEscape(test.words))
		doc := page(t, body)
		if got := text(one(t, doc, "main")); !strings.Contains(got, test.want) {
			t.Errorf("%q: got %q, want it to hold %q", test.words, got, test.want)
		}
		if got := attr(one(t, doc, "input#q"), "value"); got != test.words {
			t.Errorf("%q: got %q kept in the field", test.words, got)
		}
	}
	_, body := get(t, s.URL+"/search?q=blomsterne")
	doc := page(t, body)
	if got := text(one(t, doc, "mark")); got != "blomsterne" {
		t.Errorf("got %q marked, want blomsterne", got)
	}
	if got, want := attr(one(t, doc, "audio"), "src"), "/recordings/r1/sound#t=3.0,6.0"; got != want {
		t.Errorf("got sound %q, want %q", got, want)
	}
	if resp, _ := get(t, s.URL+"/search?q="+strings.Repeat("x", 201)); resp.StatusCode != 422 {
		t.Errorf("got status %d for an endless search, want 422", resp.StatusCode)
	}
}

func TestRecordingsAreFiltered(t *testing.T) {
	s := testServer(t, (&shelf{recordings: []Recording{
		{ID: "r1", Title: "Første samtale", Kind: pipeline.Conversation, State: Done, Meta: Upload{Case: "Forløb 7", Place: "Ærø", Date: "2026-11-02", Consent: "research"}.Meta()},
		{ID: "r2", Title: "FLIP", Kind: pipeline.FLIP, State: Failed, Received: time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local), Meta: Upload{Tags: "ledere, inddragelse", Place: "Ærø"}.Meta()},
	}}).config())
	for _, test := range []struct{ query, want string }{
		{"", "Første samtale FLIP"},
		{"kind=flip", "FLIP"},
		{"state=done", "Første samtale"},
		{"q=ærø+FORLØB", "Første samtale"},
		{"q=ærø", "Første samtale FLIP"},
		{"place=Ærø&case=Forløb+7", "Første samtale"},
		{"place=Fanø", ""},
		{"tag=inddragelse", "FLIP"},
		{"tag=inddra", ""},
		{"kind=flip&state=done", ""},
		{"from=2026-11-02&to=2026-11-19", "Første samtale"},
		{"from=2026-11-03", "FLIP"},
		{"to=2026-11-01", ""},
		{"q=<script>", ""},
	} {
		_, body := get(t, s.URL+"/?"+test.query)
		doc := page(t, body)
		var got []string
		for _, a := range all(doc, "a.title") {
			got = append(got, text(a))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, want %q", test.query, got, test.want)
		}
		if empty := text(one(t, doc, "div#list")); test.want == "" && !strings.HasPrefix(empty, "Ingen optagelser passer til det.") {
			t.Errorf("%s: got %q, want it to say that none is like that", test.query, empty)
		}
	}
	_, body := get(t, s.URL+"/?kind=conversation")
	if got := text(one(t, page(t, body), "li.recording")); !strings.Contains(got, "2026-11-02 · Ærø · Forløb 7 · Databeskyttelseslovens § 10") {
		t.Errorf("got %q, want what is said of the recording", got)
	}
}

func TestUploadSaysMoreOfARecording(t *testing.T) {
	shelf := &shelf{received: map[string]Upload{}}
	s := testServer(t, shelf.config())
	submit(t, s.URL+"/upload", [2]string{"kind", "conversation"}, [2]string{"date", "2026-11-23"}, [2]string{"case", "Forløb 7"}, [2]string{"place", "Ærø"},
		[2]string{"consent", "consent"}, [2]string{"tags", "første"}, [2]string{"sound", "one"})
	want := map[string]string{"date": "2026-11-23", "case": "Forløb 7", "place": "Ærø", "consent": "consent", "tags": "første"}
	if diff := cmp.Diff(want, shelf.received["one"].Meta()); diff != "" {
		t.Errorf("what is said differs (-want +got):\n%s", diff)
	}
}
