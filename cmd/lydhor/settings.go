package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/store"
)

// A settingsPage is how a project keeps its recordings, as a form, and who belongs to it.
type settingsPage struct {
	Project string // its name
	Keep    string // days, as written; empty for ever
	Quota   string // gigabytes, as written; empty for any amount
	Masked  bool
	Voices  bool
	Members []access.Member // one for each role
	Problem string
	Aged    int  // how many recordings the days would have erased
	Kept    bool // just now
}

// The largest numbers that the form takes.
const (
	mostDays      = 100 * 365
	mostGigabytes = 1_000_000
)

// settings shows the options of a project to who leads it.
func (d *doors) settings(w http.ResponseWriter, r *http.Request) {
	p, err := d.settingsOf(r.Context(), visitOf(r).project)
	if err != nil {
		d.missing(w, r, err)
		return
	}
	p.Kept = r.FormValue("kept") != ""
	d.page(w, r, http.StatusOK, "settings", p)
}

func (d *doors) settingsOf(ctx context.Context, project string) (p settingsPage, err error) {
	if p.Project, err = store.ProjectName(ctx, d.db, project); err != nil {
		return p, err
	}
	kept, err := store.ProtectionOf(ctx, d.db, project)
	if err != nil {
		return p, err
	}
	if kept.Keep > 0 {
		p.Keep = strconv.Itoa(int(kept.Keep / (24 * time.Hour)))
	}
	if kept.Quota > 0 {
		p.Quota = strconv.FormatFloat(float64(kept.Quota)/1e9, 'f', -1, 64)
	}
	p.Masked = kept.Masked
	if p.Voices, err = store.RecognisesVoices(ctx, d.db, project); err != nil {
		return p, err
	}
	p.Members, err = access.MembersOf(ctx, d.db, project)
	return p, err
}

// setSettings keeps the options. Days that would have recordings erased at once are asked
// about first.
func (d *doors) setSettings(w http.ResponseWriter, r *http.Request) {
	project := visitOf(r).project
	p, err := d.settingsOf(r.Context(), project)
	if err != nil {
		d.missing(w, r, err)
		return
	}
	p.Keep, p.Quota = strings.TrimSpace(r.FormValue("keep")), strings.TrimSpace(r.FormValue("quota"))
	p.Masked, p.Voices = r.FormValue("masked") == "yes", r.FormValue("voices") == "yes"
	asked, days := store.Protection{Masked: p.Masked}, 0
	if days, p.Problem = whole(p.Keep, mostDays, "days"); p.Problem == "" {
		var gigabytes int
		gigabytes, p.Problem = whole(p.Quota, mostGigabytes, "gigabytes")
		asked.Keep, asked.Quota = time.Duration(days)*24*time.Hour, int64(gigabytes)*1e9
	}
	status := http.StatusUnprocessableEntity
	if p.Problem == "" && days > 0 && r.FormValue("sure") != "yes" {
		if p.Aged, err = store.Aged(r.Context(), d.db, project, days); err != nil {
			d.broken(w, r, err)
			return
		}
		if p.Aged > 0 {
			p.Problem, status = "aged", http.StatusConflict
		}
	}
	if p.Problem != "" {
		d.page(w, r, status, "settings", p)
		return
	}
	if err := d.keepSettings(r, project, asked, p.Voices); err != nil {
		d.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/settings?kept=1", http.StatusSeeOther)
}

// whole reads a number from 1 to most; nothing is 0, and anything else the problem.
func whole(written string, most int, problem string) (int, string) {
	n, err := strconv.Atoi(written)
	if written == "" {
		return 0, ""
	}
	if err != nil || n < 1 || n > most {
		return 0, problem
	}
	return n, ""
}

func (d *doors) keepSettings(r *http.Request, project string, asked store.Protection, voices bool) error {
	return pgx.BeginFunc(r.Context(), d.db, func(tx pgx.Tx) error {
		if err := store.Protect(r.Context(), tx, project, asked); err != nil {
			return err
		}
		if _, err := store.RecogniseVoices(r.Context(), tx, project, voices); err != nil {
			return err
		}
		return audit.AddTx(r.Context(), tx, audit.Event{Actor: visitOf(r).caller.Account, Act: "project set", Project: project,
			Detail: fmt.Sprintf("keep %d days, quota %d GB, masked %t, voices %t", asked.Keep/(24*time.Hour), asked.Quota/1e9, asked.Masked, voices)})
	})
}
