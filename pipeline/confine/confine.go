// Package confine runs programs that read what strangers made.
package confine

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// nobody is whom root lets read what strangers made: the user and group of that name.
const nobody = 65534

// waitDelay is how long what a program started may hold its output once it has ended.
const waitDelay = 5 * time.Second

// Command is a program that reads what strangers made: without network, where the system lets
// us take it away, with bounds on its memory, files and time, without the system calls that it
// has no use for, and never as root: then it is nobody, whom Lend gives the files it needs. It
// has none of our environment and can become nobody else. What it starts ends with it where the
// system numbers processes apart; elsewhere that is cut off from our pipes (exec.ErrWaitDelay).
func Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	if cmd.Err == nil {
		confined(cmd)
	}
	cmd.WaitDelay = waitDelay
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return cmd
}

// Lend runs f on file and out, either of which may be "". As root it runs f on copies in a
// folder of nobody's, which goes afterwards: what f starts may then read and write nothing
// else of ours. A service that is not root copies nothing.
func Lend(file, out string, f func(file, out string) error) (err error) {
	if os.Geteuid() != 0 {
		return f(file, out)
	}
	dir, err := os.MkdirTemp("", "lydhor-work-lent-") // workers clear what begins like this and nobody holds
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	held, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer held.Close()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return err
	}
	lent := map[string]string{}
	for name, from := range map[string]string{"in": file, "out": out} {
		if from != "" {
			lent[name] = filepath.Join(dir, name)
		}
	}
	if file != "" {
		if err := copyFile(lent["in"], file); err != nil {
			return err
		}
		if err := os.Chown(lent["in"], nobody, nobody); err != nil {
			return err
		}
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		return err
	}
	if err := f(lent["in"], lent["out"]); err != nil || out == "" {
		return err
	}
	return copyFile(out, lent["out"])
}

func copyFile(to, from string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
