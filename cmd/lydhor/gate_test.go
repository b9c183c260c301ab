package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

const (
	planted       = "hyrdehunden"       // said in every recording
	plantedSound  = "the planted sound" // heard in every recording
	plantedName   = "Anna-Jensen.wav"   // of every recording
	plantedPerson = "Dorrit"            // named in every recording
	everybody     = "researcher analyst ops admin protection nobody stranger"
	members       = "researcher analyst ops admin protection nobody"
)

// admitted says who may reach each route, role by role: nobody is signed in without a role,
// a stranger is not signed in. It is written by hand, apart from the rules and from what
// access says of roles.
var admitted = map[string]string{
	"GET /healthz":                             everybody,
	"GET /static/":                             everybody,
	"POST /language":                           everybody,
	"GET /sign-in":                             everybody,
	"POST /sign-in":                            everybody,
	"GET /sign-in/provider":                    everybody,
	"GET /sign-in/provider/back":               everybody,
	"GET /sign-in/code":                        everybody,
	"POST /sign-in/code":                       everybody,
	"GET /sign-in/{secret}":                    everybody,
	"POST /sign-in/{secret}":                   everybody,
	"POST /sign-out":                           members,
	"GET /account":                             members,
	"POST /account/password":                   members,
	"POST /account/project":                    members,
	"POST /account/sign-out-elsewhere":         members,
	"GET /account/sessions":                    members,
	"POST /account/sessions/end":               members,
	"GET /account/factor":                      members,
	"POST /account/factor":                     members,
	"POST /account/factor/confirm":             members,
	"POST /account/factor/drop":                members,
	"GET /{$}":                                 "researcher analyst admin",
	"GET /recordings/{id}":                     "researcher analyst admin",
	"GET /search":                              "researcher analyst admin",
	"GET /pictures":                            "researcher analyst admin",
	"GET /pictures/{file}":                     "researcher analyst admin",
	"GET /recordings/{id}/themes.svg":          "researcher analyst admin",
	"GET /recordings/{id}/themes.csv":          "researcher analyst admin",
	"GET /cases/{case}":                        "researcher analyst admin",
	"GET /events":                              "researcher analyst admin",
	"GET /codebook":                            "researcher analyst admin",
	"POST /codebook":                           "researcher admin",
	"POST /codebook/use":                       "researcher admin",
	"POST /codebook/again":                     "researcher admin",
	"GET /agreement":                           "researcher analyst admin",
	"GET /coding":                              "researcher analyst admin",
	"POST /coding":                             "researcher admin",
	"POST /coding/withdraw":                    "researcher admin",
	"POST /recordings/{id}/hand-in":            "researcher analyst admin",
	"GET /upload":                              "researcher admin",
	"POST /upload":                             "researcher admin",
	"/uploads/":                                "researcher admin",
	"GET /vocabulary":                          "researcher admin",
	"POST /vocabulary":                         "researcher admin",
	"GET /consent/{id}":                        "researcher analyst admin",
	"POST /consent/{id}":                       "researcher admin",
	"POST /consent/{id}/erase":                 "admin",
	"GET /settings":                            "admin",
	"POST /settings":                           "admin",
	"GET /jobs":                                "researcher analyst ops admin",
	"/river/":                                  "ops",
	"GET /audit":                               "protection",
	"POST /api/recordings":                     "researcher admin",
	"GET /api/recordings":                      "researcher analyst ops admin",
	"GET /recordings/{id}/sound":               "researcher analyst admin",
	"GET /recordings/{id}/compare":             "researcher analyst admin",
	"GET /recordings/{id}/picture.svg":         "researcher analyst admin",
	"GET /recordings/{id}/clips/{n}":           "researcher admin",
	"GET /recordings/{id}/sheet":               "researcher admin",
	"POST /recordings/{id}/sheet":              "researcher admin",
	"GET /export":                              "researcher admin",
	"GET /recordings/{id}/export/{format}":     "researcher admin",
	"POST /recordings/{id}/turns/{n}/decision": "researcher analyst admin",
	"POST /recordings/{id}/corrections":        "researcher analyst admin",
	"POST /recordings/{id}/retry":              "researcher ops admin",
	"GET /api/recordings/{id}":                 "researcher analyst ops admin",
	"GET /api/recordings/{id}/transcript":      "researcher admin",
	"POST /api/recordings/{id}/retry":          "researcher ops admin",
	"POST /api/recordings/{id}/cancel":         "researcher ops admin",
}

// reveals names those who may have what points to a person without labels.
const reveals = "researcher admin"

// reads names those who may see words, names and titles at all.
const reads = "researcher analyst admin"

// A site is serve over a real database with two projects, and a browser of each role in the
// first of them.
type site struct {
	db       *pgxpool.Pool
	gate     http.Handler
	blobs    blob.Store
	projects [2]string
	ids      [2]string         // a recording in each
	flip     string            // in the first, where there is one
	gone     string            // erased from it
	cookies  map[string]string // by role
	sent     int               // forms, so that each has a key of its own
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{db: pgtest.New(t), blobs: &blob.Memory{}, cookies: map[string]string{}}
	inbox, err := workers.NewInbox(s.db, s.blobs)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"first", "second"} {
		if s.projects[i], err = store.Project(t.Context(), s.db, name); err != nil {
			t.Fatal(err)
		}
		s.ids[i] = s.record(t, inbox, s.projects[i])
	}
	for _, role := range append(slices.Clone(access.Roles), "nobody") {
		account, err := access.NewAccount(t.Context(), s.db, string(role))
		if err != nil {
			t.Fatal(err)
		}
		if role != "nobody" {
			if err := access.Grant(t.Context(), s.db, account, s.projects[0], role); err != nil {
				t.Fatal(err)
			}
		}
	}
	service := &service{pool: s.db, blobs: s.blobs, inbox: inbox, metrics: newMetrics(), log: slog.New(slog.DiscardHandler)}
	c := &config{Project: "first", Profile: "draft", Listen: "127.0.0.1:0", Uploads: t.TempDir()}
	if s.gate, err = service.handler(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return s
}

// record gives a recording that is done, with words, sound and a name.
func (s *site) record(t *testing.T, inbox *workers.Inbox, project string) string {
	t.Helper()
	id, _, err := inbox.Receive(t.Context(), store.Recording{
		Project: project, Name: plantedName, Kind: pipeline.Conversation, Profile: "draft", Meta: map[string]string{"case": plantedName},
	}, strings.NewReader(plantedSound))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.blobs.Put(t.Context(), workers.RenditionKey(id), strings.NewReader(plantedSound)); err != nil {
		t.Fatal(err)
	}
	said := &pipeline.Transcript{Language: "da", Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{}, Turns: []pipeline.Turn{
		{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.Span{End: 2 * time.Second}, Text: "Hvad med hunden?"},
		{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.Span{Start: 2 * time.Second, End: 4 * time.Second}, Text: "Jeg vil arbejde med " + planted + " hos " + plantedPerson,
			Words: plantedWords()},
	}}
	if err := pgx.BeginFunc(t.Context(), s.db, func(tx pgx.Tx) error {
		if err := store.SaveTranscript(t.Context(), tx, id, said); err != nil {
			return err
		}
		return store.SetDone(t.Context(), tx, id)
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// plantedWords are when the words of the planted turn were said.
func plantedWords() (words []pipeline.Word) {
	for i, w := range strings.Fields("Jeg vil arbejde med " + planted + " hos " + plantedPerson) {
		at := 2*time.Second + time.Duration(i)*200*time.Millisecond
		words = append(words, pipeline.Word{Span: pipeline.Span{Start: at, End: at + 200*time.Millisecond}, Text: w})
	}
	return words
}

// ask sends a request as somebody in a role; each request has a session of its own, since
// some end it.
func (s *site) ask(t *testing.T, role, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	body := ""
	if method == "POST" {
		body = url.Values{"key": {"0123456789abcdef"}, "do": {"gripped"}, "password": {"short"}, "language": {"da"}}.Encode()
	}
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	if path == "/events" { // which goes on for as long as somebody listens
		time.AfterFunc(time.Second, hangUp)
	}
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Range", "bytes=4-10")
	if role != "stranger" {
		s.signIn(t, r, role)
	}
	answer := httptest.NewRecorder()
	s.gate.ServeHTTP(answer, r)
	return answer
}

// signIn makes r a request of the account of that name.
func (s *site) signIn(t *testing.T, r *http.Request, name string) {
	t.Helper()
	account, err := access.AccountNamed(t.Context(), s.db, name)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := access.NewSession(t.Context(), s.db, account)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "lydhor", Value: secret})
}

// reached reports whether an answer came from behind the gate.
func reached(role string, answer *httptest.ResponseRecorder) bool {
	to := answer.Header().Get("Location")
	switch answer.Code {
	case http.StatusForbidden:
		return false
	case http.StatusUnauthorized:
		return role == "stranger" && strings.Contains(answer.Body.String(), `action="/sign-in"`) // the form says that the password is wrong
	case http.StatusSeeOther:
		return !strings.HasPrefix(to, "/sign-in?") && to != "/jobs" && to != "/account"
	}
	return true
}

// address fills a route's pattern in with a recording.
func address(route, id string) (method, path string) {
	method, path, both := strings.Cut(route, " ")
	if !both {
		method, path = "POST", route
	}
	return method, strings.NewReplacer("{$}", "", "{id}", id, "{n}", "2", "{format}", "vtt", "{case}", "7", "{file}", "outcomes.svg", "{secret}", "guessed").Replace(path)
}

// TestMatrix asks for every route in every role: of a recording of the role's project, of
// another project, and of none.
func TestMatrix(t *testing.T) {
	s := newSite(t)
	checked := 0
	for _, r := range rules() {
		who, listed := admitted[r.route]
		if !listed {
			t.Errorf("%s: the matrix does not say who may reach it", r.route)
			continue
		}
		for role := range strings.FieldsSeq(everybody) {
			for where, id := range map[string]string{"own": s.ids[0], "another project's": s.ids[1], "guessed": "00000000-0000-4000-8000-000000000000"} {
				method, path := address(r.route, id)
				answer := s.ask(t, role, method, path)
				name := fmt.Sprintf("%s as %s, %s recording", r.route, role, where)
				checked++
				may := slices.Contains(strings.Fields(who), role)
				if got := reached(role, answer) || answer.Code == http.StatusUnauthorized && r.act == anyone; got != may {
					t.Errorf("%s: got status %d, reached %t, want %t", name, answer.Code, got, may)
				}
				if may && where != "own" && strings.Contains(r.route, "{id}") && answer.Code != http.StatusNotFound {
					t.Errorf("%s: got status %d, want 404", name, answer.Code)
				}
				s.checkWords(t, name, role, where, r.route, answer)
			}
		}
	}
	t.Logf("%d routes, %d checked", len(rules()), checked)
	for route := range admitted {
		if !slices.ContainsFunc(rules(), func(r rule) bool { return r.route == route }) {
			t.Errorf("%s: the matrix knows it and the rules do not", route)
		}
	}
}

// checkWords looks for what was planted where it must not be.
func (s *site) checkWords(t *testing.T, name, role, where, route string, answer *httptest.ResponseRecorder) {
	t.Helper()
	body := answer.Body.String()
	reader := slices.Contains(strings.Fields(reads), role)
	for _, secret := range []string{planted, plantedSound[4:11], plantedName} {
		foreign := where != "own" && strings.Contains(route, "{id}")
		if strings.Contains(body, secret) && (!reader || foreign) {
			t.Errorf("%s: the answer holds %q", name, secret)
		}
	}
	tells := route != "GET /audit" // which tells of requests for whatever id
	if tells && strings.Contains(body, s.ids[1]) && where == "own" {
		t.Errorf("%s: the answer names a recording of another project", name)
	}
}

// Readers reach what the matrix says they do, or its silence about words would say nothing.
func TestReadersGetWordsAndSound(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/recordings/" + s.ids[0]:                 planted,
		"/recordings/" + s.ids[0] + "/export/vtt": planted,
		"/recordings/" + s.ids[0] + "/sound":      plantedSound[4:11],
		"/search?q=" + planted:                    planted,
		"/":                                       plantedName,
		"/api/recordings":                         plantedName,
	} {
		if answer := s.ask(t, "researcher", "GET", path); !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: got %d %.200q, want %q in it", path, answer.Code, answer.Body.String(), want)
		}
	}
	if answer := s.ask(t, "researcher", "GET", "/search?q="+planted); strings.Contains(answer.Body.String(), s.ids[1]) {
		t.Error("a search finds what another project holds")
	}
}

// What leads nowhere is said on a page, in the reader's language.
func TestUnknownAddressesAnswerWithAPage(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		role, method, path string
		status             int
		want               string
	}{
		{"researcher", "GET", "/nowhere", http.StatusNotFound, "Den side findes ikke."},
		{"stranger", "GET", "/nowhere", http.StatusNotFound, "Den side findes ikke."},
		{"researcher", "DELETE", "/recordings/" + s.ids[0], http.StatusNotFound, "Den side findes ikke."},
		{"stranger", "POST", "/vocabulary", http.StatusUnauthorized, "Du er ikke logget ind."},
		{"analyst", "GET", "/audit", http.StatusForbidden, "Din rolle i projektet giver ikke adgang"},
		{"researcher", "GET", "/api/nowhere", http.StatusNotFound, `{"error":"there is no such address`},
	} {
		answer := s.ask(t, test.role, test.method, test.path)
		if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.want) {
			t.Errorf("%s %s as %s: got %d %.300q, want %d with %q", test.method, test.path, test.role, answer.Code, answer.Body, test.status, test.want)
		}
	}
}

// Every answer keeps itself out of other sites' pages, and of caches.
func TestEveryAnswerIsIsolated(t *testing.T) {
	s := newSite(t)
	for _, r := range rules() {
		method, path := address(r.route, s.ids[0])
		for _, role := range []string{"admin", "stranger"} {
			h := s.ask(t, role, method, path).Header()
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
				if h.Get(name) != want {
					t.Errorf("%s as %s: got %s %q, want %q", r.route, role, name, h.Get(name), want)
				}
			}
			if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("Referrer-Policy") == "" {
				t.Errorf("%s as %s: got headers %v", r.route, role, h)
			}
			if h.Get("Permissions-Policy") == "" || h.Get("Cache-Control") == "" {
				t.Errorf("%s as %s: got headers %v", r.route, role, h)
			}
		}
	}
}

// A request that another site sends does nothing, whoever's browser sends it.
func TestOtherSitesChangeNothing(t *testing.T) {
	s := newSite(t)
	for _, r := range rules() {
		method, path := address(r.route, s.ids[0])
		if method != "POST" || strings.HasPrefix(path, "/uploads/") {
			continue
		}
		account, _ := access.AccountNamed(t.Context(), s.db, "admin")
		secret, err := access.NewSession(t.Context(), s.db, account)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(method, path, nil)
		request.AddCookie(&http.Cookie{Name: "lydhor", Value: secret})
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		answer := httptest.NewRecorder()
		s.gate.ServeHTTP(answer, request)
		if answer.Code != http.StatusForbidden {
			t.Errorf("%s: got status %d, want %d", r.route, answer.Code, http.StatusForbidden)
		}
	}
}

// TestRulesNameEveryRoute reads the code for patterns that are handled: each must have a rule.
func TestRulesNameEveryRoute(t *testing.T) {
	files, err := filepath.Glob("review/*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"/": true, "/api/": true} // what is behind them has patterns of its own
	for _, r := range rules() {
		known[r.route] = true
	}
	for _, file := range append(files, "api.go", "serve.go", "signin.go", "river.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, route := range patterns(t, file) {
			if !known[route] {
				t.Errorf("%s handles %q: say in rules() what it takes to reach it, and in admitted who may", file, route)
			}
		}
	}
}

// patterns are the routes that a file hands to Handle or HandleFunc.
func patterns(t *testing.T, file string) (found []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		method, isMethod := call.Fun.(*ast.SelectorExpr)
		if !isMethod || method.Sel.Name != "Handle" && method.Sel.Name != "HandleFunc" {
			return true
		}
		if pattern, isText := call.Args[0].(*ast.BasicLit); isText {
			route, err := strconv.Unquote(pattern.Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, route)
		}
		return true
	})
	return found
}

func TestSigningIn(t *testing.T) {
	s := newSite(t)
	account, err := access.AccountNamed(t.Context(), s.db, "analyst")
	if err != nil {
		t.Fatal(err)
	}
	if err := access.SetPassword(t.Context(), s.db, account, "fire ord om vejret"); err != nil {
		t.Fatal(err)
	}
	signIn := func(password, to string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader(url.Values{"name": {"analyst"}, "password": {password}, "to": {to}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		s.gate.ServeHTTP(answer, r)
		return answer
	}
	for to, want := range map[string]string{"/search?q=x": "/search?q=x", "https://example.org/": "/", "//example.org": "/", `/\example.org`: "/", "": "/"} {
		answer := signIn("fire ord om vejret", to)
		if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != want {
			t.Errorf("to %q: got %d to %q, want %q", to, answer.Code, got, want)
		}
		if cookie := answer.Header().Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
			t.Errorf("got cookie %q", cookie)
		}
	}
	if answer := signIn("fire ord om sneen", "/"); answer.Code != http.StatusUnauthorized || answer.Header().Get("Set-Cookie") != "" {
		t.Errorf("wrong password: got status %d", answer.Code)
	}
	last := 0
	for range 30 {
		last = signIn("fire ord om sneen", "/").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after thirty tries: got status %d, want %d", last, http.StatusTooManyRequests)
	}
	if _, _, err := audit.Verify(t.Context(), s.db); err != nil {
		t.Error(err)
	}
}

// The audit log says who opened and heard what, and nothing that was said, searched or named.
func TestAuditHoldsActsAndNoWords(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/recordings/" + s.ids[0], "/recordings/" + s.ids[0] + "/sound", "/search?q=" + planted, "/recordings/" + planted} {
		s.ask(t, "analyst", "GET", path)
	}
	s.ask(t, "ops", "GET", "/recordings/"+s.ids[0]+"/sound")
	var got []string
	for e, err := range audit.Events(t.Context(), s.db, s.projects[0]) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", e.Act, e.Detail, e.Subject))
	}
	want := []string{
		"read GET /recordings/{id} " + s.ids[0], "read GET /recordings/{id}/sound " + s.ids[0], "read GET /search ",
		"read GET /recordings/{id} ", "refused read GET /recordings/{id}/sound " + s.ids[0],
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The data protection role reads who signed in to the project and who was let in, by name; not
// what was done in another.
func TestAuditPageSaysWhoByName(t *testing.T) {
	s := newSite(t)
	other, err := access.NewAccount(t.Context(), s.db, "somebody-else")
	if err != nil {
		t.Fatal(err)
	}
	s.withPassword(t, "analyst").want("POST", "/sign-in", url.Values{"name": {"analyst"}, "password": {factorPassword}}, http.StatusSeeOther, "/")
	for _, e := range []audit.Event{
		{Actor: other, Act: "sign-in"}, {Actor: other, Act: "read", Project: s.projects[1]}, {Actor: operator, Act: "role grant", Project: s.projects[0], Subject: s.account(t, "ops"), Detail: "ops"},
	} {
		if err := audit.Add(t.Context(), s.db, e); err != nil {
			t.Fatal(err)
		}
	}
	page := s.ask(t, "protection", "GET", "/audit").Body.String()
	for _, want := range []string{"<td>analyst</td><td>sign-in <code></code></td>", "<td>ops</td></tr>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page: %s", want, page)
		}
	}
	if strings.Contains(page, other) {
		t.Errorf("the page tells of another project's people: %s", page)
	}
}
