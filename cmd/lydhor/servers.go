package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"lydhor/pipeline/seal"
)

// servers are a Postgres and an S3 server of one's own, on loopback, with their data in a
// folder that outlives them.
type servers struct {
	dir         string
	databaseURL string
	s3          s3Config
	gateway     *exec.Cmd
	clock       string // file that sets Postgres's clock; "" where that is the machine's
}

// servers runs them for as long as a command runs, which finds them in its environment, or
// until it is interrupted.
func (a *app) servers(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("servers", flag.ContinueOnError)
	data := fs.String("data", ".data", "folder to keep everything in")
	command, err := parse(fs, args)
	if err != nil {
		return err
	}
	s, err := startServers(ctx, *data)
	if err != nil {
		return err
	}
	defer s.stop()
	env := s.env()
	if len(command) == 0 {
		fmt.Fprintln(a.stdout, strings.Join(env, "\n"))
		<-ctx.Done()
		return nil
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	for _, e := range env {
		cmd.Env = append(cmd.Env, strings.Replace(e, "LYDHOR_", "TEST_", 1))
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd.Run()
}

// startServers starts both, or finds Postgres still running, on ports that the folder
// remembers.
func startServers(ctx context.Context, data string) (*servers, error) {
	return startServersOn(ctx, data, false)
}

// startServersOn is startServers, with a clock of Postgres that can be set where that is
// wanted and faketime is installed.
func startServersOn(ctx context.Context, data string, clock bool) (*servers, error) {
	dir, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	s := &servers{dir: dir}
	if _, err := exec.LookPath("faketime"); clock && err == nil {
		s.clock = s.path("clock")
		if err := os.WriteFile(s.clock, []byte("+0\n"), 0o644); err != nil {
			return nil, err
		}
	}
	if _, err := remembered(s.path("master.key"), seal.ParseMaster, seal.NewMaster); err != nil {
		return nil, err
	}
	if err := s.place(); err != nil {
		return nil, err
	}
	if err := s.startPostgres(ctx); err != nil {
		return nil, err
	}
	if err := s.startGateway(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// place says where both answer, as the folder remembers.
func (s *servers) place() error {
	port, err := s.port("postgres")
	if err != nil {
		return err
	}
	s.databaseURL = privateDatabase(port)
	if port, err = s.port("s3"); err != nil {
		return err
	}
	secret, err := s.secret("s3")
	s.s3 = s3Config{Endpoint: fmt.Sprintf("http://127.0.0.1:%d", port), AccessKey: "lydhor", SecretKey: secret, Bucket: "lydhor"}
	return err
}

// folder is the flag of commands that ask the servers themselves.
func folder(fs *flag.FlagSet) *string {
	return fs.String("data", ".data", "folder of up, whose servers are asked when none are configured")
}

// over is a, whose environment names the servers that up runs on a folder where it names none.
func (a *app) over(data string) *app {
	c := a.config()
	if c.unread != nil || c.DatabaseURL != "" || c.S3.Endpoint != "" {
		return a
	}
	if _, err := os.Stat(filepath.Join(data, "postgres.port")); err != nil {
		return a
	}
	dir, err := filepath.Abs(data)
	s := &servers{dir: dir}
	if err != nil || s.place() != nil {
		return a
	}
	found := map[string]string{}
	for _, e := range s.env() {
		name, value, _ := strings.Cut(e, "=")
		found[name] = value
	}
	b := *a
	b.getenv = func(name string) string { return cmp.Or(a.getenv(name), found[name]) }
	return &b
}

// env is how other commands find the servers.
func (s *servers) env() []string {
	return []string{
		"LYDHOR_DATABASE_URL=" + s.databaseURL,
		"LYDHOR_S3_ENDPOINT=" + s.s3.Endpoint,
		"LYDHOR_S3_ACCESS_KEY=" + s.s3.AccessKey,
		"LYDHOR_S3_SECRET_KEY=" + s.s3.SecretKey,
		"LYDHOR_S3_BUCKET=" + s.s3.Bucket,
		"LYDHOR_UPLOADS=" + s.path("uploads"),
		"LYDHOR_MASTER_KEY_FILE=" + s.path("master.key"),
		"LYDHOR_TOKEN_FILE=" + s.path("token"),
	}
}

// stop stops both and waits.
func (s *servers) stop() {
	if s.gateway != nil {
		s.gateway.Process.Signal(syscall.SIGTERM)
		s.gateway.Wait()
	}
	s.pg(context.Background(), "pg_ctl", "-D", s.cluster(), "-m", "fast", "-w", "stop")
}

func (s *servers) path(name string) string { return filepath.Join(s.dir, name) }

// startPostgres makes the cluster the first time. It trusts every connection and so listens
// on loopback only. Its log is terse: the details of an error hold the row that was refused.
func (s *servers) startPostgres(ctx context.Context) error {
	port, err := s.port("postgres")
	if err != nil {
		return err
	}
	cluster := s.cluster()
	if err := os.MkdirAll(filepath.Dir(cluster), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(cluster, 0o700); err != nil {
		return err
	}
	if owner, err := postgresUser(); err != nil {
		return err
	} else if owner != nil {
		if err := os.Chown(cluster, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(cluster, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		if err := s.pg(ctx, "initdb", "-D", cluster, "-A", "trust", "-U", "lydhor", "-E", "UTF8", "--locale=C.UTF-8"); err != nil {
			return err
		}
	}
	if s.pg(ctx, "pg_ctl", "-D", cluster, "status") == nil {
		return nil
	}
	return s.pg(ctx, "pg_ctl", "-D", cluster, "-l", filepath.Join(cluster, "log"), "-w", "start",
		"-o", fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c log_error_verbosity=terse -c unix_socket_directories=", port))
}

// privateDatabase is the address of the Postgres of a data folder.
func privateDatabase(port int) string {
	return fmt.Sprintf("postgres://lydhor@127.0.0.1:%d/postgres?sslmode=disable", port)
}

// cluster is the folder of the database: in the data folder, or elsewhere where the user
// postgres may not enter that, as below /root.
func (s *servers) cluster() string {
	if os.Getuid() == 0 {
		for dir := s.dir; dir != "/"; dir = filepath.Dir(dir) {
			if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&1 == 0 {
				return fmt.Sprintf("/var/lib/lydhor/%x/postgres", sha256.Sum256([]byte(s.dir)))
			}
		}
	}
	return s.path("postgres")
}

// pg runs one of Postgres's own programs; as root, as the user postgres, since they refuse
// to run as root.
func (s *servers) pg(ctx context.Context, program string, args ...string) error {
	path, err := postgresProgram(program)
	if err != nil {
		return errors.New("no Postgres is installed: `apt-get install postgresql`, or use one that runs with `lydhor serve` and `lydhor work`")
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/"
	if s.clock != "" {
		cmd.Env = append(os.Environ(), "LD_PRELOAD="+fakeClock(), "FAKETIME_TIMESTAMP_FILE="+s.clock, "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1")
	}
	owner, err := postgresUser()
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, lastLine(out))
	}
	return nil
}

// fakeClock is the library that Debian's faketime puts before a program's own clock.
func fakeClock() string {
	found, _ := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	return strings.Join(found, ":")
}

// postgresUser is the user that Postgres must run as, nil for the one who asks.
func postgresUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("run Postgres, which refuses root, as the user postgres: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// startGateway starts versitygw, an S3 server over a folder, which `make build` leaves
// beside lydhor.
func (s *servers) startGateway(ctx context.Context) error {
	program, err := beside("versitygw")
	if err != nil {
		return errors.New("no S3 server: `make build` leaves versitygw beside lydhor, or use one that runs with `lydhor serve` and `lydhor work`")
	}
	for _, name := range []string{"s3", "s3-versions"} {
		if err := os.MkdirAll(s.path(name), 0o700); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(s.path("s3.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.gateway = exec.Command(program, "--port", strings.TrimPrefix(s.s3.Endpoint, "http://"), "posix", "--versioning-dir", s.path("s3-versions"), s.path("s3"))
	s.gateway.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.s3.AccessKey, "ROOT_SECRET_KEY="+s.s3.SecretKey)
	s.gateway.Stdout, s.gateway.Stderr = log, log
	s.gateway.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := s.gateway.Start(); err != nil {
		s.gateway = nil
		return fmt.Errorf("start the S3 server: %w", err)
	}
	return answers(ctx, s.s3.Endpoint)
}

// answers waits until an HTTP server answers anything.
func answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		r, err := http.Get(url)
		if err == nil {
			return r.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not come up within 15 seconds: %w", url, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// beside finds a program next to this one, or on the path.
func beside(program string) (string, error) {
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), program)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(program)
}

// port is the port of a server, chosen among the free ones the first time.
func (s *servers) port(name string) (int, error) {
	return remembered(s.path(name+".port"), strconv.Atoi, func() (string, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		defer l.Close()
		return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
	})
}

// secret is a random password, made the first time.
func (s *servers) secret(name string) (string, error) {
	same := func(v string) (string, error) { return v, nil }
	return remembered(s.path(name+".secret"), same, func() (string, error) { return rand.Text(), nil })
}

// remembered reads a value that file keeps, or makes and keeps it.
func remembered[T any](file string, read func(string) (T, error), fresh func() (string, error)) (T, error) {
	var none T
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		value, err := fresh()
		if err != nil {
			return none, err
		}
		data = []byte(value)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return none, err
		}
	} else if err != nil {
		return none, err
	}
	return read(strings.TrimSpace(string(data)))
}
