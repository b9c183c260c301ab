package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// A client asks a server that runs elsewhere, or beside it.
type client struct{ server, token string }

// client asks the server with the token that is configured.
func (a *app) client(server string) client {
	c := a.config()
	if c.Token == "" {
		text, _ := os.ReadFile(c.TokenFile) // without one the server says what it needs
		c.Token = strings.TrimSpace(string(text))
	}
	return client{server, c.Token}
}

// do sends body, if there is one, and reads the answer into v.
func (c client) do(ctx context.Context, method, path string, query url.Values, body io.Reader, v any) error {
	u, err := url.Parse(strings.TrimSuffix(c.server, "/") + path)
	if err != nil {
		return fmt.Errorf("server address: %w", err)
	}
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s does not answer (%w): start it with `lydhor up`, or set LYDHOR_SERVER to where it runs", c.server, errors.Unwrap(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return json.NewDecoder(answer.Body).Decode(v)
	}
	var problem struct{ Error string }
	if json.NewDecoder(answer.Body).Decode(&problem); problem.Error == "" {
		problem.Error = answer.Status
	}
	return errors.New(problem.Error)
}
