package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline/access"
	"lydhor/pipeline/pgtest"
)

// FuzzInside reads where somebody wants to go on to after signing in: never to another site.
func FuzzInside(f *testing.F) {
	for _, to := range []string{"/", "/search?q=x", "//example.org", `/\example.org`, "https://example.org/", "/%2f/example.org", "javascript:x", "/\t/example.org"} {
		f.Add(to)
	}
	here, _ := url.Parse("https://lydhor.example/sign-in")
	f.Fuzz(func(t *testing.T, to string) {
		got := inside(to)
		u, err := here.Parse(got)
		if err != nil || u.Host != here.Host || u.Scheme != here.Scheme || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("%q: got %q, which is elsewhere", to, got)
		}
	})
}

// FuzzProviderAnswer reads what comes back from an identity provider, or from anybody.
func FuzzProviderAnswer(f *testing.F) {
	a := newAttempt()
	f.Add(string(a)+".L2FjY291bnQ", "code=x&state="+a.state())
	f.Add("x.y", "code=x&state=&iss=https://example.org")
	f.Add("", "%zz")
	d := &doors{gate: &gate{provider: &provider{oidcConfig: oidcConfig{Issuer: "https://id.example"}}}}
	f.Fuzz(func(t *testing.T, cookie, query string) {
		r := httptest.NewRequest("GET", "/sign-in/provider/back", nil)
		r.URL.RawQuery = query
		r.Header.Set("Cookie", d.attemptCookie()+"="+cookie)
		got, to, ok := d.attemptOf(r)
		if ok && (len(got) < 32 || inside(to) != to) {
			t.Errorf("got attempt %q to %q", got, to)
		}
		said := r.URL.Query()
		if ok && d.answers(r, got) && (said.Get("state") != got.state() || said.Get("code") == "") {
			t.Errorf("took %q for an answer to %q", query, got)
		}
	})
}

// FuzzSession comes with made-up cookies and tokens.
func FuzzSession(f *testing.F) {
	db := pgtest.New(f)
	account, err := access.NewAccount(f.Context(), db, "karen")
	if err != nil {
		f.Fatal(err)
	}
	secret, err := access.NewSession(f.Context(), db, account)
	if err != nil {
		f.Fatal(err)
	}
	g := &gate{db: db, log: slog.New(slog.DiscardHandler)}
	f.Add("lydhor="+secret, "", "/")
	f.Add("lydhor=; project=x", "Bearer x", "/api/recordings")
	f.Add("lydhor="+secret[:20], "Bearer ", "/x")
	f.Fuzz(func(t *testing.T, cookie, authorization, path string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		r.Header = http.Header{"Cookie": {cookie}, "Authorization": {authorization}}
		v, err := g.visit(r)
		if v.caller != nil && !strings.Contains(cookie, secret) {
			t.Errorf("somebody is signed in with %q and %q", cookie, authorization)
		}
		if err != nil && v.caller != nil {
			t.Errorf("got a caller and %v", err)
		}
	})
}

// FuzzSettings reads what operators write of groups and participants.
func FuzzSettings(f *testing.F) {
	f.Add("a=researcher@P, b=ops@Q", "B-017 S-003")
	f.Add("=@", ",;")
	f.Fuzz(func(t *testing.T, roles, codes string) {
		given, err := parseGiven(roles)
		for group, list := range given {
			if err == nil && (group == "" || len(list) == 0) {
				t.Errorf("%q: got %v", roles, given)
			}
		}
		if c, _, err := agreementOf(review.Agreement{Participants: codes}); err == nil && c != nil {
			t.Errorf("%q: got an agreement of nothing", codes)
		}
	})
}
