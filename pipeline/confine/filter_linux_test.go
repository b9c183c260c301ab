//go:build amd64 || arm64

package confine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// calls has Perl make system calls by their numbers, confined or not, and gives what each came to.
func calls(t *testing.T, confined bool, numbers ...uint32) map[uint32]syscall.Errno {
	t.Helper()
	perl, err := exec.LookPath("perl")
	if err != nil {
		t.Skip("perl is not installed")
	}
	args := []string{"-e", `for (@ARGV) { $! = 0; my $r = syscall(0 + $_, 0, 0, 0, 0, 0); print "$_ ", $r < 0 ? 0 + $! : 0, "\n" }`}
	for _, n := range numbers {
		args = append(args, fmt.Sprint(n))
	}
	cmd := exec.Command(perl, args...)
	if confined {
		cmd = Command(t.Context(), perl, args...)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("perl: %v: %s", err, out)
	}
	came := map[uint32]syscall.Errno{}
	for line := range strings.Lines(string(out)) {
		var number uint32
		var errno int
		if _, err := fmt.Sscan(line, &number, &errno); err != nil {
			t.Fatalf("perl said %q: %v", line, err)
		}
		came[number] = syscall.Errno(errno)
	}
	return came
}

func TestConfinedProgramMakesNoDeniedCall(t *testing.T) {
	if _, err := Look(t.Context()); err != nil {
		t.Skip(err)
	}
	for number, got := range calls(t, true, denied...) {
		if got != unix.EPERM {
			t.Errorf("call %d: got %v, want %v", number, got, unix.EPERM)
		}
	}
	if got := calls(t, true, unix.SYS_CLONE3)[unix.SYS_CLONE3]; got != unix.ENOSYS {
		t.Errorf("clone3: got %v, want %v", got, unix.ENOSYS)
	}
	// What comes to something else outside is refused by the filter and nothing else.
	harmless := []uint32{unix.SYS_SOCKET, unix.SYS_KEYCTL, unix.SYS_IO_URING_SETUP, unix.SYS_PIDFD_OPEN, unix.SYS_PROCESS_VM_READV}
	differ := 0
	for _, got := range calls(t, false, harmless...) {
		if got != unix.EPERM {
			differ++
		}
	}
	if differ == 0 {
		t.Error("the system refuses these calls to everybody: the test shows nothing")
	}
}

func TestConfinedProgramOpensNoSocket(t *testing.T) {
	if _, err := Look(t.Context()); err != nil {
		t.Skip(err)
	}
	out, err := Command(t.Context(), "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "socket: Operation not permitted") {
		t.Errorf("got %q, %v, want the socket itself refused", out, err)
	}
}

// leaving is a program for the 32-bit ABI of x86: mov eax, 1 (exit); xor ebx, ebx; int 0x80.
var leaving = append([]byte("\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x03\x00\x01\x00\x00\x00"+
	"\x54\x80\x04\x08\x34\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x34\x00\x20\x00\x01\x00\x00\x00\x00\x00\x00\x00"+
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x80\x04\x08\x00\x80\x04\x08\x5d\x00\x00\x00\x5d\x00\x00\x00\x05\x00\x00\x00\x00\x10\x00\x00"),
	"\xb8\x01\x00\x00\x00\x31\xdb\xcd\x80"...)

// The same calls by another ABI have other numbers, so a program that tries is ended.
func TestConfinedProgramHasOneABI(t *testing.T) {
	if _, err := Look(t.Context()); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("there is no other ABI to try, or no filter: ", err)
	}
	dir, err := os.MkdirTemp("", "abi-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := dir + "/leave"
	if err := errors.Join(os.WriteFile(program, leaving, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(program).Run(); err != nil {
		t.Skip("this kernel runs no 32-bit program: ", err)
	}
	var exit *exec.ExitError
	err = Command(t.Context(), program).Run()
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSYS {
		t.Errorf("got %v, want it ended by %v", err, syscall.SIGSYS)
	}
}

func TestLookSaysWhatIsTakenAway(t *testing.T) {
	says, err := Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(says, "seccomp") {
		t.Errorf("got %q", says)
	}
	status, err := Command(t.Context(), "cat", "/proc/self/status").Output()
	if err != nil || !bytes.Contains(status, []byte("Seccomp:\t2")) {
		t.Errorf("got %s, %v, want the filter on", status, err)
	}
}
