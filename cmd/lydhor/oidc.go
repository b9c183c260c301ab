package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"lydhor/pipeline/access"
)

// oidcConfig is the identity provider of an organisation (OpenID Connect).
type oidcConfig struct {
	Issuer, Client, Secret string
	Scopes                 string // that it is asked for
	Groups                 string // claim that lists a person's groups
	Roles                  string // group=role@project, ... that the groups give
}

// A provider signs people in at their organisation: authorisation code with PKCE, state and
// nonce (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700).
type provider struct {
	oidcConfig
	back  string // where people come back to
	given map[string][]roleIn

	mu    sync.Mutex
	found *oidc.Provider
}

// roleIn is a role in a project by name.
type roleIn struct {
	role    access.Role
	project string
}

// newProvider is nil where none is configured.
func (c *config) newProvider() (*provider, error) {
	if c.OIDC.Issuer == "" {
		return nil, nil
	}
	if c.OIDC.Client == "" {
		return nil, errors.New("LYDHOR_OIDC_ISSUER is set and LYDHOR_OIDC_CLIENT is not: set it to the id that the provider gave this service")
	}
	given, err := parseGiven(c.OIDC.Roles)
	if err != nil {
		return nil, fmt.Errorf("LYDHOR_OIDC_ROLES: %w", err)
	}
	return &provider{oidcConfig: c.OIDC, back: c.page() + "/sign-in/provider/back", given: given}, nil
}

// parseGiven reads what groups give, such as "lises-forskere=researcher@LISES, drift=ops@LISES".
func parseGiven(text string) (map[string][]roleIn, error) {
	given := map[string][]roleIn{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		group, gives, ok := strings.Cut(part, "=")
		name, project, both := strings.Cut(gives, "@")
		if !ok || !both || group == "" || project == "" {
			return nil, fmt.Errorf("%q: write group=role@project, with commas between them", part)
		}
		role, err := access.ParseRole(name)
		if err != nil {
			return nil, err
		}
		given[group] = append(given[group], roleIn{role, project})
	}
	return given, nil
}

// patient is the client that the provider is asked with.
var patient = &http.Client{Timeout: 10 * time.Second}

// discover asks the provider for its addresses, once it answers.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), patient), p.Issuer)
		if err != nil {
			return nil, fmt.Errorf("ask the identity provider: %w", err)
		}
		p.found = found
	}
	return p.found, nil
}

func (p *provider) oauth(at *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.Secret, Endpoint: at.Endpoint(), RedirectURL: p.back, Scopes: strings.Fields(p.Scopes)}
}

// An attempt is one try to sign in: a secret that only the browser has, from which what the
// provider sees is made. So an answer is good in the browser that asked, and nowhere else.
type attempt string

func newAttempt() attempt { return attempt(rand.Text() + rand.Text()) }

func (a attempt) derive(what string) string {
	h := hmac.New(sha256.New, []byte(a))
	h.Write([]byte(what))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (a attempt) state() string    { return a.derive("state") }
func (a attempt) nonce() string    { return a.derive("nonce") }
func (a attempt) verifier() string { return a.derive("verifier") }

// address is where the browser goes to sign in.
func (p *provider) address(ctx context.Context, a attempt) (string, error) {
	at, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(at).AuthCodeURL(a.state(), oidc.Nonce(a.nonce()), oauth2.S256ChallengeOption(a.verifier())), nil
}

// claims are what is read of a person.
type claims struct {
	Username string `json:"preferred_username"`
	Email    string `json:"email"`
	all      map[string]any
}

// errProvider says that the provider's answer signs nobody in.
var errProvider = errors.New("the identity provider's answer is not good")

// person makes of the provider's answer who came, and the names of their groups.
func (p *provider) person(ctx context.Context, a attempt, code string) (who access.Person, groups []string, err error) {
	at, err := p.discover(ctx)
	if err != nil {
		return who, nil, err
	}
	ctx = oidc.ClientContext(ctx, patient)
	token, err := p.oauth(at).Exchange(ctx, code, oauth2.VerifierOption(a.verifier()))
	if err != nil {
		return who, nil, errors.Join(errProvider, errors.New("it took the code for no token")) // err may quote what it said
	}
	raw, _ := token.Extra("id_token").(string)
	signed, err := at.Verifier(&oidc.Config{ClientID: p.Client}).Verify(ctx, raw)
	if err != nil {
		return who, nil, errors.Join(errProvider, errors.New("its token does not hold"))
	}
	if !hmac.Equal([]byte(signed.Nonce), []byte(a.nonce())) {
		return who, nil, errors.Join(errProvider, errors.New("its token is for another try"))
	}
	said, err := p.claims(ctx, at, signed, token)
	if err != nil {
		return who, nil, err
	}
	who = access.Person{Issuer: signed.Issuer, Subject: signed.Subject, Name: signed.Subject}
	for _, name := range []string{said.Email, said.Username} {
		if name != "" {
			who.Name = name
		}
	}
	return who, said.groups(p.Groups), nil
}

// claims reads the token, and asks for what it does not say.
func (p *provider) claims(ctx context.Context, at *oidc.Provider, signed *oidc.IDToken, token *oauth2.Token) (c claims, err error) {
	if err := errors.Join(signed.Claims(&c), signed.Claims(&c.all)); err != nil {
		return c, errors.Join(errProvider, errors.New("its token cannot be read"))
	}
	if _, told := c.all[p.Groups]; told && c.Username != "" || at.UserInfoEndpoint() == "" {
		return c, nil
	}
	info, err := at.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != signed.Subject { // Core 1.0, 5.3.2: it may be of somebody else
		return c, errors.Join(errProvider, errors.New("it does not say who that is"))
	}
	if err := errors.Join(info.Claims(&c), info.Claims(&c.all)); err != nil {
		return c, errors.Join(errProvider, errors.New("what it says of them cannot be read"))
	}
	return c, nil
}

// groups reads the claim that lists them: names, or one name.
func (c claims) groups(claim string) (names []string) {
	switch list := c.all[claim].(type) {
	case string:
		names = append(names, list)
	case []any:
		for _, g := range list {
			if name, is := g.(string); is {
				names = append(names, name)
			}
		}
	}
	return names
}
