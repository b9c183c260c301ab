package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// confined is a program that reads what strangers made: without network, where the system
// lets us take it away, and with bounds on its memory, files and time, where util-linux is
// installed. It has none of our environment.
func confined(ctx context.Context, program string, args ...string) *exec.Cmd {
	argv := append([]string{program}, args...)
	if path, err := exec.LookPath(program); err == nil {
		argv[0] = path
		argv = slices.Concat(withoutNetwork(ctx), bounded(), argv)
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
