package main

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
)

// A browsing is a browser that keeps its session.
type browsing struct {
	*testing.T
	gate   http.Handler
	cookie *http.Cookie
}

func (b *browsing) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	answer := httptest.NewRecorder()
	b.gate.ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		if c.Name == "lydhor" {
			b.cookie = c
		}
	}
	return answer
}

// want sends a request and says where its answer is not as expected.
func (b *browsing) want(method, path string, form url.Values, status int, text string) *httptest.ResponseRecorder {
	b.Helper()
	answer := b.send(method, path, form)
	if answer.Code != status || !strings.Contains(answer.Body.String()+answer.Header().Get("Location"), text) {
		b.Fatalf("%s %s: got %d to %q, %.400s, want %d with %q", method, path, answer.Code, answer.Header().Get("Location"), answer.Body, status, text)
	}
	return answer
}

const factorPassword = "fire ord om vejret"

// account is the id of the account of that name.
func (s *site) account(t *testing.T, name string) string {
	t.Helper()
	id, err := access.AccountNamed(t.Context(), s.db, name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// withPassword gives a browser of an account that has a password, not signed in.
func (s *site) withPassword(t *testing.T, name string) *browsing {
	t.Helper()
	if err := access.SetPassword(t.Context(), s.db, s.account(t, name), factorPassword); err != nil {
		t.Fatal(err)
	}
	return &browsing{T: t, gate: s.gate}
}

func (b *browsing) code(secret string, later time.Duration) url.Values {
	b.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(later))
	if err != nil {
		b.Fatal(err)
	}
	return url.Values{"code": {code}, "to": {"/account"}}
}

var (
	secretShown   = regexp.MustCompile(`<code id="secret">([A-Z2-7]+)</code>`)
	recoveryShown = regexp.MustCompile(`<li><code>([A-Z2-7-]+)</code>`)
)

// switchOn switches the second factor on as its owner does, and gives what the pages showed.
func (b *browsing) switchOn() (secret string, recovery []string) {
	b.Helper()
	b.want("POST", "/account/factor", url.Values{"present": {"not my password"}}, http.StatusForbidden, "Intet er ændret")
	page := b.want("POST", "/account/factor", url.Values{"present": {factorPassword}}, http.StatusOK, `<svg class="qr"`).Body.String()
	secret = secretShown.FindStringSubmatch(page)[1]
	b.want("POST", "/account/factor/confirm", url.Values{"code": {"000000x"}}, http.StatusUnprocessableEntity, secret)
	page = b.want("POST", "/account/factor/confirm", b.code(secret, 0), http.StatusOK, "Gendannelseskoder").Body.String()
	for _, m := range recoveryShown.FindAllStringSubmatch(page, -1) {
		recovery = append(recovery, html.UnescapeString(m[1]))
	}
	if len(recovery) != 10 {
		b.Fatalf("got recovery codes %v", recovery)
	}
	return secret, recovery
}

func TestSecondFactor(t *testing.T) {
	s := newSite(t)
	b := s.withPassword(t, "analyst")
	password := url.Values{"name": {"analyst"}, "password": {factorPassword}, "to": {"/search?q=x"}}
	elsewhere := &browsing{T: t, gate: s.gate}
	for _, each := range []*browsing{b, elsewhere} {
		each.want("POST", "/sign-in", password, http.StatusSeeOther, "/search?q=x")
	}
	secret, recovery := b.switchOn()
	b.want("GET", "/", nil, http.StatusOK, plantedName)                               // this session goes on
	elsewhere.want("GET", "/", nil, http.StatusSeeOther, "/sign-in?")                 // those without a code do not
	b.want("GET", "/account/factor", nil, http.StatusOK, "Gendannelseskoder tilbage") // which are not shown again
	if page := b.send("GET", "/account/factor", nil).Body.String(); strings.Contains(page, recovery[0]) || strings.Contains(page, secret) {
		t.Error("the page shows again what was to be shown once")
	}
	b.want("POST", "/account/factor", url.Values{"present": {factorPassword}}, http.StatusConflict, "hver gang")

	came := &browsing{T: t, gate: s.gate}
	came.want("POST", "/sign-in", password, http.StatusSeeOther, "/sign-in/code?to=%2Fsearch%3Fq%3Dx")
	for _, path := range []string{"/", "/account", "/account/factor", "/recordings/" + s.ids[0]} { // a password alone opens nothing
		came.want("GET", path, nil, http.StatusSeeOther, "/sign-in?")
	}
	came.want("POST", "/account/factor/drop", url.Values{"present": {factorPassword}}, http.StatusUnauthorized, "ikke logget ind")
	came.want("GET", "/sign-in/code", nil, http.StatusOK, "seks cifre")
	came.want("POST", "/sign-in/code", url.Values{"code": {"123"}}, http.StatusUnauthorized, "Koden er forkert")
	came.want("POST", "/sign-in/code", came.code(secret, 0), http.StatusUnauthorized, "allerede brugt") // it switched the factor on
	came.want("POST", "/sign-in/code", came.code(secret, 30*time.Second), http.StatusSeeOther, "/account")
	came.want("GET", "/", nil, http.StatusOK, plantedName)

	link, err := access.NewLink(t.Context(), s.db, s.account(t, "analyst"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	lost := &browsing{T: t, gate: s.gate}
	lost.want("POST", "/sign-in/"+link, nil, http.StatusSeeOther, "/sign-in/code") // a link stands for the password alone
	lost.want("POST", "/sign-in/code", url.Values{"code": {strings.ToLower(recovery[0])}}, http.StatusSeeOther, "/")
	lost.want("GET", "/account/factor", nil, http.StatusOK, "tilbage: 9")
	lost.want("POST", "/account/factor/drop", nil, http.StatusSeeOther, "/account/factor") // who came by a link need not know the password
	(&browsing{T: t, gate: s.gate}).want("POST", "/sign-in", password, http.StatusSeeOther, "/search?q=x")
	(&browsing{T: t, gate: s.gate}).want("GET", "/sign-in/code", nil, http.StatusSeeOther, "/sign-in")

	var acts []string
	for e, err := range audit.Events(t.Context(), s.db, "") {
		if err != nil {
			t.Fatal(err)
		}
		acts = append(acts, e.Act)
	}
	for _, want := range []string{"present password refused", "second factor on", "sign-in, code to come", "second factor refused", "sign-in by second factor",
		"sign-in by link, code to come", "sign-in by recovery code", "second factor off"} {
		if !slices.Contains(acts, want) {
			t.Errorf("the audit log does not hold %q: %v", want, acts)
		}
	}
}

// Where a role demands a second factor, nothing of any project is reached without.
func TestSecondFactorIsDemanded(t *testing.T) {
	s := newSite(t)
	s.gate.(*gate).demands = []access.Role{access.Admin, access.Ops, access.Protection}
	for _, r := range rules() {
		method, path := address(r.route, s.ids[0])
		for _, role := range []string{"admin", "ops", "protection"} {
			answer := s.ask(t, role, method, path)
			open := r.act == anyone || r.act == signedIn
			told := answer.Header().Get("Location") == "/account/factor" || answer.Code == http.StatusForbidden && strings.Contains(answer.Body.String(), "/account/factor")
			if !open && !told {
				t.Errorf("%s as %s: got %d to %q, want to be sent to the second factor", r.route, role, answer.Code, answer.Header().Get("Location"))
			}
			s.checkWords(t, r.route, "ops", "own", r.route, answer)
		}
	}
	if answer := s.ask(t, "researcher", "GET", "/"); answer.Code != http.StatusOK {
		t.Errorf("a role that does not demand it: got status %d", answer.Code)
	}
	b := s.withPassword(t, "admin")
	b.want("POST", "/sign-in", url.Values{"name": {"admin"}, "password": {factorPassword}}, http.StatusSeeOther, "/")
	b.want("GET", "/", nil, http.StatusSeeOther, "/account/factor")
	b.want("GET", "/account/factor", nil, http.StatusOK, "Din rolle kræver")
	b.switchOn()
	b.want("GET", "/", nil, http.StatusOK, plantedName)
	b.want("POST", "/account/factor/drop", url.Values{"present": {factorPassword}}, http.StatusSeeOther, "/account/factor")
	b.want("GET", "/", nil, http.StatusSeeOther, "/account/factor")

	token, err := access.NewToken(t.Context(), s.db, s.account(t, "admin"), s.projects[0], []access.Act{access.Watch}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/api/recordings", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	if s.gate.ServeHTTP(answer, r); answer.Code != http.StatusOK {
		t.Errorf("a token: got status %d", answer.Code)
	}
	if _, err := parseDemands("admin, boss"); err == nil {
		t.Error("a role that there is not was taken")
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	s := newSite(t)
	b := s.withPassword(t, "ops")
	password := url.Values{"name": {"ops"}, "password": {factorPassword}}
	other, third := &browsing{T: t, gate: s.gate}, &browsing{T: t, gate: s.gate}
	for _, each := range []*browsing{other, third, b} {
		each.want("POST", "/sign-in", password, http.StatusSeeOther, "/")
	}
	page := b.want("GET", "/account/sessions", nil, http.StatusOK, "Firefox, Linux").Body.String()
	ids := regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`).FindAllStringSubmatch(page, -1)
	if len(ids) != 2 || strings.Count(page, "192.0.2.1") != 3 {
		t.Fatalf("got %d others on %s", len(ids), page)
	}
	s.submit(t, "analyst", "/account/sessions/end", url.Values{"id": {ids[0][1]}}) // which is not the analyst's
	b.want("POST", "/account/sessions/end", url.Values{"id": {ids[1][1]}}, http.StatusSeeOther, "/account/sessions")
	other.want("GET", "/jobs", nil, http.StatusSeeOther, "/sign-in?") // the last in the list
	third.want("GET", "/jobs", nil, http.StatusOK, s.ids[0])
	b.want("POST", "/account/sign-out-elsewhere", nil, http.StatusSeeOther, "/account/sessions")
	third.want("GET", "/jobs", nil, http.StatusSeeOther, "/sign-in?")
	b.want("GET", "/account/sessions", nil, http.StatusOK, "her")
}

func TestBrowserOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari, iPhone",
		"curl/8.1": "",
		"<script>": "",
	} {
		if got := browserOf(agent); got != want {
			t.Errorf("%s: got %q, want %q", agent, got, want)
		}
	}
}
