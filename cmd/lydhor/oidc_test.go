package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// directory is the storage of a provider that also says which groups people are in.
type directory struct {
	*storage.Storage
	groups map[string][]string // by id
}

func (d directory) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	info.AppendClaims("groups", d.groups[subject])
	return d.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
}

// organisation is a certified provider (zitadel/oidc) with the people id1 and id2, and
// lydhor behind it with accounts of its own.
type organisation struct {
	*site
	directory directory
	issuer    string
	lydhor    *httptest.Server
}

func newOrganisation(t *testing.T) *organisation {
	t.Helper()
	var idp, page http.Handler
	serve := func(h *http.Handler) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*h).ServeHTTP(w, r) }))
		t.Cleanup(s.Close)
		return s
	}
	o := &organisation{site: &site{db: pgtest.New(t)}, issuer: serve(&idp).URL, lydhor: serve(&page)}
	o.directory = directory{storage.NewStorage(storage.NewUserStore(o.issuer)), map[string][]string{"id2": {"forskere", "andre"}}}
	storage.RegisterClients(storage.WebClient("lydhor", "a secret", o.lydhor.URL+"/sign-in/provider/back"))
	provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte("test")), CodeMethodS256: true, AuthMethodPost: true}, o.directory,
		op.StaticIssuer(o.issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/username", func(w http.ResponseWriter, r *http.Request) { // as if somebody filled in the form
		id := r.FormValue("authRequestID")
		if err := o.directory.CheckUsernamePassword("test-user2", "verysecure", id); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, op.AuthCallbackURL(provider)(op.ContextWithIssuer(r.Context(), o.issuer), id), http.StatusFound)
	})
	mux.Handle("/", provider)
	idp = mux
	service := &service{pool: o.db, metrics: newMetrics(), log: slog.New(slog.DiscardHandler)}
	page, err = service.handler(t.Context(), &config{Project: "first", Profile: "draft", URL: o.lydhor.URL, OIDC: oidcConfig{
		Issuer: o.issuer, Client: "lydhor", Secret: "a secret", Scopes: "openid profile email", Groups: "groups", Roles: "forskere=analyst@first, ledere=admin@first"}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// browser has cookies and follows redirects as far as to, "" for all the way.
func browser(to string) *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if to != "" && strings.HasPrefix(r.URL.Path, to) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// visit fetches a page and gives its status, where it ended and what it says.
func visiting(t *testing.T, c *http.Client, address string) (int, *url.URL, string) {
	t.Helper()
	answer, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	at := answer.Request.URL
	if to, err := answer.Location(); err == nil {
		at = to
	}
	return answer.StatusCode, at, string(body)
}

func (o *organisation) roles(t *testing.T, name string) (roles []string) {
	t.Helper()
	list, err := access.Members(t.Context(), o.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Account == name && m.Role != "" {
			roles = append(roles, fmt.Sprintf("%s@%s", m.Role, m.Project))
		}
	}
	return roles
}

func TestSignInAtTheOrganisation(t *testing.T) {
	o := newOrganisation(t)
	start := o.lydhor.URL + "/sign-in/provider?to=" + url.QueryEscape("/account")
	status, at, body := visiting(t, browser(""), start)
	if status != http.StatusOK || at.Path != "/account" || !strings.Contains(body, "test-user2") {
		t.Fatalf("got %d at %s, want the account page of test-user2", status, at)
	}
	if got, want := o.roles(t, "test-user2"), []string{"analyst@first"}; !slices.Equal(got, want) {
		t.Errorf("got roles %v, want %v", got, want)
	}
	// A role given by hand stays, those of groups follow them.
	account, err := access.AccountNamed(t.Context(), o.db, "test-user2")
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Project(t.Context(), o.db, "second")
	if err != nil {
		t.Fatal(err)
	}
	if err := access.Grant(t.Context(), o.db, account, other, access.Ops); err != nil {
		t.Fatal(err)
	}
	o.directory.groups["id2"] = []string{"ledere"}
	visiting(t, browser(""), start)
	if got, want := o.roles(t, "test-user2"), []string{"admin@first", "ops@second"}; !slices.Equal(got, want) {
		t.Errorf("after the groups changed: got roles %v, want %v", got, want)
	}
	if err := access.Disable(t.Context(), o.db, account); err != nil {
		t.Fatal(err)
	}
	if status, at, _ := visiting(t, browser(""), start); status != http.StatusUnauthorized {
		t.Errorf("a disabled account: got %d at %s, want 401", status, at)
	}
	if _, _, err := audit.Verify(t.Context(), o.db); err != nil {
		t.Error(err)
	}
}

// Whoever chooses names at the provider does not choose accounts here.
func TestAccountOfTheSameNameIsNotTheirs(t *testing.T) {
	o := newOrganisation(t)
	local, err := access.NewAccount(t.Context(), o.db, "test-user2")
	if err != nil {
		t.Fatal(err)
	}
	if status, _, body := visiting(t, browser(""), o.lydhor.URL+"/sign-in/provider"); status != http.StatusUnauthorized || !strings.Contains(body, "allerede en konto") {
		t.Errorf("got %d, want to be told that the name is taken", status)
	}
	if err := access.Connect(t.Context(), o.db, local, o.issuer, "id2"); err != nil {
		t.Fatal(err)
	}
	c := browser("")
	if status, at, _ := visiting(t, c, o.lydhor.URL+"/sign-in/provider?to=/account"); status != http.StatusOK || at.Path != "/account" {
		t.Errorf("connected: got %d at %s, want to be in", status, at)
	}
	answer, err := c.PostForm(o.lydhor.URL+"/account/password", url.Values{"password": {"fire ord om vejret"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a password beside the organisation: got status %d, want 422", answer.StatusCode)
	}
}

// An answer is good once, in the browser that asked, with the state it was asked with.
func TestAnswersOfTheProviderThatAreRefused(t *testing.T) {
	o := newOrganisation(t)
	asked := func() (*http.Client, *url.URL) {
		c := browser("/sign-in/provider/back")
		_, back, _ := visiting(t, c, o.lydhor.URL+"/sign-in/provider")
		if back.Query().Get("code") == "" {
			t.Fatalf("the provider sent to %s, want a code", back)
		}
		return c, back
	}
	with := func(u *url.URL, key, value string) string {
		q := u.Query()
		q.Set(key, value)
		changed := *u
		changed.RawQuery = q.Encode()
		return changed.String()
	}
	for name, try := range map[string]func() (*http.Client, string){
		"another browser's": func() (*http.Client, string) { _, back := asked(); return browser(""), back.String() },
		"another try's code": func() (*http.Client, string) {
			_, first := asked()
			c, back := asked()
			return c, with(back, "code", first.Query().Get("code")) // PKCE: made with another verifier
		},
		"another state":      func() (*http.Client, string) { c, back := asked(); return c, with(back, "state", "x") },
		"another provider's": func() (*http.Client, string) { c, back := asked(); return c, with(back, "iss", "https://example.org") },
		"a guessed code":     func() (*http.Client, string) { c, back := asked(); return c, with(back, "code", "guessed") },
		"no code":            func() (*http.Client, string) { c, back := asked(); return c, with(back, "code", "") },
		"an error": func() (*http.Client, string) {
			c, back := asked()
			return c, with(codeless(back), "error", "access_denied")
		},
		"the same once more": func() (*http.Client, string) {
			c, back := asked()
			visiting(t, c, back.String())
			return c, back.String()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, address := try()
			c.CheckRedirect = nil
			status, _, body := visiting(t, c, address)
			if status != http.StatusUnauthorized || !strings.Contains(body, "svarede ikke") {
				t.Errorf("got %d, want 401", status)
			}
			for _, never := range []string{"guessed", "access_denied", "example.org"} {
				if strings.Contains(body, never) {
					t.Errorf("the page repeats %q", never)
				}
			}
		})
	}
}

// codeless is back without a code.
func codeless(back *url.URL) *url.URL {
	u := *back
	u.RawQuery = url.Values{"state": {back.Query().Get("state")}}.Encode()
	return &u
}

func TestProviderIsConfiguredWhole(t *testing.T) {
	for roles, want := range map[string]string{
		"a=researcher@P":          "",
		" a=ops@P , a=analyst@Q,": "",
		"a=boss@P":                `no role "boss"`,
		"a=ops":                   "write group=role@project",
		"ops@P":                   "write group=role@project",
		"=ops@P":                  "write group=role@project",
	} {
		_, err := parseGiven(roles)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", roles, err, want)
		}
	}
	if _, err := (&config{OIDC: oidcConfig{Issuer: "https://x"}}).newProvider(); err == nil {
		t.Error("a provider without a client id was taken")
	}
}
