package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

// up runs the whole service on this machine: a private Postgres and S3 server, and serve and
// work as two processes over them, of which work is started again when it dies.
func (a *app) up(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("up", flag.ContinueOnError)
	data := fs.String("data", ".data", "folder to keep everything in")
	background := fs.Bool("background", false, "return when it answers, and leave it running")
	listen := fs.String("listen", c.Listen, "address of the page")
	model := fs.String("model", "", "model to transcribe with; the demo model when not given")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	c.Listen = *listen
	page := "http://" + *listen
	if pid, running := upIn(*data); running {
		fmt.Fprintf(a.stderr, "it runs already (process %d)\n", pid)
		return a.invite(ctx, c, *data)
	}
	if *background {
		if err := a.upInBackground(ctx, *data, page, args); err != nil {
			return err
		}
		return a.invite(ctx, c, *data)
	}
	s, err := startServers(ctx, *data)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := a.admit(ctx, c, *data); err != nil {
		return err
	}
	pidFile := s.path("up.pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	defer os.Remove(pidFile)

	ctx, cancel := context.WithCancelCause(ctx)
	serving := keep(ctx, func() *exec.Cmd { return a.self(s, "serve", "--listen", *listen) }, cancel)
	if err := answers(ctx, page+"/healthz"); err != nil {
		cancel(err)
		<-serving
		return context.Cause(ctx)
	}
	fmt.Fprintf(a.stderr, "the page is at %s; Ctrl-C stops it all\n", c.page())
	if f, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) { // no links in logs
		if err := a.invite(ctx, c, *data); err != nil {
			cancel(err)
		}
	}
	working := keep(ctx, func() *exec.Cmd { return a.self(s, "work", "--model", *model) }, cancel)
	<-ctx.Done()
	<-working
	<-serving
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// self is another command of this program over the servers.
func (a *app) self(s *servers, args ...string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), s.env()...)
	cmd.Stdout, cmd.Stderr = a.stdout, a.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	return cmd
}

// keep runs a command until ctx ends, and again a second after it dies; one that dies at
// once, three times over, gives up on everything.
func keep(ctx context.Context, command func() *exec.Cmd, giveUp context.CancelCauseFunc) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for quick := 0; ctx.Err() == nil; {
			cmd, started := command(), time.Now()
			err := cmd.Start()
			if err == nil {
				stop := context.AfterFunc(ctx, func() { cmd.Process.Signal(syscall.SIGTERM) })
				err = cmd.Wait()
				stop()
			}
			if quick++; time.Since(started) > 10*time.Second {
				quick = 0
			}
			if quick == 3 {
				giveUp(fmt.Errorf("%s ended three times in a row: %w: what it printed says why", filepath.Base(cmd.Args[1]), err))
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}()
	return ended
}

// upInBackground starts up as a process of its own and waits until the page answers.
func (a *app) upInBackground(ctx context.Context, data, page string, args []string) error {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(data, "up.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(program, append([]string{"up"}, without(args, "background")...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if healthy(ctx, page) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it did not start; %s says why: %s", log.Name(), tailOf(log.Name()))
		case <-ctx.Done():
			return fmt.Errorf("it does not answer at %s after a minute; see %s", page, log.Name())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func without(args []string, flag string) []string {
	var kept []string
	for _, arg := range args {
		if strings.TrimLeft(arg, "-") != flag {
			kept = append(kept, arg)
		}
	}
	return kept
}

func healthy(ctx context.Context, page string) bool {
	r, err := http.NewRequestWithContext(ctx, "GET", page+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// tailOf is the last line of a file.
func tailOf(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 4096 {
		f.Seek(-4096, io.SeekEnd)
	}
	data, _ := io.ReadAll(f)
	return lastLine(data)
}

// upIn reports whether up runs on a folder, and as which process.
func upIn(data string) (pid int, running bool) {
	text, err := os.ReadFile(filepath.Join(data, "up.pid"))
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
	return pid, err == nil && syscall.Kill(pid, 0) == nil
}

// down stops what up runs on a folder, and waits for it.
func (a *app) down(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("down", flag.ContinueOnError)
	data := fs.String("data", ".data", "folder that up was given")
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	pid, running := upIn(*data)
	if !running {
		fmt.Fprintln(a.stderr, "nothing runs")
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop process %d: %w", pid, err)
	}
	for {
		if _, running := upIn(*data); !running {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}
