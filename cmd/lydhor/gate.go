package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/consent"
)

const (
	anyone   access.Act = ""         // not even signed in
	signedIn access.Act = "signedIn" // in whatever role
)

// A rule is what it takes to reach a route.
type rule struct {
	route string
	act   access.Act
}

// rules are all routes there are: one that is missing here is not answered.
func rules() []rule {
	return []rule{
		{"GET /healthz", anyone},
		{"GET /static/", anyone},
		{"POST /language", anyone},
		{"GET /sign-in", anyone},
		{"POST /sign-in", anyone},
		{"GET /sign-in/provider", anyone},
		{"GET /sign-in/provider/back", anyone},
		{"GET /sign-in/code", anyone}, // of who gave a password already
		{"POST /sign-in/code", anyone},
		{"GET /sign-in/{secret}", anyone},
		{"POST /sign-in/{secret}", anyone},
		{"POST /sign-out", signedIn},
		{"GET /account", signedIn},
		{"POST /account/password", signedIn},
		{"POST /account/project", signedIn},
		{"POST /account/sign-out-elsewhere", signedIn},
		{"GET /account/sessions", signedIn},
		{"POST /account/sessions/end", signedIn},
		{"GET /account/factor", signedIn},
		{"POST /account/factor", signedIn},
		{"POST /account/factor/confirm", signedIn},
		{"POST /account/factor/drop", signedIn},

		{"GET /{$}", access.Read},
		{"GET /recordings/{id}", access.Read},
		{"GET /recordings/{id}/sound", access.Read},
		{"GET /recordings/{id}/compare", access.Read},
		{"GET /recordings/{id}/picture.svg", access.Read},
		{"GET /pictures", access.Read},
		{"GET /pictures/{file}", access.Read},
		{"GET /recordings/{id}/themes.svg", access.Read},
		{"GET /recordings/{id}/themes.csv", access.Read},
		{"GET /cases/{case}", access.Read},
		{"GET /events", access.Read},
		{"GET /search", access.Read},
		{"POST /recordings/{id}/turns/{n}/decision", access.Code},
		{"POST /recordings/{id}/corrections", access.Code},
		{"GET /recordings/{id}/clips/{n}", access.Export},
		{"GET /recordings/{id}/sheet", access.Export},
		{"POST /recordings/{id}/sheet", access.Export},
		{"GET /recordings/{id}/export/{format}", access.Export},
		{"GET /export", access.Export},
		{"GET /codebook", access.Read},
		{"POST /codebook", access.Design},
		{"POST /codebook/use", access.Design},
		{"POST /codebook/again", access.Design},
		{"GET /agreement", access.Read},
		{"GET /coding", access.Read},
		{"POST /coding", access.Design},
		{"POST /coding/withdraw", access.Design},
		{"POST /recordings/{id}/hand-in", access.Code},
		{"GET /upload", access.Upload},
		{"POST /upload", access.Upload},
		{"GET /vocabulary", access.Upload},
		{"POST /vocabulary", access.Upload},
		{"/uploads/", access.Upload},
		{"POST /recordings/{id}/retry", access.Retry},
		{"GET /consent/{id}", access.Read},
		{"POST /consent/{id}", access.Upload},
		{"POST /consent/{id}/erase", access.Manage},
		{"GET /settings", access.Manage},
		{"POST /settings", access.Manage},
		{"GET /jobs", access.Watch},
		{"/river/", access.Operate},
		{"GET /audit", access.Audit},

		{"POST /api/recordings", access.Upload},
		{"GET /api/recordings", access.Watch},
		{"GET /api/recordings/{id}", access.Watch},
		{"GET /api/recordings/{id}/transcript", access.Export},
		{"POST /api/recordings/{id}/retry", access.Retry},
		{"POST /api/recordings/{id}/cancel", access.Retry},
	}
}

// A gate stands before everything that serve answers: it knows who asks, in which project,
// and whether they may. What the route's rule does not allow never reaches a page.
type gate struct {
	db       *pgxpool.Pool
	log      *slog.Logger
	secure   bool                                  // people come by https
	usual    string                                // id of the project shown to those who have not chosen one
	project  func(id string) (http.Handler, error) // what stands behind the gate
	provider *provider                             // nil where people have accounts here alone
	demands  []access.Role                         // of whom a second factor is demanded
	doors    http.Handler                          // signing in and out
	page     func(w http.ResponseWriter, r *http.Request, status int, name string, content any)
	river    http.Handler // the jobs of all projects
	erases   func(ctx context.Context, id, actor, why string) (*consent.Proof, error)
	routes   *http.ServeMux
	acts     map[string]access.Act
}

// newGate reads the rules and makes the pages to sign in at.
func newGate(g gate) (_ *gate, err error) {
	g.routes, g.acts = http.NewServeMux(), map[string]access.Act{}
	for _, r := range rules() {
		g.routes.Handle(r.route, http.NotFoundHandler())
		g.acts[r.route] = r.act
	}
	g.doors, err = newDoors(&g)
	return &g, err
}

// A visit is one request's caller and project; requests behind the gate carry it.
type visit struct {
	caller  *access.Caller
	project string
}

// name is the caller's, "" for nobody.
func (v visit) name() string {
	if v.caller == nil {
		return ""
	}
	return v.caller.Name
}

// may reports whether somebody asks who may do that in the project asked for.
func (v visit) may(act access.Act) bool { return v.caller != nil && v.caller.May(v.project, act) }

type visitKey struct{}

// visitOf gives the visit of a request behind the gate.
func visitOf(r *http.Request) visit {
	v, _ := r.Context().Value(visitKey{}).(visit)
	return v
}

// ServeHTTP lets a request through or answers why not.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isolate(w.Header())
	if g.secure {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	_, route := g.routes.Handler(r)
	act, known := g.acts[route]
	if !known {
		g.problem(w, r, http.StatusNotFound, "unknown")
		return
	}
	v, err := g.visit(r)
	if err != nil && !errors.Is(err, access.ErrDenied) {
		g.broken(w, r, err)
		return
	}
	if act == anyone {
		g.pass(w, r, v, route)
		return
	}
	if v.caller == nil {
		g.askToSignIn(w, r)
		return
	}
	if act != signedIn && g.lacks(v.caller) {
		g.askForFactor(w, r)
		return
	}
	if act != signedIn {
		allowed := v.caller.May(v.project, act) && (!review.Plain(r) || v.caller.May(v.project, access.Reveal))
		if err := g.record(r, v, route, act, allowed); err != nil {
			g.broken(w, r, err)
			return
		}
		if !allowed {
			g.refuse(w, r, v)
			return
		}
	}
	g.pass(w, r, v, route)
}

// isolate keeps what is answered out of other sites' windows and pages, and takes from our own
// what they never use.
func isolate(h http.Header) {
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'") // pages say more
	h.Set("Referrer-Policy", "no-referrer")
}

// visit says who asks and in which project: by a token on the API, else by the cookie.
func (g *gate) visit(r *http.Request) (visit, error) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if !isAPI(r) {
			return visit{}, access.ErrDenied
		}
		c, err := access.Token(r.Context(), g.db, bearer)
		if err != nil || len(c.Roles) == 0 {
			return visit{caller: c}, err
		}
		return visit{c, c.Roles[0].Project}, nil
	}
	cookie, err := r.Cookie(g.cookie())
	if err != nil {
		return visit{}, access.ErrDenied
	}
	c, err := access.Session(r.Context(), g.db, cookie.Value)
	if err != nil {
		return visit{}, err
	}
	return visit{c, g.chosen(r, c)}, nil
}

// chosen is the project that the caller looks at: the one they chose while they belong to it,
// else the usual one, else the first they belong to.
func (g *gate) chosen(r *http.Request, c *access.Caller) string {
	if cookie, err := r.Cookie("project"); err == nil && c.In(cookie.Value) != nil {
		return cookie.Value
	}
	if c.In(g.usual) != nil || len(c.Roles) == 0 {
		return g.usual
	}
	return c.Roles[0].Project
}

// cookie is the name of the session's cookie. Browsers take __Host- only by https, for this
// host alone.
func (g *gate) cookie() string {
	if g.secure {
		return "__Host-lydhor"
	}
	return "lydhor"
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// crossSite knows what another site's page sent.
var crossSite = http.NewCrossOriginProtection()

// pass reads the request's form and hands it on, with its visit. What another site's page has
// somebody's browser send does nothing.
func (g *gate) pass(w http.ResponseWriter, r *http.Request, v visit, route string) {
	if crossSite.Check(r) != nil {
		g.problem(w, r, http.StatusForbidden, "elsewhere")
		return
	}
	if status, why := readForm(w, r, route); why != "" {
		g.problem(w, r, status, why)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	if isDoor(r.URL.Path) {
		g.doors.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/river/") {
		g.river.ServeHTTP(w, r)
		return
	}
	project := v.project
	if project == "" { // static files and the language are every project's
		project = g.usual
	}
	h, err := g.project(project)
	if err != nil {
		g.broken(w, r, err)
		return
	}
	h.ServeHTTP(w, r)
}

func isDoor(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first == "sign-in" || first == "sign-out" || first == "account" || first == "settings" || first == "jobs" || first == "consent" || first == "audit"
}

// record writes to the audit log what is about to be done, or was refused. What changes
// nothing and is asked for again and again stands once a minute.
func (g *gate) record(r *http.Request, v visit, route string, act access.Act, allowed bool) error {
	e := audit.Event{Actor: v.caller.Account, Act: string(act), Project: v.project, Detail: route, Subject: subject(r)}
	if review.Plain(r) {
		e.Detail += " plain"
	}
	if !allowed {
		e.Act = "refused " + e.Act
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return audit.Seen(r.Context(), g.db, e)
	}
	return audit.Add(r.Context(), g.db, e)
}

// subject is the id in a request's path, if it has the form of one: nothing else that a
// caller wrote goes into the log.
func subject(r *http.Request) string {
	for part := range strings.SplitSeq(r.URL.Path, "/") {
		if isID(part) {
			return part
		}
	}
	return ""
}

// broken answers for an error that is ours.
func (g *gate) broken(w http.ResponseWriter, r *http.Request, err error) {
	_, route := g.routes.Handler(r)
	g.log.Error("answer request", "route", route, "error", err)
	g.problem(w, r, http.StatusInternalServerError, "broken")
}

// askToSignIn sends people to the sign-in page and back, and tells commands what they need.
func (g *gate) askToSignIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case isAPI(r):
		writeProblem(w, http.StatusUnauthorized, "sign in with a token: `lydhor tokens new` makes one, LYDHOR_TOKEN or LYDHOR_TOKEN_FILE holds it")
	case r.Method == http.MethodGet:
		http.Redirect(w, r, "/sign-in?"+url.Values{"to": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
	default:
		g.problem(w, r, http.StatusUnauthorized, "signed out")
	}
}

// askForFactor sends people to where they switch their second factor on.
func (g *gate) askForFactor(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && !isAPI(r) {
		http.Redirect(w, r, "/account/factor", http.StatusSeeOther)
		return
	}
	g.problem(w, r, http.StatusForbidden, "factor")
}

// refuse says no to somebody who is signed in.
func (g *gate) refuse(w http.ResponseWriter, r *http.Request, v visit) {
	switch {
	case isAPI(r):
		writeProblem(w, http.StatusForbidden, "the account or the token may not do that in this project")
	case r.URL.Path == "/" && v.caller.May(v.project, access.Watch):
		http.Redirect(w, r, "/jobs", http.StatusSeeOther)
	case r.URL.Path == "/":
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	default:
		g.problem(w, r, http.StatusForbidden, "refused")
	}
}

// problem answers with what stands in the way: to people with a page in their language.
func (g *gate) problem(w http.ResponseWriter, r *http.Request, status int, why string) {
	if isAPI(r) {
		writeProblem(w, status, apiProblems[why])
		return
	}
	sealed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.page(w, r, status, "problem", why) })).ServeHTTP(w, r)
}

// apiProblems says the same to commands.
var apiProblems = map[string]string{
	"unknown":    "there is no such address, or not by this method",
	"unreadable": "the query is not readable: write it in UTF-8, with %XX for other bytes than letters and digits",
	"too large":  "that is more than a form can say",
	"elsewhere":  "the request comes from another site's page: send it from a program or from Lydhør's own pages",
	"factor":     "the account's role demands a second factor: switch it on at /account/factor",
	"broken":     "the server could not do that now; its log says why. Nothing of what it had is lost: try again",
}

func writeProblem(w http.ResponseWriter, status int, problem string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": problem})
}
