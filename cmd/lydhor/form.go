package main

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// formLimit is how many bytes a form may have that brings no file.
const formLimit = 1 << 20

// brings are the routes whose bodies are read as they arrive: sound, and files of their own
// limits.
var brings = []string{"POST /upload", "POST /codebook", "/uploads/", "/river/", "POST /api/recordings"}

// readForm reads what a request says before anything is done with it, so that no page behind
// the gate meets half a form: bytes that are no text, or more than a form can say, are refused
// with a status and a word for the page of problems. NUL is left out: it says nothing, and
// Postgres keeps it in no text.
func readForm(w http.ResponseWriter, r *http.Request, route string) (status int, why string) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !utf8.ValidString(r.URL.Path) || !areText(query) {
		return http.StatusBadRequest, "unreadable"
	}
	if strings.ContainsRune(r.URL.Path, 0) {
		return http.StatusNotFound, "unknown"
	}
	if strings.Contains(r.URL.RawQuery, "%00") {
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "%00", "")
	}
	if slices.Contains(brings, route) {
		return 0, ""
	}
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	err = r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(formLimit)
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge, "too large"
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) || !areText(r.Form) {
		return http.StatusBadRequest, "unreadable"
	}
	withoutNUL(r.Form)
	withoutNUL(r.PostForm)
	return 0, ""
}

// areText reports whether all names and values are UTF-8.
func areText(form url.Values) bool {
	for name, values := range form {
		if !utf8.ValidString(name) || slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
			return false
		}
	}
	return true
}

func withoutNUL(form url.Values) {
	for _, values := range form {
		for i, v := range values {
			values[i] = strings.ReplaceAll(v, "\x00", "")
		}
	}
}
