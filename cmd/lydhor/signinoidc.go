package main

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// attemptCookie is the name of the cookie that keeps an attempt, and where it goes on to.
func (d *doors) attemptCookie() string { return d.cookie() + "-attempt" }

// toProvider sends the browser to the organisation's sign-in.
func (d *doors) toProvider(w http.ResponseWriter, r *http.Request) {
	if d.provider == nil {
		d.problem(w, r, http.StatusNotFound, "unknown")
		return
	}
	a := newAttempt()
	to, err := d.provider.address(r.Context(), a)
	if err != nil {
		d.log.Error("sign in at provider", "error", err)
		d.page(w, r, http.StatusBadGateway, "sign-in", signInPage{To: "/", Problem: "provider", Provider: true})
		return
	}
	kept := string(a) + "." + base64.RawURLEncoding.EncodeToString([]byte(inside(r.FormValue("to"))))
	d.setCookie(w, d.attemptCookie(), kept, int((10 * time.Minute).Seconds()))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// attemptOf reads the attempt that the browser began.
func (d *doors) attemptOf(r *http.Request) (a attempt, to string, ok bool) {
	c, err := r.Cookie(d.attemptCookie())
	if err != nil {
		return "", "", false
	}
	kept, encoded, both := strings.Cut(c.Value, ".")
	goOn, err := base64.RawURLEncoding.DecodeString(encoded)
	return attempt(kept), inside(string(goOn)), both && err == nil && len(kept) >= 32
}

// fromProvider takes the provider's answer and signs in who came.
func (d *doors) fromProvider(w http.ResponseWriter, r *http.Request) {
	if d.provider == nil {
		d.problem(w, r, http.StatusNotFound, "unknown")
		return
	}
	if !d.tries.may(addressOf(r), time.Now()) {
		d.page(w, r, http.StatusTooManyRequests, "sign-in", signInPage{To: "/", Problem: "often", Provider: true})
		return
	}
	a, to, began := d.attemptOf(r)
	d.setCookie(w, d.attemptCookie(), "", -1)
	account, err := "", error(errProvider)
	if began && d.answers(r, a) {
		account, err = d.arrive(r, a)
	}
	if problem := refusal(err); problem != "" {
		d.log.Warn("sign in at provider", "error", err)
		if err := audit.Add(r.Context(), d.db, audit.Event{Actor: account, Act: "sign-in refused", Detail: "provider"}); err != nil {
			d.broken(w, r, err)
			return
		}
		d.page(w, r, http.StatusUnauthorized, "sign-in", signInPage{To: to, Problem: problem, Provider: true})
		return
	}
	d.welcome(w, r, account, "sign-in by provider", to, access.Entry{Factor: true}, err)
}

// answers reports whether a request is the provider's answer to an attempt.
func (d *doors) answers(r *http.Request, a attempt) bool {
	said := r.URL.Query()
	if issuer := said.Get("iss"); issuer != "" && issuer != d.provider.Issuer { // RFC 9207
		return false
	}
	return said.Get("code") != "" && hmac.Equal([]byte(said.Get("state")), []byte(a.state()))
}

// refusal is what the sign-in page says of an error; "" for one that is ours.
func refusal(err error) string {
	switch {
	case errors.Is(err, access.ErrTaken):
		return "taken"
	case errors.Is(err, errProvider), errors.Is(err, access.ErrDenied):
		return "provider"
	}
	return ""
}

// arrive gives the account of whoever the provider signed in, with the roles of their groups.
func (d *doors) arrive(r *http.Request, a attempt) (account string, err error) {
	who, groups, err := d.provider.person(r.Context(), a, r.URL.Query().Get("code"))
	if err != nil {
		return "", err
	}
	given, err := d.provider.gives(r.Context(), d.db, groups)
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(r.Context(), d.db, func(tx pgx.Tx) error {
		account, err = access.Arrive(r.Context(), tx, who, given)
		return err
	})
	return account, err
}

// gives are the roles that groups give.
func (p *provider) gives(ctx context.Context, db store.DB, groups []string) (given []access.Given, err error) {
	for _, group := range groups {
		for _, g := range p.given[group] {
			project, err := store.Project(ctx, db, g.project)
			if err != nil {
				return nil, err
			}
			given = append(given, access.Given{Project: project, Role: g.role})
		}
	}
	return given, nil
}
