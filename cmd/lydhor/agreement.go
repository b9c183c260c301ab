package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// agreementOf reads what a form says of an agreement: nil where it says none.
func agreementOf(a review.Agreement) (c *consent.Consent, codes []string, err error) {
	if codes, err = consent.ParseCodes(a.Participants); err != nil {
		return nil, nil, err
	}
	if a.Text == "" && a.Given == "" && a.Until == "" && a.Scope == "" {
		return nil, codes, nil
	}
	c = &consent.Consent{Version: cmp.Or(a.Text, "-"), Scope: cmp.Or(a.Scope, "research")}
	if c.Given, err = time.Parse(time.DateOnly, cmp.Or(a.Given, time.Now().Format(time.DateOnly))); err != nil {
		return nil, nil, err
	}
	if a.Until != "" {
		until, err := time.Parse(time.DateOnly, a.Until)
		if err != nil {
			return nil, nil, err
		}
		c.Until = &until
	}
	return c, codes, nil
}

// agree notes an agreement for a recording.
func agree(ctx context.Context, tx pgx.Tx, id string, a review.Agreement) error {
	c, codes, err := agreementOf(a)
	if err != nil {
		return err
	}
	if c != nil {
		if err := consent.Put(ctx, tx, id, *c); err != nil {
			return err
		}
	}
	return consent.PutParticipants(ctx, tx, id, codes)
}

// erase erases a recording, and what of it or of the same file waits to arrive whole.
func (s *service) erase(ctx context.Context, uploads, id, actor, why string) (*consent.Proof, error) {
	r, err := store.ByID(ctx, s.pool, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) { // a cut-off erasure goes on
		return nil, err
	}
	known := err == nil
	proof, err := consent.Erase(ctx, s.pool, s.blobs, id, actor, why)
	if err != nil || !known || uploads == "" {
		return proof, err
	}
	_, err = review.DropUploads(filepath.Join(uploads, r.Project), func(u review.Upload, bytes int64) bool {
		return u.Name == r.Name && bytes == r.Bytes
	})
	return proof, err
}

// A consentPage is what a recording rests on, as a form.
type consentPage struct {
	ID string
	review.Agreement
	Hold    string
	Problem string
	Why     string // picked, why to erase it
	Notes   bool   // whether the reader may note it
	Erases  bool   // whether the reader may erase the recording
}

// consentOf reads what is noted of the recording that is asked for.
func (d *doors) consentOf(r *http.Request) (*consentPage, error) {
	v, id := visitOf(r), r.PathValue("id")
	if _, err := store.RecordingIn(r.Context(), d.db, v.project, id); err != nil {
		return nil, err
	}
	p := &consentPage{ID: id, Notes: v.may(access.Upload), Erases: v.may(access.Manage)}
	codes, err := consent.Participants(r.Context(), d.db, id)
	if err != nil {
		return nil, err
	}
	p.Participants = strings.Join(codes, " ")
	c, err := consent.Of(r.Context(), d.db, id)
	if errors.Is(err, consent.ErrNoConsent) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Text, p.Scope, p.Hold, p.Given = c.Version, c.Scope, c.Hold, c.Given.Format(time.DateOnly)
	if c.Until != nil {
		p.Until = c.Until.Format(time.DateOnly)
	}
	return p, nil
}

// consent shows what a recording rests on.
func (d *doors) consent(w http.ResponseWriter, r *http.Request) {
	p, err := d.consentOf(r)
	if err != nil {
		d.missing(w, r, err)
		return
	}
	d.page(w, r, http.StatusOK, "consent", p)
}

// missing answers for an error of finding what was asked for.
func (d *doors) missing(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, store.ErrNotFound) {
		d.problem(w, r, http.StatusNotFound, "unknown")
		return
	}
	d.broken(w, r, err)
}

// setConsent notes what a recording rests on.
func (d *doors) setConsent(w http.ResponseWriter, r *http.Request) {
	p, err := d.consentOf(r)
	if err != nil {
		d.missing(w, r, err)
		return
	}
	p.Agreement = review.Agreement{Text: r.FormValue("agreed_text"), Given: r.FormValue("agreed_on"), Until: r.FormValue("agreed_until"),
		Scope: r.FormValue("agreed_to"), Participants: r.FormValue("participants")}
	if p.Problem, _ = p.Agreement.Wrong(); p.Problem == "" && holds(p.Agreement) != nil {
		p.Problem = "codes"
	}
	if p.Problem != "" {
		d.page(w, r, http.StatusUnprocessableEntity, "consent", p)
		return
	}
	if err := pgx.BeginFunc(r.Context(), d.db, func(tx pgx.Tx) error { return agree(r.Context(), tx, p.ID, p.Agreement) }); err != nil {
		d.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/consent/"+p.ID, http.StatusSeeOther)
}

// reasons are why a recording is erased from the page: no words of people go into a proof.
var reasons = []string{"consent withdrawn", "consent ended", "no consent"}

// erasePage erases a recording for good, when the box is ticked that says so.
func (d *doors) erasePage(w http.ResponseWriter, r *http.Request) {
	p, err := d.consentOf(r)
	if err != nil {
		d.missing(w, r, err)
		return
	}
	if slices.Contains(reasons, r.FormValue("why")) {
		p.Why = r.FormValue("why")
	}
	if p.Why == "" || r.FormValue("sure") != "yes" {
		p.Problem = "sure"
		d.page(w, r, http.StatusUnprocessableEntity, "consent", p)
		return
	}
	proof, err := d.erases(r.Context(), p.ID, visitOf(r).caller.Account, p.Why)
	if errors.Is(err, consent.ErrHeld) {
		p.Problem = "held"
		d.page(w, r, http.StatusConflict, "consent", p)
		return
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	d.page(w, r, http.StatusOK, "erased", proof)
}

// holds reports whether an agreement can be kept.
func holds(a review.Agreement) error {
	_, _, err := agreementOf(a)
	return err
}

// noted is audit's word for what was noted of a recording by a command.
func noted(ctx context.Context, db store.DB, id string) audit.Event {
	e := audit.Event{Actor: operator, Act: "consent noted", Subject: id}
	if r, err := store.ByID(ctx, db, id); err == nil {
		e.Project = r.Project
	}
	return e
}
