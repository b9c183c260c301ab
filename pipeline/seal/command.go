package seal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// commandPrefix begins the names of keys behind a command.
const commandPrefix = "command "

// CommandKey is a master key that a command keeps for us, such as the client of a key
// management service or of a hardware module. It is run as `LINE wrap` and `LINE unwrap`, with
// what is to be wrapped or unwrapped on its standard input and the other on its output.
func CommandKey(line string) (Key, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil, errors.New("master key: no command")
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return &command{words: words, known: map[[sha256.Size]byte]string{}}, nil
}

const (
	commandLimit  = 15 * time.Second
	commandOutput = 64 << 10
	mostKnown     = 1000 // keys that are remembered: each range of sound that is played asks for one
)

type command struct {
	words []string

	mu    sync.Mutex
	known map[[sha256.Size]byte]string // by hash of what was wrapped; what is erased is asked for no more
}

func (c *command) name() string { return commandPrefix + strings.Join(c.words, " ") }

// opens: what was wrapped by another key of the same service says so itself.
func (c *command) opens(name string) bool { return strings.HasPrefix(name, commandPrefix) }

func (c *command) wrap(ctx context.Context, key string) ([]byte, error) {
	return c.run(ctx, "wrap", []byte(key))
}

func (c *command) unwrap(ctx context.Context, wrapped []byte) (string, error) {
	sum := sha256.Sum256(wrapped)
	c.mu.Lock()
	key, known := c.known[sum]
	c.mu.Unlock()
	if known {
		return key, nil
	}
	out, err := c.run(ctx, "unwrap", wrapped)
	if err != nil {
		return "", err
	}
	key = strings.TrimSpace(string(out))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= mostKnown {
		clear(c.known)
	}
	c.known[sum] = key
	return key, nil
}

// run runs the command; what it complains of may hold keys and is left out.
func (c *command) run(ctx context.Context, what string, in []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.words[0], append(c.words[1:len(c.words):len(c.words)], what)...)
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", c.words[0], err)
	}
	got, read := io.ReadAll(io.LimitReader(out, commandOutput+1))
	if len(got) > commandOutput {
		cancel()
		read = errors.New("it answers too much")
	}
	if err := errors.Join(read, cmd.Wait()); err != nil {
		return nil, fmt.Errorf("%s %s: %w", c.words[0], what, err)
	}
	if len(got) == 0 {
		return nil, fmt.Errorf("%s %s: it answers nothing", c.words[0], what)
	}
	return got, nil
}
