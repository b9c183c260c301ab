package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// A sending is what a route takes: fields that are right, and what can be wrong with them.
type sending struct {
	as     string // a role; admin if empty
	path   string // with what is to be taken; the route's own address if empty
	fields url.Values
	files  bool // whether it is sent as a form with files
	again  bool // whether the form is shown again with what was written
	bad    []bad
}

// bad is something wrong: fields in the place of right ones, or a path, and what is then said.
type bad struct {
	set    url.Values
	path   string
	file   string // content of a file called like the field "file" of set
	status int
	da     string
	en     string
	wrote  string // what stands on the page, to be taken along
}

// sendings has a row for every route there is.
func (s *site) sendings(t *testing.T) map[string]sending {
	of := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	rec, key := "/recordings/"+s.ids[0], "0123456789abcdef"
	long := strings.Repeat("lang ", 2000)
	agreed := []string{"agreed_text", "2026-1", "agreed_to", "forskning", "agreed_on", "2026-11-20", "agreed_until", "2027-11-20", "participants", "B-017 S-003"}
	wrongAgreements := []bad{
		{set: of("agreed_on", "20/11"), status: 422, da: "2026-11-2", en: "2026-11-2"},
		{set: of("agreed_until", "2020-01-01"), status: 422, da: "udløber, før det er givet", en: "ends before it was given"},
		{set: of("agreed_to", long), status: 422, da: "for langt", en: "too long"},
		{set: of("participants", "Anna Jensen (datter)"), status: 422, da: "koder", en: "codes"},
	}
	guessed := []bad{{set: of("present", "gættet"), status: 403, da: "Den nuværende adgangskode er forkert", en: "The present password is wrong"}}
	unknownFile := []bad{{path: "/pictures/persons.svg", status: 404, da: "Den side findes ikke", en: "There is no such page"}}
	noRecording := "00000000-0000-4000-8000-000000000000"
	return map[string]sending{
		"GET /healthz": {}, "GET /static/": {path: "/static/nothing.css"},
		"POST /language": {fields: of("language", "da", "back", "/")},
		"GET /sign-in":   {fields: of("to", "/")},
		"POST /sign-in": {as: "stranger", fields: of("to", "/", "name", "somebody", "password", "fire ord om sneen"), again: true, bad: []bad{
			{status: 401, da: "Navn eller adgangskode er forkert", en: "The name or the password is wrong"},
		}},
		"GET /sign-in/provider": {fields: of("to", "/"), bad: []bad{{status: 404, da: "Den side findes ikke", en: "There is no such page"}}},
		"GET /sign-in/provider/back": {fields: of("code", "c", "state", "s"), bad: []bad{
			{status: 404, da: "Den side findes ikke", en: "There is no such page"}}},
		"GET /sign-in/code":                {fields: of("to", "/")}, // sends away whom TestSecondFactor lets in
		"POST /sign-in/code":               {as: "stranger", fields: of("to", "/", "code", "123456")},
		"GET /account/sessions":            {},
		"POST /account/sessions/end":       {fields: of("id", noRecording)},
		"GET /account/factor":              {},
		"POST /account/factor":             {fields: of("present", "fire ord om vejret"), bad: guessed},
		"POST /account/factor/drop":        {fields: of("present", "fire ord om vejret"), bad: guessed},
		"POST /account/factor/confirm":     {fields: of("code", "123456"), bad: []bad{{status: 409, da: "Det kan ikke gøres nu", en: "That cannot be done now"}}},
		"GET /sign-in/{secret}":            {},
		"POST /sign-in/{secret}":           {as: "stranger", bad: []bad{{status: 401, da: "Linket er brugt eller udløbet", en: "The link has been used"}}},
		"POST /sign-out":                   {},
		"POST /account/sign-out-elsewhere": {},
		"GET /account":                     {},
		"POST /account/password": {fields: of("name", "admin", "present", "fire ord om vejret", "password", "fire andre ord om havet"), bad: []bad{
			{set: of("password", "kort"), status: 422, da: "for let at gætte", en: "too easy to guess"},
			{set: of("password", long), status: 422, da: "for let at gætte", en: "too easy to guess"},
			{set: of("present", "gættet"), status: 403, da: "Den nuværende adgangskode er forkert", en: "The present password is wrong"},
		}},
		"POST /account/project": {fields: of("project", s.projects[0]), bad: []bad{
			{set: of("project", s.projects[1]), status: 422, da: "Du er ikke med i det projekt", en: "You do not belong to that project"},
			{set: of("project", "x"), status: 422, da: "Du er ikke med i det projekt", en: "You do not belong to that project"},
		}},

		"GET /{$}": {again: true, fields: of("q", "hund", "kind", "conversation", "state", "done", "case", plantedName, "from", "2026-11-01", "to", "2026-11-30", "order", "unsure", "format", "vtt", "plain", "yes", "as", "consensus"), bad: []bad{
			{set: of("from", "i går"), status: 422, da: "”i går” er ikke en dato", en: "is no date"},
			{set: of("from", "2026-12-24"), status: 422, da: "Den sidste dag (2026-11-30) ligger før den første", en: "The last day (2026-11-30) is before"},
		}},
		"GET /export": {fields: of("format", "vtt"), bad: []bad{
			{set: of("format", "pdf"), status: 422, da: "Vælg et format", en: "Choose a format"},
			{set: of("format", "vtt", "to", "i går"), status: 422, da: "er ikke en dato", en: "is no date"},
			{set: of("format", "vtt", "q", "findes ikke"), status: 422, da: "Ingen af de viste optagelser", en: "None of the recordings shown"},
		}},
		"GET /recordings/{id}":             {fields: of("notation", "ca")},
		"GET /recordings/{id}/sound":       {},
		"GET /recordings/{id}/compare":     {},
		"GET /recordings/{id}/picture.svg": {},
		"GET /recordings/{id}/themes.svg":  {},
		"GET /recordings/{id}/themes.csv":  {},
		"GET /pictures":                    {},
		"GET /pictures/{file}":             {bad: unknownFile},
		"GET /cases/{case}":                {bad: []bad{{path: "/cases/nobody", status: 404, da: "Den side findes ikke", en: "There is no such page"}}},
		"GET /search": {again: true, fields: of("q", "hund"), bad: []bad{
			{set: of("q", long), status: 422, da: "Søg efter færre ord", en: "Search for fewer words"},
		}},
		"POST /recordings/{id}/turns/{n}/decision": {fields: of("key", key, "do", "gripped", "note", "", "deciding", "", "as", ""), bad: []bad{
			{set: of("do", "praise"), status: 422, da: "Den afgørelse kan ikke gemmes", en: "cannot be kept"},
			{set: of("key", "1"), status: 422, da: "Den afgørelse kan ikke gemmes", en: "cannot be kept"},
			{set: of("do", "deciding", "deciding", "1"), status: 422, da: "Det er en senere tur", en: "later turn"},
			{set: of("do", "note", "note", long), status: 422, da: "Kommentaren er for lang", en: "The comment is too long", wrote: long[:4000]},
			{path: rec + "/turns/99/decision", status: 409, da: "En anden har rettet", en: "corrected"},
			{path: rec + "/turns/to/decision", status: 404, da: "Den side findes ikke", en: "There is no such page"},
		}},
		"POST /recordings/{id}/corrections": {fields: of("key", key, "do", "label", "label", "S1", "to", "Sagsbehandleren", "turn", "1", "start", "0", "from", "0"), bad: []bad{
			{set: of("to", ""), status: 422, da: "Skriv et navn på taleren", en: "Write a name for the speaker"},
			{set: of("to", long), status: 422, da: "Skriv et navn på taleren", en: "Write a name for the speaker", wrote: "lang lang"},
			{set: of("label", "S9", "to", "Anna"), status: 409, da: "En anden har rettet", en: "corrected", wrote: "Anna"},
			{set: of("do", "role", "to", "boss"), status: 422, da: "Den rettelse kan ikke gemmes", en: "cannot be kept"},
			{set: of("do", "praise"), status: 422, da: "Den rettelse kan ikke gemmes", en: "cannot be kept"},
			{set: of("key", "1"), status: 422, da: "Den rettelse kan ikke gemmes", en: "cannot be kept"},
			{set: of("do", "undo"), status: 422, da: "ingen rettelser at fortryde", en: "no corrections"},
			{set: of("do", "split", "from", "NaN"), status: 422, da: "intet oplyst ord", en: "no lit word"},
			{set: of("do", "text", "start", "77", "to", "en rettelse"), status: 409, da: "En anden har rettet", en: "corrected", wrote: "en rettelse"},
			{set: of("do", "text", "to", strings.Repeat("lang ", 21000)), status: 422, da: "Teksten er for lang", en: "The text is too long", wrote: "lang lang"},
		}},
		"GET /recordings/{id}/clips/{n}": {bad: []bad{{path: rec + "/clips/99", status: 404, da: "Den side findes ikke", en: "There is no such page"}}},
		"GET /recordings/{id}/sheet":     {fields: of("flip", s.flip, "plain", "yes")},
		"POST /recordings/{id}/sheet": {again: true, fields: of("turn", "2", "names", "Villads = Mads", "flip", s.flip, "sound", "yes"), bad: []bad{
			{set: of("turn", ""), status: 422, da: "Vælg mindst én sekvens", en: "Pick one sequence"},
			{set: of("names", "Villads ="), status: 422, da: "”Villads =” kan ikke læses", en: "cannot be read"},
			{set: of("names", strings.Repeat("Villads = Mads\n", 400)), status: 422, da: "for mange navne", en: "too many names"},
			{set: of("flip", noRecording), status: 422, da: "Den FLIP er der ikke mere", en: "That FLIP is gone"},
			{set: url.Values{"turn": {"2", "77"}}, status: 409, da: "Nogle af de valgte sekvenser er ændret", en: "have changed"},
		}},
		"GET /recordings/{id}/export/{format}": {fields: of("as", "consensus"), bad: []bad{
			{path: rec + "/export/pdf", status: 404, da: "Den side findes ikke", en: "There is no such page"},
		}},
		"GET /codebook": {},
		"POST /codebook": {files: true, fields: of("codebook", ""), bad: []bad{
			{status: 422, da: "Vælg en kodebog", en: "Choose a codebook"},
			{file: " ", status: 422, da: "Filen er tom", en: "The file is empty"},
			{file: "GIF89a\x00\x01\xff", status: 422, da: "Filen er ikke tekst", en: "The file is no text"},
			{file: "language: da\nversion: 9\nnonsense: x\n", status: 422, da: `Linje 3: "nonsense" kendes ikke. Mente du`, en: `Line 3: there is no "nonsense". Did you mean`},
			{file: "language: [da\n", status: 422, da: "ikke skrevet som YAML", en: "not written as YAML"},
			{file: "language: da\nversion: 9\n", status: 422, da: "Den øverste linje skal være", en: "The first line has to be"},
			{file: strings.Repeat("# lang\n", 200_000), status: 413, da: "højst 1 MB", en: "1 MB"},
		}},
		"POST /codebook/use": {fields: of("language", "da", "version", ""), bad: []bad{
			{set: of("version", "9.9"), status: 422, da: "Den version har projektet ikke", en: "The project has no such version"},
			{set: of("language", "klingon"), status: 422, da: "Den version har projektet ikke", en: "The project has no such version"},
		}},
		"POST /codebook/again": {},
		"GET /agreement": {fields: of("a", "admin", "b", "Lydhør"), bad: []bad{
			{set: of("b", "admin"), status: 422, da: "Vælg to forskellige kodere", en: "Pick two different coders"},
			{set: of("b", "nobody"), status: 422, da: "Vælg to forskellige kodere", en: "Pick two different coders"},
		}},
		"GET /coding": {},
		"POST /coding": {again: true, fields: of("recording", s.flip, "coder", "analyst", "sighted", "yes"), bad: []bad{
			{set: of("coder", "nobody"), status: 422, da: "ikke med i projektet som en, der koder", en: "not in the project"},
			{set: url.Values{"coder": nil}, status: 422, da: "Vælg mindst én optagelse", en: "Pick at least one recording"},
			{set: of("recording", s.ids[1]), status: 422, da: "er der ikke mere", en: "is gone"},
			{set: of("recording", "x"), status: 422, da: "er der ikke mere", en: "is gone"},
			{set: url.Values{"recording": {s.ids[0]}, "coder": {"researcher"}, "sighted": nil}, status: 422, da: "har allerede afgjort noget", en: "has decided something"},
		}},
		"POST /coding/withdraw": {fields: of("recording", s.ids[0], "coder", "analyst"), bad: []bad{
			{status: 409, da: "allerede afleveret eller taget tilbage", en: "handed in or withdrawn already"},
			{set: of("recording", s.ids[1]), status: 409, da: "allerede afleveret eller taget tilbage", en: "handed in or withdrawn already"},
		}},
		"POST /recordings/{id}/hand-in": {bad: []bad{{status: 409, da: "Du har ingen kodning at aflevere her", en: "You have no coding to hand in here"}}},
		"GET /upload":                   {},
		"POST /upload": {files: true, again: true, fields: of(append([]string{"kind", "meeting", "speakers", "3", "date", "2026-11-19", "place", "Prøveby", "case", "7", "tags", "a, b", "consent", "consent", "channels", "separate", "sound", ""}, agreed...)...), bad: append([]bad{
			{status: 422, da: "Vælg mindst én lydfil", en: "Choose at least one"},
			{set: of("kind", "party"), status: 422, da: "Vælg, hvad det er for en samtale", en: "Choose what kind"},
			{set: of("speakers", "mange"), status: 422, da: "”mange” er ikke et antal talere", en: "is no number of speakers"},
			{set: of("speakers", "-1"), status: 422, da: "”-1” er ikke et antal talere", en: "is no number of speakers"},
			{set: of("date", "24. december"), status: 422, da: "er ikke en dato", en: "is no date"},
			{set: of("consent", "maybe"), status: 422, da: "Vælg, hvad brugen af optagelsen hviler på", en: "Choose what"},
			{set: of("place", long), status: 422, da: "er for langt. Skriv højst 100 tegn", en: "is too long. Write 100 characters"},
			{set: of("tags", "\xff\xfe"), status: 400, da: "som ikke kan læses", en: "cannot be read"},
		}, withFile(wrongAgreements)...)},
		"GET /vocabulary": {fields: of("kept", "1")},
		"POST /vocabulary": {again: true, fields: of("words", "Nørre Lyng"), bad: []bad{
			{set: of("words", long), status: 422, da: "Der må højst være 600 tegn", en: "600"},
		}},
		"/uploads/":                   {},
		"POST /recordings/{id}/retry": {bad: []bad{{status: 409, da: "ikke gået i stå", en: "has not stopped"}}},
		"GET /consent/{id}":           {},
		"POST /consent/{id}":          {again: true, fields: of(agreed...), bad: wrongAgreements},
		"POST /consent/{id}/erase": {again: true, fields: of("why", "consent withdrawn", "sure", ""), bad: []bad{
			{status: 422, da: "Vælg en grund, og sæt kryds", en: "Choose a reason, and tick"},
			{set: of("why", "because", "sure", "yes"), status: 422, da: "Vælg en grund, og sæt kryds", en: "Choose a reason, and tick"},
		}},
		"GET /settings": {fields: of("kept", "1")},
		"POST /settings": {again: true, fields: of("keep", "3650", "quota", "100", "masked", "yes", "voices", "yes", "sure", ""), bad: []bad{
			{set: of("keep", "et år"), status: 422, da: "Skriv antallet af dage", en: "Write the days"},
			{set: of("keep", "-1"), status: 422, da: "Skriv antallet af dage", en: "Write the days"},
			{set: of("quota", "9999999999999999999999"), status: 422, da: "Skriv pladsen", en: "Write the room"},
			{set: of("keep", "1"), status: 409, da: "vil blive slettet for altid ved næste oprydning: 1.", en: "erased for good at the next clearing-up: 1."},
		}},
		"GET /jobs":   {},
		"/river/":     {as: "ops"},
		"GET /audit":  {as: "protection"},
		"GET /events": {path: "/events?id=x"},

		"POST /api/recordings": {fields: of("kind", "conversation"), bad: []bad{
			{path: "/api/recordings?kind=party", status: 400, da: "party"},
			{path: "/api/recordings?kind=conversation&speakers=mange", status: 400, da: "write how many speak as a number"},
			{path: "/api/recordings?kind=conversation&profile=x%20y", status: 400, da: "profile"},
			{path: "/api/recordings?kind=conversation&agreed_on=x", status: 400, da: "x"},
			{path: "/api/recordings?kind=%ff", status: 400, da: "UTF-8"},
		}},
		"GET /api/recordings":                 {},
		"GET /api/recordings/{id}":            {},
		"GET /api/recordings/{id}/transcript": {},
		"POST /api/recordings/{id}/retry":     {bad: []bad{{status: 404, da: "has not failed"}}},
		"POST /api/recordings/{id}/cancel":    {bad: []bad{{status: 404, da: "no work on it is under way"}}},
	}
}

// withFile sends each with a file of sound, so that the other fields are looked at.
func withFile(list []bad) []bad {
	list = slices.Clone(list)
	for i := range list {
		list[i].file = "another sound"
	}
	return list
}

// A badSite is a site with a FLIP, a decision, a password, and a recording that was erased.
func newBadSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	inbox, err := workers.NewInbox(s.db, s.blobs)
	if err != nil {
		t.Fatal(err)
	}
	receive := func(kind pipeline.Kind, sound string) string {
		id, _, err := inbox.Receive(t.Context(), store.Recording{Project: s.projects[0], Name: "x", Kind: kind, Profile: "draft"}, strings.NewReader(sound))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	s.flip, s.gone = receive(pipeline.FLIP, "a flip"), receive(pipeline.Conversation, "erased")
	said := &pipeline.Transcript{Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{}, Turns: []pipeline.Turn{}}
	if err := pgx.BeginFunc(t.Context(), s.db, func(tx pgx.Tx) error {
		if err := store.SaveTranscript(t.Context(), tx, s.flip, said); err != nil {
			return err
		}
		return store.SetDone(t.Context(), tx, s.flip)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec(t.Context(), `update recording set received = now() - interval '40 days' where id = $1`, s.flip); err != nil {
		t.Fatal(err)
	}
	if _, err := consent.Erase(t.Context(), s.db, s.blobs, s.gone, "test", "no consent"); err != nil {
		t.Fatal(err)
	}
	account, err := access.AccountNamed(t.Context(), s.db, "admin")
	if err != nil {
		t.Fatal(err)
	}
	if err := access.SetPassword(t.Context(), s.db, account, "fire ord om vejret"); err != nil {
		t.Fatal(err)
	}
	for _, coder := range []string{"admin", "researcher"} {
		if answer := s.post(t, sending{as: coder, path: "/recordings/" + s.ids[0] + "/turns/2/decision"}, "POST", url.Values{"key": {"fedcba9876543210" + coder}, "do": {"meaning"}}, "", "da"); answer.Code != http.StatusOK {
			t.Fatalf("decide as %s: got status %d", coder, answer.Code)
		}
	}
	return s
}

// post sends fields, and a file if there is one, as somebody who reads a language.
func (s *site) post(t *testing.T, to sending, method string, fields url.Values, file, language string) *httptest.ResponseRecorder {
	t.Helper()
	path, body, mediaType := to.path, strings.NewReader(fields.Encode()), "application/x-www-form-urlencoded"
	if method == "GET" && len(fields) > 0 {
		path += "?" + fields.Encode()
	}
	if to.files {
		body, mediaType = multiparted(t, fields, file)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	r.Header.Set("Content-Type", mediaType)
	r.AddCookie(&http.Cookie{Name: "language", Value: language})
	if who := to.as; who != "stranger" {
		s.signIn(t, r, cmp.Or(who, "admin"))
	}
	answer := httptest.NewRecorder()
	s.gate.ServeHTTP(answer, r)
	return answer
}

// multiparted is a form with files. The fields "sound" and "codebook" are files, and come last.
func multiparted(t *testing.T, fields url.Values, file string) (*strings.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range fields[name] {
			if name == "sound" || name == "codebook" {
				continue
			}
			if err := form.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"sound", "codebook"} {
		if !fields.Has(name) {
			continue
		}
		called := "file"
		if file == "" {
			called = ""
		}
		part, err := form.CreateFormFile(name, called)
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte(file))
	}
	form.Close()
	return strings.NewReader(b.String()), form.FormDataContentType()
}

// TestBadInput sends each route what it should not get: what its row says, and for every field
// nothing, too much, and what is no text; for every recording one that is not there. What is
// wrong is said once, on a page in the reader's language, with the right status; the form keeps
// what was written.
func TestBadInput(t *testing.T) {
	s := newBadSite(t)
	rows := s.sendings(t)
	checked := 0
	for _, r := range rules() {
		row, listed := rows[r.route]
		if !listed {
			t.Errorf("%s: no row says what it takes, and what it answers to what it cannot take", r.route)
			continue
		}
		method, path := address(r.route, s.ids[0])
		if row.path == "" {
			row.path = path
		}
		for _, b := range row.bad {
			checked += s.sendBad(t, method, row, b)
		}
	}
	for _, r := range rules() {
		row := rows[r.route]
		if r.route == "/river/" || r.route == "/uploads/" { // not ours: River's pages, and tus, which has tests of its own
			continue
		}
		checked += s.sendNowhere(t, r.route, row)
		method, path := address(r.route, s.ids[0])
		row.path = cmp.Or(row.path, path)
		for name := range row.fields {
			for what, value := range map[string]string{"nothing": "", "too much": strings.Repeat("æøå ", 3000), "no text": "\xff\xfe", "NUL": "\x00", "another thing": "☃"} {
				fields := maps.Clone(row.fields)
				fields[name] = []string{value}
				checked += s.inBoth(t, fmt.Sprintf("%s: %s is %s", r.route, name, what), method, row, fields, "")
			}
		}
	}
	for route := range rows {
		if !slices.ContainsFunc(rules(), func(r rule) bool { return r.route == route }) {
			t.Errorf("%s: there is no such route", route)
		}
	}
	t.Logf("%d routes, %d requests", len(rules()), checked)
}

// sendBad sends what a row says is wrong, and looks for what is then said.
func (s *site) sendBad(t *testing.T, method string, row sending, b bad) int {
	t.Helper()
	row.path = cmp.Or(b.path, row.path)
	fields := maps.Clone(row.fields)
	for name, values := range b.set {
		fields[name] = values
	}
	if b.path != "" && method == "GET" || strings.HasPrefix(row.path, "/api/") {
		fields = nil
	}
	for language, want := range map[string]string{"da": b.da, "en": cmp.Or(b.en, b.da)} {
		name := fmt.Sprintf("%s %s %.60q in %s", method, row.path, b.set.Encode()+b.file, language)
		answer := s.post(t, row, method, fields, b.file, language)
		said := s.said(t, name, language, answer)
		if answer.Code != b.status || !strings.Contains(said, want) {
			t.Errorf("%s: got %d %q, want %d with %q", name, answer.Code, said, b.status, want)
		}
		if b.wrote != "" && !strings.Contains(answer.Body.String(), html.EscapeString(b.wrote)) {
			t.Errorf("%s: what was written is lost", name)
		}
		if row.again && answer.Code != http.StatusBadRequest {
			keeps(t, name, row, fields, answer)
		}
	}
	return 2
}

// sendNowhere asks for recordings that are not there.
func (s *site) sendNowhere(t *testing.T, route string, row sending) (sent int) {
	t.Helper()
	if !strings.Contains(route, "{id}") {
		return 0
	}
	for what, id := range map[string]string{"another project's": s.ids[1], "erased": s.gone, "no id": "nowhere", "no text": "%ff", "NUL": "%00"} {
		method, path := address(route, id)
		row.path = path
		for _, language := range []string{"da", "en"} {
			name := fmt.Sprintf("%s: a recording that is %s, in %s", route, what, language)
			answer := s.post(t, row, method, row.fields, "", language)
			s.said(t, name, language, answer)
			if answer.Code != http.StatusNotFound && (what != "no text" || answer.Code != http.StatusBadRequest) {
				t.Errorf("%s: got status %d, want 404", name, answer.Code)
			}
			sent++
		}
	}
	return sent
}

// inBoth sends fields in both languages; whatever comes of it is no fault of the server's, and
// where it is refused that is said.
func (s *site) inBoth(t *testing.T, name, method string, row sending, fields url.Values, file string) int {
	t.Helper()
	said := map[string]string{}
	for _, language := range []string{"da", "en"} {
		answer := s.post(t, row, method, fields, file, language)
		if answer.Code >= 500 {
			t.Errorf("%s: got status %d", name, answer.Code)
		}
		if answer.Code >= 400 {
			said[language] = s.said(t, name, language, answer)
		}
	}
	if said["da"] != "" && said["da"] == said["en"] && !strings.Contains(row.path, "/api/") {
		t.Errorf("%s: got %q in both languages", name, said["da"])
	}
	return 2
}

// said is the one message on a page in the reader's language, or in an answer of the API.
func (s *site) said(t *testing.T, name, language string, answer *httptest.ResponseRecorder) string {
	t.Helper()
	body := answer.Body.String()
	if answer.Header().Get("Content-Type") == "application/json" {
		if !strings.HasPrefix(body, `{"error":"`) {
			t.Errorf("%s: got %q, want an error", name, body)
		}
		return body
	}
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "html" && of(n, "lang") != language {
			t.Errorf("%s: got a page in %q", name, of(n, "lang"))
		}
		if of(n, "role") == "alert" {
			messages = append(messages, inner(n))
		}
	}
	if len(messages) != 1 || !strings.HasSuffix(strings.TrimRight(messages[0], " "), ".") && !strings.Contains(messages[0], ": ") {
		t.Errorf("%s: got %d %s with messages %q, want one on a page", name, answer.Code, answer.Header().Get("Content-Type"), messages)
		return ""
	}
	return messages[0]
}

// keeps looks whether the form of an answer has what was sent.
func keeps(t *testing.T, name string, row sending, fields url.Values, answer *httptest.ResponseRecorder) {
	t.Helper()
	doc, _ := html.Parse(strings.NewReader(answer.Body.String()))
	kept := map[string][]string{}
	for n := range doc.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "textarea":
			kept[of(n, "name")] = append(kept[of(n, "name")], raw(n))
		case n.Data == "option" && has(n, "selected"):
			in := n.Parent
			kept[of(in, "name")] = append(kept[of(in, "name")], cmp.Or(of(n, "value"), inner(n)))
		case n.Data == "input" && (of(n, "type") == "checkbox" || of(n, "type") == "radio") && !has(n, "checked"):
		case n.Data == "input":
			kept[of(n, "name")] = append(kept[of(n, "name")], of(n, "value"))
		}
	}
	for field, values := range fields {
		if slices.Contains([]string{"password", "sound", "codebook", "sure", "format", "plain", "as"}, field) {
			continue
		}
		for _, value := range values {
			if value = strings.TrimSpace(value); value != "" && !unknowable(field, value) && !slices.ContainsFunc(kept[field], func(k string) bool { return strings.TrimSpace(k) == value }) {
				t.Errorf("%s: the form has %.60q for %s, want %.60q kept", name, kept[field], field, value)
			}
		}
	}
}

// unknowable reports whether a value is none that a form offers, so that it cannot be kept.
func unknowable(field, value string) bool {
	return field == "kind" && value == "party" || field == "consent" && value == "maybe" || field == "why" && value == "because" ||
		field == "flip" && strings.HasPrefix(value, "00000000") || field == "turn" && value == "77" || field == "recording" && value == "x" || field == "coder" && value == "nobody" || field == "recording" && len(value) == 36
}

func of(n *html.Node, attribute string) string {
	for _, a := range n.Attr {
		if a.Key == attribute {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, attribute string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == attribute })
}

func raw(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func inner(n *html.Node) string { return strings.Join(strings.Fields(raw(n)), " ") }

// TestEveryFormHasItsRow reads the pages as they are shown: each form in them goes to a route
// whose row knows all its fields, so that a field added later is tried with bad input too.
func TestEveryFormHasItsRow(t *testing.T) {
	s := newBadSite(t)
	rows := s.sendings(t)
	found := map[string]bool{}
	for _, r := range rules() {
		method, path := address(r.route, s.ids[0])
		if method != "GET" || path == "/events" {
			continue
		}
		row := rows[r.route]
		answer := s.post(t, sending{as: row.as, path: cmp.Or(row.path, path)}, "GET", nil, "", "da")
		if !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") {
			continue
		}
		doc, err := html.Parse(strings.NewReader(answer.Body.String()))
		if err != nil {
			t.Fatal(err)
		}
		for form := range doc.Descendants() {
			if form.Data != "form" || of(form, "action") == "" && of(form, "method") != "post" { // made by script, or a dialog's
				continue
			}
			route := s.routeOf(of(form, "method"), of(form, "action"))
			found[route] = true
			for _, field := range fieldsOf(form) {
				if !rows[route].fields.Has(field) {
					t.Errorf("%s has a form for %q with a field %q that its row does not know", r.route, route, field)
				}
			}
		}
	}
	if len(found) < 15 {
		t.Errorf("got forms for %d routes, want more: %v", len(found), slices.Sorted(maps.Keys(found)))
	}
}

// routeOf is the route that a form is sent to.
func (s *site) routeOf(method, action string) string {
	_, route := s.gate.(*gate).routes.Handler(httptest.NewRequest(cmp.Or(strings.ToUpper(method), "GET"), action, nil))
	return route
}

// fieldsOf are the names of what a form sends.
func fieldsOf(form *html.Node) (names []string) {
	for n := range form.Descendants() {
		if name := of(n, "name"); name != "" && slices.Contains([]string{"input", "select", "textarea", "button"}, n.Data) {
			names = append(names, name)
		}
	}
	return names
}

// What the gate itself says no to, and faults that are ours, are told as everything else is.
func TestGateSpeaksTheReadersLanguage(t *testing.T) {
	s := newSite(t)
	words := sending{path: "/vocabulary"}
	for _, test := range []struct {
		name   string
		sent   func(language string) *httptest.ResponseRecorder
		status int
		da, en string
	}{
		{"more than a form can say", func(language string) *httptest.ResponseRecorder {
			return s.post(t, words, "POST", url.Values{"words": {strings.Repeat("x", formLimit)}}, "", language)
		}, http.StatusRequestEntityTooLarge, "gør det kortere", "make it shorter"},
		{"half an escape", func(language string) *httptest.ResponseRecorder {
			return s.post(t, sending{path: "/search?q=%zz"}, "GET", nil, "", language)
		}, http.StatusBadRequest, "som ikke kan læses", "cannot be read"},
		{"another site's form", func(language string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/vocabulary", nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.AddCookie(&http.Cookie{Name: "language", Value: language})
			s.signIn(t, r, "admin")
			answer := httptest.NewRecorder()
			s.gate.ServeHTTP(answer, r)
			return answer
		}, http.StatusForbidden, "en anden side end Lydhør", "not Lydhør's"},
		{"a fault of ours", func(language string) *httptest.ResponseRecorder {
			g := *s.gate.(*gate)
			g.project = func(string) (http.Handler, error) { return nil, errors.New("no room") }
			broken := &site{db: s.db, gate: &g}
			return broken.post(t, sending{path: "/"}, "GET", nil, "", language)
		}, http.StatusInternalServerError, "en fejl hos os", "wrong on our side"},
	} {
		for language, want := range map[string]string{"da": test.da, "en": test.en} {
			answer := test.sent(language)
			if said := s.said(t, test.name, language, answer); answer.Code != test.status || !strings.Contains(said, want) {
				t.Errorf("%s in %s: got %d %q, want %d with %q", test.name, language, answer.Code, said, test.status, want)
			}
		}
	}
}
