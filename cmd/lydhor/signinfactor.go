package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/access"
	"lydhor/pipeline/audit"
)

// parseDemands reads which roles a second factor is demanded of, such as "admin, ops".
func parseDemands(text string) (roles []access.Role, err error) {
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		role, err := access.ParseRole(name)
		if err != nil {
			return nil, fmt.Errorf("LYDHOR_SECOND_FACTOR: %w, with commas between them", err)
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// lacks reports whether somebody must show a second factor before they may do anything else: a
// person with such a role in any project. A token is not a person.
func (g *gate) lacks(c *access.Caller) bool {
	if c.Factor || c.Scopes != nil {
		return false
	}
	return slices.ContainsFunc(c.Roles, func(in access.Grants) bool {
		return slices.ContainsFunc(in.Roles, func(r access.Role) bool { return slices.Contains(g.demands, r) })
	})
}

type codePage struct{ To, Problem string }

// codeForm asks for the code of the second factor.
func (d *doors) codeForm(w http.ResponseWriter, r *http.Request) {
	if _, _, ok := d.halfway(w, r); ok {
		d.page(w, r, http.StatusOK, "code", codePage{To: inside(r.FormValue("to"))})
	}
}

// halfway gives who has still to show a code; others are sent to sign in.
func (d *doors) halfway(w http.ResponseWriter, r *http.Request) (account string, byLink, ok bool) {
	c, err := r.Cookie(d.cookie())
	if err == nil {
		account, byLink, err = access.Halfway(r.Context(), d.db, c.Value)
	}
	if errors.Is(err, access.ErrDenied) || errors.Is(err, http.ErrNoCookie) {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return "", false, false
	}
	if err != nil {
		d.broken(w, r, err)
		return "", false, false
	}
	return account, byLink, true
}

// showCode signs in who shows the code.
func (d *doors) showCode(w http.ResponseWriter, r *http.Request) {
	p := codePage{To: inside(r.FormValue("to"))}
	if !d.tries.may(addressOf(r), time.Now()) {
		p.Problem = "often"
		d.page(w, r, http.StatusTooManyRequests, "code", p)
		return
	}
	account, byLink, ok := d.halfway(w, r)
	if !ok {
		return
	}
	recovery, err := access.ShowFactor(r.Context(), d.db, account, r.FormValue("code"))
	if errors.Is(err, access.ErrDenied) {
		if err := audit.Add(r.Context(), d.db, audit.Event{Actor: account, Act: "second factor refused"}); err != nil {
			d.broken(w, r, err)
			return
		}
		p.Problem = "wrong"
		d.page(w, r, http.StatusUnauthorized, "code", p)
		return
	}
	how := "sign-in by second factor"
	if recovery {
		how = "sign-in by recovery code"
	}
	d.welcome(w, r, account, how, p.To, access.Entry{ByLink: byLink, Factor: true}, err)
}

// A factorPage is about one's second factor.
type factorPage struct {
	State    string // none, new, on, elsewhere
	Demanded bool
	ByLink   bool // the present password need not be known
	Problem  string
	*access.Factor
	Recovery []string // shown once
	Left     int      // recovery codes
}

// factor shows whether one has a second factor.
func (d *doors) factor(w http.ResponseWriter, r *http.Request) {
	d.showFactor(w, r, http.StatusOK, factorPage{})
}

// showFactor answers with the page about the second factor as it stands.
func (d *doors) showFactor(w http.ResponseWriter, r *http.Request, status int, p factorPage) {
	c := visitOf(r).caller
	p.Demanded, p.ByLink = d.lacks(c), c.ByLink
	if p.State == "" {
		var err error
		if p.State, p.Left, err = d.factorState(r.Context(), c.Account); err != nil {
			d.broken(w, r, err)
			return
		}
	}
	d.page(w, r, status, "factor", p)
}

// factorState says how it stands with an account's second factor, and how many codes stand for it.
func (d *doors) factorState(ctx context.Context, account string) (state string, left int, err error) {
	has, err := access.HasFactor(ctx, d.db, account)
	if err != nil {
		return "", 0, err
	}
	if has {
		left, err = access.RecoveryLeft(ctx, d.db, account)
		return "on", left, err
	}
	connected, err := access.Connected(ctx, d.db, account)
	if connected {
		return "elsewhere", 0, err
	}
	return "none", 0, err
}

// newFactor makes one, for whoever knows the present password, and shows what the telephone
// is to read.
func (d *doors) newFactor(w http.ResponseWriter, r *http.Request) {
	c := visitOf(r).caller
	state, _, err := d.factorState(r.Context(), c.Account)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	if state != "none" {
		d.showFactor(w, r, http.StatusConflict, factorPage{Problem: "not now"})
		return
	}
	if !d.showsPassword(w, r) {
		return
	}
	f, err := access.NewFactor(r.Context(), d.db, c.Account)
	if err != nil {
		d.broken(w, r, err)
		return
	}
	d.showFactor(w, r, http.StatusOK, factorPage{State: "new", Factor: f})
}

// showsPassword reports whether the caller gives the present password, and answers where not.
func (d *doors) showsPassword(w http.ResponseWriter, r *http.Request) bool {
	known, err := d.knows(r, visitOf(r).caller)
	if err != nil {
		d.broken(w, r, err)
		return false
	}
	if !known {
		d.showFactor(w, r, http.StatusForbidden, factorPage{Problem: "password"})
	}
	return known
}

// confirmFactor has the second factor asked for from now on; all other sessions end.
func (d *doors) confirmFactor(w http.ResponseWriter, r *http.Request) {
	account := visitOf(r).caller.Account
	f, err := access.PendingFactor(r.Context(), d.db, account)
	if errors.Is(err, access.ErrDenied) {
		d.showFactor(w, r, http.StatusConflict, factorPage{Problem: "not now"})
		return
	}
	var recovery []string
	if err == nil {
		recovery, err = access.ConfirmFactor(r.Context(), d.db, account, r.FormValue("code"))
	}
	if errors.Is(err, access.ErrDenied) {
		d.showFactor(w, r, http.StatusUnprocessableEntity, factorPage{State: "new", Factor: f, Problem: "code"})
		return
	}
	if err == nil {
		err = d.sawFactor(r, account)
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	d.page(w, r, http.StatusOK, "factor", factorPage{State: "on", Recovery: recovery, Left: len(recovery)})
}

// sawFactor keeps this session of an account, and ends those that began without a second factor.
func (d *doors) sawFactor(r *http.Request, account string) error {
	cookie, err := r.Cookie(d.cookie())
	if err != nil {
		return err
	}
	return pgx.BeginFunc(r.Context(), d.db, func(tx pgx.Tx) error {
		if err := access.SetFactor(r.Context(), tx, cookie.Value, true); err != nil {
			return err
		}
		if _, err := access.EndSessions(r.Context(), tx, account, cookie.Value); err != nil {
			return err
		}
		return audit.AddTx(r.Context(), tx, audit.Event{Actor: account, Act: "second factor on"})
	})
}

// dropFactor forgets the second factor, for whoever knows the present password. Of whom one is
// demanded gets on with another only.
func (d *doors) dropFactor(w http.ResponseWriter, r *http.Request) {
	if !d.showsPassword(w, r) {
		return
	}
	account := visitOf(r).caller.Account
	cookie, err := r.Cookie(d.cookie())
	if err == nil {
		err = pgx.BeginFunc(r.Context(), d.db, func(tx pgx.Tx) error {
			if err := access.DropFactor(r.Context(), tx, account); err != nil {
				return err
			}
			if err := access.SetFactor(r.Context(), tx, cookie.Value, false); err != nil {
				return err
			}
			return audit.AddTx(r.Context(), tx, audit.Event{Actor: account, Act: "second factor off"})
		})
	}
	if err != nil {
		d.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/account/factor", http.StatusSeeOther)
}

// Picture is the address as a QR code, one unit a square, in a border of four as ISO/IEC 18004
// asks for.
func (p factorPage) Picture() (template.HTML, error) {
	const border = 4
	code, err := qr.Encode(p.Address, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	side := code.Bounds().Dx()
	var path strings.Builder
	for y := range side {
		for x := range side {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+border, y+border)
			}
		}
	}
	side += 2 * border
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" width="%d" height="%d" aria-hidden="true"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		side, side, 5*side, 5*side, side, side, path.String())), nil
}
