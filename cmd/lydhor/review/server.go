package review

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// Config is what the pages need of the rest.
type Config struct {
	Library Library
	Audio   Audio
	Clips   Clips
	Sheets  Sheets
	Queue   Queue
	Inbox   Inbox

	Uploads     string // folder for recordings that have not arrived whole; without it none can be resumed
	Decisions   Decisions
	Corrections Corrections                                      // without it nothing can be corrected
	Codebooks   Codebooks                                        // without it the project has none of its own
	Coding      Coding                                           // without it nobody is assigned anything
	Voices      Voices                                           // without it no voice is recognised
	Finder      Finder                                           // without it nothing can be searched
	Vocabulary  Vocabulary                                       // without it no words to expect can be given
	Analyser    func(context.Context) (pipeline.Analyser, error) // analyses what was corrected
	Coder       func(*http.Request) string                       // who asks
	Project     string                                           // name of the project
	Minimum     int                                              // conversations that a figure over several takes at least; MinimumGroup where it is zero
	Account     string                                           // address of the page on who one is and of signing out; empty for none
	Agreed      func(Agreement) error                            // says whether an agreement can be kept; without it any can
	Room        func(context.Context) (bytes int64, err error)   // how large the next recording may be; without it, any size
	Reveals     func(*http.Request) bool                         // whether they may have what points to a person; without it everybody may
	Veiled      func(*http.Request) (bool, error)                // whether their pages mask it; without it nobody's do
	Settings    func(*http.Request) string                       // address of the project's settings; without it, or empty, none is linked to
	Designs     func(*http.Request) bool                         // whether they may say who codes what, and by which codebook; without it everybody may
	Log         *slog.Logger
}

// server answers the requests; it keeps nothing between them.
type server struct {
	Config
	pages map[language]*template.Template
}

// New gives the pages as a handler.
func New(c Config) (http.Handler, error) {
	s := &server{Config: c, pages: map[language]*template.Template{}}
	for _, l := range []language{danish, english} {
		var err error
		if s.pages[l], err = parse(l); err != nil {
			return nil, err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", s.handle(s.static))
	mux.Handle("GET /{$}", s.handle(s.recordings))
	mux.Handle("GET /pictures", s.handle(s.pictures))
	mux.Handle("GET /pictures/{file}", s.handle(s.projectPicture))
	mux.Handle("GET /recordings/{id}/themes.svg", s.handle(s.themes))
	mux.Handle("GET /recordings/{id}/themes.csv", s.handle(s.themes))
	mux.Handle("GET /cases/{case}", s.handle(s.caseOf))
	mux.Handle("GET /events", s.handle(s.events))
	mux.Handle("GET /export", s.handle(s.bundle))
	mux.Handle("GET /upload", s.handle(s.uploadForm))
	mux.Handle("POST /upload", s.handle(s.upload))
	mux.Handle("GET /recordings/{id}", s.handle(s.recording))
	mux.Handle("GET /recordings/{id}/sound", s.handle(s.sound))
	mux.Handle("GET /recordings/{id}/compare", s.handle(s.compare))
	mux.Handle("GET /recordings/{id}/picture.svg", s.handle(s.picture))
	mux.Handle("GET /recordings/{id}/clips/{n}", s.handle(s.clip))
	mux.Handle("GET /recordings/{id}/sheet", s.handle(s.sheetForm))
	mux.Handle("POST /recordings/{id}/sheet", s.handle(s.sheet))
	mux.Handle("GET /recordings/{id}/export/{format}", s.handle(s.export))
	mux.Handle("POST /recordings/{id}/turns/{n}/decision", s.handle(s.decide))
	if c.Uploads != "" {
		resumable, err := s.resumable()
		if err != nil {
			return nil, err
		}
		mux.Handle("/uploads/", http.StripPrefix("/uploads/", resumable))
	}
	if c.Finder != nil {
		mux.Handle("GET /search", s.handle(s.search))
	}
	if c.Codebooks != nil {
		mux.Handle("GET /codebook", s.handle(s.codebook))
		mux.Handle("POST /codebook", s.handle(s.useCodebook))
		mux.Handle("POST /codebook/use", s.handle(s.chooseCodebook))
		mux.Handle("POST /codebook/again", s.handle(s.analyseAgain))
	}
	if c.Coding != nil {
		mux.Handle("GET /coding", s.handle(s.coding))
		mux.Handle("POST /coding", s.handle(s.assign))
		mux.Handle("POST /coding/withdraw", s.handle(s.withdraw))
		mux.Handle("POST /recordings/{id}/hand-in", s.handle(s.handIn))
		mux.Handle("GET /agreement", s.handle(s.agreement))
	}
	if c.Vocabulary != nil {
		mux.Handle("GET /vocabulary", s.handle(s.vocabulary))
		mux.Handle("POST /vocabulary", s.handle(s.setVocabulary))
	}
	if c.Corrections != nil {
		mux.Handle("POST /recordings/{id}/corrections", s.handle(s.correct))
	}
	mux.Handle("POST /recordings/{id}/retry", s.handle(s.retry))
	mux.Handle("POST /language", s.handle(s.setLanguage))
	mux.Handle("/", s.handle(func(http.ResponseWriter, *http.Request) error { return errNotFound }))
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(s.handle(func(http.ResponseWriter, *http.Request) error {
		return problem{status: http.StatusForbidden, key: "sent from elsewhere"}
	}))
	return guarded(own.Handler(s.known(mux))), nil
}

// guarded sends the headers that keep a page to itself: no script but ours, nothing from
// other hosts, in nobody's frame.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "+
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// static serves the scripts and the style. Their addresses name their version, so that
// browsers may keep them.
func (s *server) static(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	data, err := staticFiles.ReadFile(name)
	if err != nil {
		return errNotFound
	}
	if r.URL.Query().Get("v") != "" {
		w.Header().Set("Cache-Control", "max-age=31536000, immutable")
	}
	a := newAnswer(w, r, http.StatusOK, mime.TypeByExtension(path.Ext(name)))
	_, err = a.Write(data)
	return a.end(err)
}

// A problem is an error that the reader can do something about: a status and a text.
type problem struct {
	status int
	key    string
	args   []any
	link   string // to what it is about, if it is there
	wrote  string // what the reader wrote and would lose
}

func (p problem) Error() string { return fmt.Sprintf("%s %v", p.key, p.args) }

// unfit is the problem of something that was sent and cannot be taken.
func unfit(key string, args ...any) problem {
	return problem{status: http.StatusUnprocessableEntity, key: key, args: args}
}

// outdated is that of something that has changed since the page was read.
func outdated(key, link string) problem {
	return problem{status: http.StatusConflict, key: key, link: link}
}

// brief is the beginning of what somebody wrote, to name it by.
func brief(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}

var errNotFound = problem{status: http.StatusNotFound, key: "not found"}

// handle answers with what h writes, or with a page that says in the reader's language
// what went wrong.
func (s *server) handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || errors.Is(err, context.Canceled) {
			return
		}
		p := s.problemOf(r, err)
		if err := s.render(w, r, p.status, "problem", p); err != nil {
			s.Log.Error("render problem", "route", r.Pattern, "error", err)
		}
	})
}

// problemOf is what a reader is told of an error. One that says nothing to them is logged.
func (s *server) problemOf(r *http.Request, err error) problem {
	if errors.Is(err, store.ErrNotFound) {
		return errNotFound
	}
	if p, is := errors.AsType[problem](err); is {
		return p
	}
	s.Log.Error("answer request", "method", r.Method, "route", r.Pattern, "error", err)
	return problem{status: http.StatusInternalServerError, key: "went wrong"}
}

// Key, Args, Link and Wrote are for the page.
func (p problem) Key() string   { return p.key }
func (p problem) Args() []any   { return p.args }
func (p problem) Link() string  { return p.link }
func (p problem) Wrote() string { return p.wrote }

// A framed content is a page with what stands on all of them.
type framed struct {
	Path     string
	Coder    string
	Account  string
	Findable bool
	Content  any
}

func (s *server) framed(r *http.Request, content any) framed {
	return framed{r.URL.RequestURI(), s.Coder(r), s.Account, s.Finder != nil, content}
}

// render writes a page.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, page string, content any) error {
	return s.write(w, r, status, page, s.framed(r, content))
}

// write writes a template.
func (s *server) write(w http.ResponseWriter, r *http.Request, status int, template string, content any) error {
	a := newAnswer(w, r, status, mediaHTML)
	return a.end(s.fill(a, r, template, content))
}

const mediaHTML = "text/html; charset=utf-8"

func (s *server) fill(w io.Writer, r *http.Request, template string, content any) error {
	return s.pages[languageOf(r)].ExecuteTemplate(w, template, content)
}

// languageOf is the language the reader chose, Danish until then.
func languageOf(r *http.Request) language {
	if c, err := r.Cookie("language"); err == nil && language(c.Value) == english {
		return english
	}
	return danish
}

// setLanguage remembers the language and goes back to the page.
func (s *server) setLanguage(w http.ResponseWriter, r *http.Request) error {
	to := danish
	if language(r.FormValue("language")) == english {
		to = english
	}
	http.SetCookie(w, &http.Cookie{Name: "language", Value: string(to), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	back, err := url.Parse(r.FormValue("back"))
	if err != nil || back.Host != "" || !strings.HasPrefix(back.Path, "/") || strings.HasPrefix(back.Path, "//") {
		back = &url.URL{Path: "/"}
	}
	http.Redirect(w, r, back.RequestURI(), http.StatusSeeOther)
	return nil
}
