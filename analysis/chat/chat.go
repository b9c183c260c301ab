// Package chat asks a language model for its coding of a conversation, as one more coder
// beside the built-in one. It speaks the chat endpoint of OpenAI's API, which servers for
// models on one's own machine speak as well, and only to this machine or to a host that is
// named. It logs nothing, and its errors hold nothing of what was sent or answered.
package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Config says whom to ask.
type Config struct {
	URL     string        // of the API, as http://127.0.0.1:11434/v1
	Model   string        // by the name that the server knows
	Key     string        // sent as bearer token; none when empty
	Hosts   []string      // that may be asked beside this machine
	Timeout time.Duration // of one question; two minutes when 0
	Wait    time.Duration // before a question is asked again; two seconds when 0
}

// tries is how often a question is asked that gets no answer, or none that can be read.
const tries = 3

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 1 << 20

// What can be wrong with an answer.
var (
	ErrNoAnswer = errors.New("the language model does not answer")
	ErrRubbish  = errors.New("the language model's answer is not in the form that was asked for")
)

// A Coder asks one model.
type Coder struct {
	Config
	endpoint string
	client   *http.Client
}

// New makes a Coder, if its address may be asked.
func New(c Config) (*Coder, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the language model's address is %q: write it as http://127.0.0.1:11434/v1", c.URL)
	}
	if c.Model == "" {
		return nil, errors.New("no language model is named: set LYDHOR_CHAT_MODEL to one that the server has")
	}
	named := slices.Contains(c.Hosts, u.Hostname())
	if !named && !local(u.Hostname()) {
		return nil, fmt.Errorf("%s is not this machine and not a host that may be asked: what people said would leave it; name it in LYDHOR_CHAT_HOSTS if it is yours", u.Hostname())
	}
	if named && u.Scheme == "http" && !local(u.Hostname()) {
		return nil, fmt.Errorf("%s is another machine: ask it by https", u.Hostname())
	}
	c.Timeout, c.Wait = cmp.Or(c.Timeout, 2*time.Minute), cmp.Or(c.Wait, 2*time.Second)
	return &Coder{c, u.JoinPath("chat", "completions").String(), client(named)}, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client connects to no proxy, follows nowhere else, and unless the host is named connects to
// this machine alone, whatever the name resolves to.
func client(named bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err == nil && !named && !local(host) {
			err = errors.New("that is not this machine")
		}
		return err
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Name is the coder's: it holds a capital letter, so it is nobody's account.
func (c *Coder) Name() string {
	return fmt.Sprintf("Sprogmodel %s (prompt %s)", c.Model, promptVersion)
}

// message is one of a chat.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// ask sends one question, and again where no answer comes that can be read.
func (c *Coder) ask(ctx context.Context, question string) (answer []claim, err error) {
	for try := range tries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(c.Wait):
			}
		}
		var again bool
		if answer, again, err = c.askOnce(ctx, question); err == nil || !again {
			return answer, err
		}
	}
	return nil, err
}

// askOnce also says whether it is worth asking again.
func (c *Coder) askOnce(ctx context.Context, question string) (_ []claim, again bool, err error) {
	body, err := json.Marshal(map[string]any{
		"model": c.Model, "temperature": 0, "stream": false,
		"messages":        []message{{"system", prompt}, {"user", question}},
		"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "coding", "strict": true, "schema": schema}},
	})
	if err != nil {
		return nil, false, err
	}
	patience, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(patience, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		r.Header.Set("Authorization", "Bearer "+c.Key)
	}
	answer, err := c.client.Do(r)
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		return nil, true, fmt.Errorf("%w within %v, or at all: is it started at the address in LYDHOR_CHAT_URL?", ErrNoAnswer, c.Timeout)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests, fmt.Errorf("%w: status %d", ErrNoAnswer, answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer+1))
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		return nil, true, fmt.Errorf("%w to its end within %v", ErrNoAnswer, c.Timeout)
	}
	claims, err := parse(text)
	return claims, true, err
}

// parse reads the claims in an answer of the endpoint.
func parse(text []byte) ([]claim, error) {
	var answer struct {
		Choices []struct {
			Message message `json:"message"`
		} `json:"choices"`
	}
	if len(text) > mostAnswer || json.Unmarshal(text, &answer) != nil || len(answer.Choices) != 1 {
		return nil, ErrRubbish
	}
	var said struct {
		Turns []claim `json:"turns"`
	}
	d := json.NewDecoder(strings.NewReader(answer.Choices[0].Message.Content))
	d.DisallowUnknownFields()
	if d.Decode(&said) != nil || d.More() || said.Turns == nil {
		return nil, ErrRubbish
	}
	return said.Turns, nil
}
