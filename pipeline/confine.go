package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

// confined is a program that reads what strangers made: without network, where the system
// lets us take it away, with bounds on its memory, files and time, where util-linux is
// installed, and never as root: then it is nobody, whom lending gives the files it needs. It
// has none of our environment and can become nobody else.
func confined(ctx context.Context, program string, args ...string) *exec.Cmd {
	argv := append([]string{program}, args...)
	if path, err := exec.LookPath(program); err == nil {
		argv[0] = path
		argv = slices.Concat(withoutNetwork(ctx), bounded(), unprivileged(), argv)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return cmd
}

// bounded are the words before a command that bound what it takes: far more than a day of sound
// needs, and less than a machine has.
func bounded() []string {
	prlimit, err := exec.LookPath("prlimit")
	if err != nil {
		return nil
	}
	const gib = 1 << 30
	return []string{prlimit, fmt.Sprintf("--as=%d", 8*gib), fmt.Sprintf("--fsize=%d", 8*gib), "--nofile=64", "--core=0",
		fmt.Sprintf("--cpu=%.0f", 4*decodeLimit.Seconds())}
}

// nobody is whom root lets read what strangers made: the user and group of that name.
const nobody = 65534

// unprivileged are the words before a command that leave it no right to become anybody else,
// and make it nobody where we are root.
func unprivileged() []string {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return nil
	}
	if os.Geteuid() != 0 {
		return []string{setpriv, "--no-new-privs"}
	}
	id := fmt.Sprint(nobody)
	return []string{setpriv, "--reuid=" + id, "--regid=" + id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"}
}

// lending runs f on file and out, either of which may be "". As root it runs f on copies in a
// folder of nobody's, which goes afterwards: what f starts may then read and write nothing
// else of ours. A service that is not root copies nothing.
func lending(file, out string, f func(file, out string) error) (err error) {
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

// withoutNetwork are the words before a command that leave it no network: as root, or as
// whom we are in a user namespace, or none where neither is allowed.
func withoutNetwork(ctx context.Context) []string {
	for _, words := range [][]string{{"unshare", "--net"}, {"unshare", "--user", "--map-current-user", "--net"}} {
		if exec.CommandContext(ctx, words[0], append(slices.Clone(words[1:]), "true")...).Run() == nil {
			return words
		}
	}
	return nil
}
