package main

import (
	"net/http"
	"strings"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
)

// places shows where one is signed in.
func (d *doors) places(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(d.cookie())
	if err != nil {
		d.broken(w, r, err)
		return
	}
	list, err := access.Places(r.Context(), d.db, visitOf(r).caller.Account, c.Value)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	d.page(w, r, http.StatusOK, "sessions", list)
}

// endPlace signs out in one place of the account's.
func (d *doors) endPlace(w http.ResponseWriter, r *http.Request) {
	account := visitOf(r).caller.Account
	ended, err := access.EndPlace(r.Context(), d.db, account, r.FormValue("id"))
	if err == nil && ended {
		err = audit.Add(r.Context(), d.db, audit.Event{Actor: account, Act: "sign-out elsewhere"})
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/account/sessions", http.StatusSeeOther)
}

// signOutElsewhere ends all sessions of the account but this one.
func (d *doors) signOutElsewhere(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(d.cookie())
	if err == nil {
		err = audit.Add(r.Context(), d.db, audit.Event{Actor: visitOf(r).caller.Account, Act: "sign-out elsewhere"})
	}
	if err == nil {
		_, err = access.EndSessions(r.Context(), d.db, visitOf(r).caller.Account, c.Value)
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/account/sessions", http.StatusSeeOther)
}

// browserOf says of what a browser says of itself only as much as its owner knows it by.
func browserOf(agent string) string {
	named := func(names ...string) string {
		for _, n := range names {
			sign, name, _ := strings.Cut(n, "=")
			if strings.Contains(agent, sign) {
				return name
			}
		}
		return ""
	}
	browser := named("Edg=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrom=Chrome", "Safari/=Safari")
	system := named("Android=Android", "iPhone=iPhone", "iPad=iPad", "Windows=Windows", "Mac OS=macOS", "CrOS=ChromeOS", "Linux=Linux")
	return strings.Trim(browser+", "+system, ", ")
}
