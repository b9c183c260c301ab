//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestConfinedProgramHasNoEnvironmentOfOurs(t *testing.T) {
	t.Setenv("LYDHOR_S3_SECRET_KEY", "secret")
	out, err := Command(t.Context(), "env").Output()
	if err != nil || strings.Contains(string(out), "secret") {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestConfinedProgramIsBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nine gigabytes")
	var said []byte
	var bounded error
	if err := Lend("", file, func(_, out string) error {
		said, bounded = Command(t.Context(), "dd", "if=/dev/zero", "of="+out, "bs=1", "count=2", "seek=9663676416").CombinedOutput()
		if info, err := os.Stat(out); err == nil && info.Size() > 8<<30 {
			t.Errorf("got a file of %d bytes", info.Size())
		}
		return errors.New("no need to copy it")
	}); bounded == nil || !strings.Contains(string(said), "large") && !strings.Contains(bounded.Error(), "file size") {
		t.Errorf("it wrote beyond the bound: %s, %v, %v", said, bounded, err)
	}
}

func TestConfinedProgramHasBoundsOfItsOwn(t *testing.T) {
	out, err := Command(t.Context(), "cat", "/proc/self/limits").Output()
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{
		"Max address space 8589934592 8589934592 bytes", "Max file size 8589934592 8589934592 bytes",
		"Max cpu time 7200 7200 seconds", "Max open files 64 64 files", "Max core file size 0 0 bytes",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("got %s, want %q", said, want)
		}
	}
	out, err = Command(t.Context(), "dd", "if=/dev/null", "of=/dev/null", "bs=9G").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "memory exhausted") {
		t.Errorf("it had nine gigabytes: %s, %v", out, err)
	}
}

// What a program starts and leaves holding its output ends with it, or is cut off from us.
func TestConfinedProgramLeavesNobodyBehind(t *testing.T) {
	leave := func() (pid int, err error) {
		out, err := Command(t.Context(), "sh", "-c", "sleep 60 & echo $!").Output()
		if _, none := fmt.Sscan(string(out), &pid); none != nil {
			t.Fatalf("got %q, %v", out, err)
		}
		return pid, err
	}
	if apart() != nil {
		if _, err := leave(); err != nil {
			t.Errorf("got error %v, want its child ended", err)
		}
	}
	defer func(was func() *syscall.SysProcAttr) { apart = was }(apart)
	apart = func() *syscall.SysProcAttr { return nil }
	pid, err := leave()
	if !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("without namespaces: got error %v, want %v", err, exec.ErrWaitDelay)
	}
	syscall.Kill(pid, syscall.SIGKILL)
}

// It sees no process of ours by its number, so it can end none.
func TestConfinedProgramHasProcessesOfItsOwn(t *testing.T) {
	if apart() == nil {
		t.Skip("this system gives no namespaces")
	}
	out, err := Command(t.Context(), "sh", "-c", fmt.Sprintf("echo $$; kill -0 %d", os.Getpid())).CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "1\n") || !strings.Contains(string(out), "No such process") {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestConfinedProgramHasNoNetwork(t *testing.T) {
	if apart() == nil {
		t.Skip("this system gives no network namespaces")
	}
	out, err := Command(t.Context(), "cat", "/proc/net/route").Output()
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(out), "\n"); lines > 1 { // the heading
		t.Errorf("got routes:\n%s", out)
	}
}

// It is not root, cannot become anybody else, and reads and writes what it was lent alone.
func TestConfinedProgramIsNobody(t *testing.T) {
	status, err := Command(t.Context(), "cat", "/proc/self/status").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "NoNewPrivs:\t1") {
		t.Error("it may get new privileges")
	}
	if os.Geteuid() != 0 {
		t.Skip("the rest is about being started by root")
	}
	id := fmt.Sprint(nobody)
	for _, want := range []string{"Uid:\t" + id + "\t" + id, "Gid:\t" + id + "\t" + id, "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("got %s, want %q", status, want)
		}
	}
	ours := filepath.Join(t.TempDir(), "ours")
	if err := os.WriteFile(ours, []byte("ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := Command(t.Context(), "cat", ours).Output(); err == nil {
		t.Errorf("it read %q, which it was not lent", out)
	}
	if err := Lend(ours, ours+".out", func(file, out string) error {
		if got, err := Command(t.Context(), "cat", file).Output(); err != nil || string(got) != "ours" {
			t.Errorf("lent: got %q, %v", got, err)
		}
		return Command(t.Context(), "cp", file, out).Run()
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(ours + ".out"); err != nil || string(got) != "ours" {
		t.Errorf("what it wrote: got %q, %v", got, err)
	}
}
