package main

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

//go:embed signin/*.html
var doorFiles embed.FS

// doors are the pages about who one is: signing in and out, one's account, and those for the
// roles that read no recordings.
type doors struct {
	*gate
	pages map[string]*template.Template // by language
	tries tries
}

// newDoors makes the pages of a gate.
func newDoors(g *gate) (http.Handler, error) {
	d := &doors{gate: g, pages: map[string]*template.Template{}, tries: tries{by: map[string]int{}}}
	for _, language := range []string{"da", "en"} {
		t, err := template.New("").Funcs(template.FuncMap{
			"say": func(da, en string) string {
				if language == "da" {
					return da
				}
				return en
			},
			"lang":    func() string { return language },
			"stage":   func(s pipeline.Stage) string { return stageNames[language][s] },
			"role":    func(r access.Role) string { return roleNames[language][r] },
			"percent": func(done float64) int { return int(100 * done) },
			"when":    func(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") },
		}).ParseFS(doorFiles, "signin/*.html")
		if err != nil {
			return nil, err
		}
		d.pages[language] = t
	}
	g.page = d.page
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sign-in", d.signInForm)
	mux.HandleFunc("POST /sign-in", d.signIn)
	mux.HandleFunc("GET /sign-in/provider", d.toProvider)
	mux.HandleFunc("GET /sign-in/provider/back", d.fromProvider)
	mux.HandleFunc("GET /sign-in/code", d.codeForm)
	mux.HandleFunc("POST /sign-in/code", d.showCode)
	mux.HandleFunc("GET /sign-in/{secret}", d.linkForm)
	mux.HandleFunc("POST /sign-in/{secret}", d.useLink)
	mux.HandleFunc("POST /sign-out", d.signOut)
	mux.HandleFunc("GET /account", d.account)
	mux.HandleFunc("POST /account/password", d.setPassword)
	mux.HandleFunc("POST /account/project", d.setProject)
	mux.HandleFunc("GET /account/sessions", d.places)
	mux.HandleFunc("POST /account/sessions/end", d.endPlace)
	mux.HandleFunc("POST /account/sign-out-elsewhere", d.signOutElsewhere)
	mux.HandleFunc("GET /account/factor", d.factor)
	mux.HandleFunc("POST /account/factor", d.newFactor)
	mux.HandleFunc("POST /account/factor/confirm", d.confirmFactor)
	mux.HandleFunc("POST /account/factor/drop", d.dropFactor)
	mux.HandleFunc("GET /consent/{id}", d.consent)
	mux.HandleFunc("POST /consent/{id}", d.setConsent)
	mux.HandleFunc("POST /consent/{id}/erase", d.erasePage)
	mux.HandleFunc("GET /settings", d.settings)
	mux.HandleFunc("POST /settings", d.setSettings)
	mux.HandleFunc("GET /jobs", d.jobs)
	mux.HandleFunc("GET /audit", d.audit)
	return sealed(mux), nil
}

// stageNames are the parts of the work, by language.
var stageNames = map[string]map[pipeline.Stage]string{
	"da": {pipeline.Ingest: "lyd", pipeline.Transcribe: "tekst", pipeline.Diarise: "talere", pipeline.Assemble: "ture", pipeline.Analyse: "analyse"},
	"en": {pipeline.Ingest: "sound", pipeline.Transcribe: "text", pipeline.Diarise: "speakers", pipeline.Assemble: "turns", pipeline.Analyse: "analysis"},
}

// roleNames are what an account can be in a project, by language.
var roleNames = map[string]map[access.Role]string{
	"da": {access.Researcher: "forsker", access.Analyst: "analytiker", access.Ops: "drift", access.Admin: "administrator", access.Protection: "databeskyttelse"},
	"en": {access.Researcher: "researcher", access.Analyst: "analyst", access.Ops: "operations", access.Admin: "administrator", access.Protection: "data protection"},
}

// sealed sends the headers that keep a page to itself.
func sealed(next http.Handler) http.Handler {
	return sealedBy("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", next)
}

// sealedBy is sealed with another content security policy.
func sealedBy(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // an address may hold a link's secret
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// page writes one of the pages.
func (d *doors) page(w http.ResponseWriter, r *http.Request, status int, name string, content any) {
	language := "da"
	if c, err := r.Cookie("language"); err == nil && c.Value == "en" {
		language = "en"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := d.pages[language].ExecuteTemplate(w, name, content); err != nil {
		d.log.Error("render", "page", name, "error", err)
	}
}

type signInPage struct {
	To, Name, Problem string
	Provider          bool // whether people can sign in at their organisation
}

func (d *doors) signInForm(w http.ResponseWriter, r *http.Request) {
	d.page(w, r, http.StatusOK, "sign-in", signInPage{To: inside(r.FormValue("to")), Provider: d.provider != nil})
}

// signIn takes a name and a password.
func (d *doors) signIn(w http.ResponseWriter, r *http.Request) {
	p := signInPage{To: inside(r.FormValue("to")), Name: r.FormValue("name"), Provider: d.provider != nil}
	if !d.tries.may(addressOf(r), time.Now()) {
		p.Problem = "often"
		d.page(w, r, http.StatusTooManyRequests, "sign-in", p)
		return
	}
	account, err := access.SignIn(r.Context(), d.db, p.Name, r.FormValue("password"))
	if errors.Is(err, access.ErrDenied) {
		if err := audit.Add(r.Context(), d.db, audit.Event{Actor: account, Act: "sign-in refused"}); err != nil {
			d.broken(w, r, err)
			return
		}
		p.Problem = "wrong"
		d.page(w, r, http.StatusUnauthorized, "sign-in", p)
		return
	}
	d.recognise(w, r, account, "sign-in", p.To, err)
}

func (d *doors) linkForm(w http.ResponseWriter, r *http.Request) {
	d.page(w, r, http.StatusOK, "link", r.PathValue("secret"))
}

// useLink signs in by a link. It takes a press of a button: programs that look at links in
// messages would use them up otherwise.
func (d *doors) useLink(w http.ResponseWriter, r *http.Request) {
	account, err := access.UseLink(r.Context(), d.db, r.PathValue("secret"))
	if errors.Is(err, access.ErrDenied) {
		d.page(w, r, http.StatusUnauthorized, "sign-in", signInPage{To: "/", Problem: "link", Provider: d.provider != nil})
		return
	}
	d.recognise(w, r, account, "sign-in by link", "/", err)
}

// recognise goes on with who gave a password or a link: to the code of their second factor,
// where they have one, else inside.
func (d *doors) recognise(w http.ResponseWriter, r *http.Request, account, how, to string, err error) {
	has := false
	if err == nil {
		has, err = access.HasFactor(r.Context(), d.db, account)
	}
	entry := access.Entry{ByLink: how == "sign-in by link", Half: has}
	if has {
		how, to = how+", code to come", "/sign-in/code?"+url.Values{"to": {to}}.Encode()
	}
	d.welcome(w, r, account, how, to, entry, err)
}

// welcome ends the session that the browser had, starts a new one and goes on.
func (d *doors) welcome(w http.ResponseWriter, r *http.Request, account, how, to string, entry access.Entry, err error) {
	if err == nil {
		if old, cookieErr := r.Cookie(d.cookie()); cookieErr == nil {
			err = access.EndSession(r.Context(), d.db, old.Value)
		}
	}
	if err == nil {
		err = audit.Add(r.Context(), d.db, audit.Event{Actor: account, Act: how})
	}
	var secret string
	if err == nil {
		entry.Address, entry.Browser = addressOf(r), browserOf(r.UserAgent())
		secret, err = access.Enter(r.Context(), d.db, account, entry)
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	d.setCookie(w, d.cookie(), secret, 0)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (d *doors) setCookie(w http.ResponseWriter, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: d.secure, SameSite: http.SameSiteLaxMode})
}

func (d *doors) signOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(d.cookie()); err == nil {
		if err := access.EndSession(r.Context(), d.db, c.Value); err != nil {
			d.broken(w, r, err)
			return
		}
	}
	if err := audit.Add(r.Context(), d.db, audit.Event{Actor: visitOf(r).caller.Account, Act: "sign-out"}); err != nil {
		d.broken(w, r, err)
		return
	}
	d.setCookie(w, d.cookie(), "", -1)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

type accountPage struct {
	Caller  *access.Caller
	Project string
	Problem string
}

// Reads, Watches, Manages and Audits say which pages to link to.
func (p accountPage) Reads() bool   { return p.Caller.May(p.Project, access.Read) }
func (p accountPage) Watches() bool { return p.Caller.May(p.Project, access.Watch) }
func (p accountPage) Manages() bool { return p.Caller.May(p.Project, access.Manage) }
func (p accountPage) Audits() bool  { return p.Caller.May(p.Project, access.Audit) }

// PasswordProblem is the problem if it is one of the password.
func (p accountPage) PasswordProblem() string {
	if p.Problem == "project" {
		return ""
	}
	return p.Problem
}

func (d *doors) account(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	d.page(w, r, http.StatusOK, "account", accountPage{Caller: v.caller, Project: v.project})
}

// setPassword chooses a password; all sessions of the account end, and this one starts anew.
func (d *doors) setPassword(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	chosen := r.FormValue("password")
	p := accountPage{Caller: v.caller, Project: v.project}
	connected, err := access.Connected(r.Context(), d.db, v.caller.Account)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	if connected {
		p.Problem = "elsewhere"
		d.page(w, r, http.StatusUnprocessableEntity, "account", p)
		return
	}
	known, err := d.knows(r, v.caller)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	if !known {
		p.Problem = "wrong"
		d.page(w, r, http.StatusForbidden, "account", p)
		return
	}
	if err := access.CheckPassword(v.caller.Name, chosen); err != nil {
		p.Problem = "weak"
		d.page(w, r, http.StatusUnprocessableEntity, "account", p)
		return
	}
	err = access.SetPassword(r.Context(), d.db, v.caller.Account, chosen)
	d.welcome(w, r, v.caller.Account, "password changed", "/account", access.Entry{Factor: v.caller.Factor}, err)
}

// knows reports whether the caller gives the present password, where there is one and they did
// not come by a link because they forgot it. Somebody at an open screen does not.
func (d *doors) knows(r *http.Request, c *access.Caller) (bool, error) {
	has, err := access.HasPassword(r.Context(), d.db, c.Account)
	if err != nil || !has || c.ByLink {
		return true, err
	}
	_, err = access.SignIn(r.Context(), d.db, c.Name, r.FormValue("present"))
	if errors.Is(err, access.ErrDenied) {
		return false, audit.Add(r.Context(), d.db, audit.Event{Actor: c.Account, Act: "present password refused"})
	}
	return err == nil, err
}

// setProject chooses the project to look at; the gate asks again whether one belongs to it.
func (d *doors) setProject(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	if v.caller.In(r.FormValue("project")) == nil {
		d.page(w, r, http.StatusUnprocessableEntity, "account", accountPage{Caller: v.caller, Project: v.project, Problem: "project"})
		return
	}
	d.setCookie(w, "project", r.FormValue("project"), 365*24*3600)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// jobs shows where the work stands, for those who keep it going: no words, names or titles.
func (d *doors) jobs(w http.ResponseWriter, r *http.Request) {
	list, err := store.Recordings(r.Context(), d.db, visitOf(r).project)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	for i := range list {
		nameless(&list[i])
	}
	d.page(w, r, http.StatusOK, "jobs", struct {
		Recordings []store.Recording
		MayRetry   bool
		MayOperate bool
	}{list, visitOf(r).caller.May(visitOf(r).project, access.Retry), visitOf(r).caller.May(visitOf(r).project, access.Operate)})
}

// nameless takes from a recording what may name people.
func nameless(r *store.Recording) { r.Name, r.Meta = "", nil }

// A logLine is an event with the name of who did it and, where it was done to an account, of that.
type logLine struct {
	audit.Event
	Who, Whom string
}

// audit shows the newest of the project's log, and when its members signed in.
func (d *doors) audit(w http.ResponseWriter, r *http.Request) {
	project := visitOf(r).project
	names, err := access.Names(r.Context(), d.db, project)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	var lines []logLine
	for e, err := range audit.Newest(r.Context(), d.db, project, slices.Collect(maps.Keys(names)), 500) {
		if err != nil {
			d.broken(w, r, err)
			return
		}
		lines = append(lines, logLine{e, names[e.Actor], names[e.Subject]})
	}
	d.page(w, r, http.StatusOK, "audit", lines)
}

// inside is an address on this site, else its front page.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return u.RequestURI()
}

func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// addressOf is where a request comes from. A proxy in front is one address: its own limits
// must tell clients apart.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// tries bounds how often an address may try to sign in: 30 times in a quarter of an hour.
type tries struct {
	mu    sync.Mutex
	since time.Time
	by    map[string]int
}

func (t *tries) may(address string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.since) > 15*time.Minute {
		t.since = now
		clear(t.by)
	}
	t.by[address]++
	return t.by[address] <= 30
}

// signInLink is an address that signs an account in once.
func signInLink(ctx context.Context, db access.DB, page, account string, within time.Duration) (string, error) {
	secret, err := access.NewLink(ctx, db, account, within)
	return strings.TrimSuffix(page, "/") + "/sign-in/" + secret, err
}
