//go:build amd64 || arm64

package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// child is the name under which this program is started to confine itself and then become
// another: what it takes away must be gone before the other's first instruction, and nothing
// that Go's exec.Cmd offers takes system calls away.
const child = "lydhor-confined"

// init is where every program that can start a confined one can be that child, tests too.
func init() {
	if len(os.Args) > 0 && os.Args[0] == child {
		fmt.Fprintln(os.Stderr, become(os.Args[1:]))
		os.Exit(126)
	}
}

// confined makes cmd start as the child that becomes it.
func confined(cmd *exec.Cmd) {
	cmd.Args = append([]string{child, cmd.Path}, cmd.Args...)
	cmd.Path = "/proc/self/exe"
	cmd.SysProcAttr = apart()
}

// apart is how the child gets no network and no process but its own, all of which end with it:
// as root, or as whom we are in a user namespace; nil where the system allows neither.
var apart = sync.OnceValue(func() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWPID}
	if id := os.Geteuid(); id != 0 {
		a.Cloneflags |= unix.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	}
	if (&exec.Cmd{Path: "/proc/self/exe", Args: []string{child}, SysProcAttr: a}).Run() != nil {
		return nil
	}
	return a
})

// become confines this process and replaces it by the program argv[0] with the arguments after
// it; without any it prints what the kernel says of it. It returns only why it could not.
func become(argv []string) error {
	runtime.LockOSThread() // what is taken away is taken from a thread, whose exec gives it to the program
	program, err := assembled()
	if err != nil {
		return err
	}
	for _, step := range []func() error{bound, unprivileged, func() error { return filter(program) }} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(argv) == 0 {
		status, err := os.ReadFile("/proc/thread-self/status")
		os.Stdout.Write(status)
		if err == nil {
			os.Exit(0)
		}
		return err
	}
	return fmt.Errorf("%s: %w", argv[0], syscall.Exec(argv[0], argv[1:], os.Environ()))
}

// bound bounds what the process takes: far more than a day of sound needs, and less than a
// machine has.
func bound() error {
	const gib = 1 << 30
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_AS, 8 * gib},
		{unix.RLIMIT_FSIZE, 8 * gib},
		{unix.RLIMIT_NOFILE, 64},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_CPU, 2 * 60 * 60}, // seconds
	} {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &now); err != nil {
			return err
		}
		most := min(l.most, now.Max)
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("bound resource %d: %w", l.resource, err)
		}
	}
	return nil
}

// unprivileged leaves the thread no right to become anybody else, and makes it nobody where we
// are root. These are the kernel's own calls: Go's would be for all threads.
func unprivileged() error {
	if os.Geteuid() == 0 {
		for c := uintptr(0); unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) == nil; c++ {
		}
		for _, call := range [][4]uintptr{
			{unix.SYS_SETGROUPS},
			{unix.SYS_SETRESGID, nobody, nobody, nobody},
			{unix.SYS_SETRESUID, nobody, nobody, nobody},
		} {
			if _, _, e := unix.RawSyscall(call[0], call[1], call[2], call[3]); e != 0 {
				return fmt.Errorf("become nobody: %w", e)
			}
		}
	}
	var none [2]unix.CapUserData
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return fmt.Errorf("give capabilities up: %w", err)
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// filter has the kernel refuse calls by a program of BPF. A kernel that knows no filters goes
// without; Look says so.
func filter(program []unix.SockFilter) error {
	f := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&f)))
	if e != 0 && e != unix.ENOSYS && e != unix.EINVAL {
		return fmt.Errorf("filter system calls: %w", e)
	}
	return nil
}

// Look says how programs are confined here; an error names what the system does not allow.
func Look(ctx context.Context) (string, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = []string{child}, apart(), &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("confine a program: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	status := out.Bytes()
	is := func(line string) bool {
		return slices.ContainsFunc(bytes.Split(status, []byte("\n")), func(l []byte) bool { return string(l) == line })
	}
	if !is("NoNewPrivs:\t1") || is("Uid:\t0\t0\t0\t0") {
		return "", errors.New("the decoder would run with rights of ours")
	}
	if !is("Seccomp:\t2") {
		return "", errors.New("this kernel filters no system calls (seccomp)")
	}
	if apart() == nil {
		return "no sockets, mounts or tracing (seccomp); this system gives no namespaces beside that", nil
	}
	return "no network, other processes, sockets, mounts or tracing (namespaces and seccomp)", nil
}
