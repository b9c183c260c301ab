package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"lydhor/migrations"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/confine"
	"lydhor/pipeline/store"
	"lydhor/transcribe"
	"lydhor/transcribe/diarise"
)

// A finding is what one check of doctor came to.
type finding struct {
	Check string        `json:"check"`
	OK    bool          `json:"ok"`
	Says  string        `json:"says"`
	Mend  string        `json:"mend,omitempty"` // what to do where it is not OK
	Took  time.Duration `json:"took_ns"`
}

// A check looks at one thing that the service stands on. It says what it saw; mend is what to
// do about its error. Where the check that it needs found something, it is not looked at.
type check struct {
	name, needs, mend string
	look              func(context.Context) (string, error)
}

// doctor looks at everything the service stands on, as this machine sees it, and says how to
// mend what is wrong. It changes nothing but an object of its own, which it deletes.
func (a *app) doctor(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("doctor", flag.ContinueOnError)
	data := folder(fs)
	asJSON := fs.Bool("json", false, "print JSON")
	profiles := fs.String("profiles", c.Profile, "profiles that this machine is to serve, as work takes them")
	flags := a.transcribeFlags(fs)
	if rest, err := parse(fs, args); err != nil || len(rest) > 0 {
		return errors.Join(err, extra(rest))
	}
	c = a.over(*data).config()
	findings := examine(ctx, append(c.serverChecks(), c.machineChecks(*profiles, flags)...))
	if err := a.printFindings(findings, *asJSON); err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		if !f.OK {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks found something to mend", bad, len(findings))
	}
	return nil
}

// examine looks at one after the other, each for half a minute at most.
func examine(ctx context.Context, checks []check) []finding {
	var findings []finding
	bad := map[string]bool{}
	for _, c := range checks {
		if bad[c.needs] {
			findings = append(findings, finding{Check: c.name, Says: "not looked at", Mend: "mend " + c.needs + " first"})
			continue
		}
		started := time.Now()
		patience, cancel := context.WithTimeout(ctx, 30*time.Second)
		says, err := c.look(patience)
		cancel()
		f := finding{Check: c.name, OK: err == nil, Says: says, Took: time.Since(started)}
		if err != nil {
			f.Says, f.Mend, bad[c.name] = err.Error(), c.mend, true
		}
		findings = append(findings, f)
	}
	return findings
}

func (a *app) printFindings(findings []finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(findings)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		mark := "ok"
		if !f.OK {
			mark = "BAD"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", mark, f.Check, f.Says)
		if f.Mend != "" {
			fmt.Fprintf(w, "\t\tmend: %s\n", f.Mend)
		}
	}
	return w.Flush()
}

// serverChecks are of what all machines share.
func (c *config) serverChecks() []check {
	return []check{
		{"postgres", "", "start it, let this machine in (pg_hba.conf, firewall), let it trust Postgres's certificate (sslrootcert=FILE), and set LYDHOR_DATABASE_URL", c.lookAtPostgres},
		{"migrations", "postgres", "run `lydhor migrate`", c.lookAtMigrations},
		{"clock", "postgres", "let chrony or systemd-timesyncd set the clocks of this machine and of Postgres's", c.lookAtClock},
		{"s3", "", "start it, let this machine trust its certificate (update-ca-certificates), and set LYDHOR_S3_ENDPOINT, LYDHOR_S3_BUCKET and keys that may get, put, list and delete in the bucket", c.lookAtS3},
		{"master key", "migrations", "`lydhor keys new` makes the first one; later ones need the file of LYDHOR_MASTER_KEY_FILE as other machines have it", c.lookAtKeys},
	}
}

// machineChecks are of this machine, with the models of the profiles it is to serve.
func (c *config) machineChecks(profiles string, flags func() (transcribe.Options, error)) []check {
	return []check{
		{"ffmpeg", "", "`apt-get install ffmpeg`, or put one with the aac encoder on the PATH", lookAtFFmpeg},
		{"confinement", "", "let this service filter its children's system calls: a kernel with seccomp, and a container whose profile allows the call", confine.Look},
		{"models", "", "`lydhor models get NAME`, set LYDHOR_MODELS to the folder, and choose a --device there is", func(context.Context) (string, error) {
			return lookAtModels(profiles, c.Models, flags)
		}},
		{"speakers", "", "put the models of a better path into LYDHOR_MODELS (docs/models.md), or take what is broken away", c.lookAtSpeakers},
		{"disk", "", "free space, or set TMPDIR and LYDHOR_UPLOADS to folders with more", c.lookAtDisk},
	}
}

func (c *config) lookAtPostgres(ctx context.Context) (string, error) {
	if c.DatabaseURL == "" {
		return "", errors.New("LYDHOR_DATABASE_URL is not set")
	}
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var version string
	var major int
	err = pool.QueryRow(ctx, `select current_setting('server_version'), current_setting('server_version_num')::int / 10000`).Scan(&version, &major)
	if err == nil && major < 14 {
		err = fmt.Errorf("version %s is too old: 14 or newer is needed", version)
	}
	return "Postgres " + version, err
}

func (c *config) lookAtMigrations(ctx context.Context) (string, error) {
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	behind, err := migrations.Behind(ctx, pool)
	if err == nil && behind > 0 {
		err = fmt.Errorf("%d migrations are not applied", behind)
	}
	return "the schema is the newest", err
}

// mostDrift is how far the clocks of two machines may stand apart: a fraction of the lease.
const mostDrift = 5 * time.Second

func (c *config) lookAtClock(ctx context.Context) (string, error) {
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var there time.Time
	asked := time.Now()
	if err := pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&there); err != nil {
		return "", err
	}
	drift := there.Sub(asked.Add(time.Since(asked) / 2)).Round(time.Millisecond)
	if drift.Abs() > mostDrift {
		return "", fmt.Errorf("the clock of Postgres stands %s from this machine's, more than %s", drift, mostDrift)
	}
	return fmt.Sprintf("Postgres's stands %s from this machine's", drift), nil
}

// lookAtS3 puts an object, reads it whole and from its middle, and deletes it.
func (c *config) lookAtS3(ctx context.Context) (says string, err error) {
	if err := c.S3.checkTransport("LYDHOR_S3"); err != nil {
		return "", err
	}
	s, err := blob.OpenS3(ctx, c.S3.Endpoint, c.S3.AccessKey, c.S3.SecretKey, c.S3.Bucket)
	if err != nil {
		return "", err
	}
	key := "doctor/" + uuid.NewString()
	want := bytes.Repeat([]byte("lydhor "), 10_000)
	started := time.Now()
	if err := s.Put(ctx, key, bytes.NewReader(want)); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Delete(context.WithoutCancel(ctx), key)) }()
	o, err := s.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer o.Close()
	part := make([]byte, 100)
	if _, err := o.ReadAt(part, 50_000); err != nil || !bytes.Equal(part, want[50_000:50_100]) {
		return "", errors.Join(errors.New("reading the middle of an object gave something else"), err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, want) {
		return "", errors.Join(errors.New("what was read is not what was put"), err)
	}
	return fmt.Sprintf("wrote, read, read a range and deleted in %s", time.Since(started).Round(time.Millisecond)), nil
}

// lookAtKeys wants a master key, and those that the recordings are sealed with.
func (c *config) lookAtKeys(ctx context.Context) (string, error) {
	master, err := c.master()
	if err == nil && len(master) == 0 {
		err = errors.New("none is configured: sound is kept as it is, readable for whoever has the store")
	}
	if err != nil {
		return "", err
	}
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	needed, err := masters(ctx, pool)
	return "opens all recordings there are", errors.Join(err, c.opens(needed))
}

// lookAtFFmpeg makes a tenth of a second of what browsers play.
func lookAtFFmpeg(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.1", "-c:a", "aac", "-f", "adts", "pipe:1").Output()
	if err != nil {
		return "", fmt.Errorf("make sound with ffmpeg: %w", err)
	}
	if _, err := exec.LookPath("ffprobe"); err != nil {
		return "", err
	}
	return fmt.Sprintf("it made %d bytes of aac", len(out)), nil
}

// lookAtModels opens each profile's model, which checks its hash, on the device asked for.
func lookAtModels(profiles, folder string, flags func() (transcribe.Options, error)) (string, error) {
	options, err := flags()
	if err != nil {
		return "", err
	}
	models, err := profileModels(profiles, options.Model, folder)
	if err != nil {
		return "", err
	}
	says := fmt.Sprintf("%d profiles", len(models))
	for profile, model := range models {
		options.Model = model
		t, err := transcribe.Open(options)
		if err != nil {
			return "", fmt.Errorf("profile %s: %w", profile, err)
		}
		says += fmt.Sprintf("; %s: %s on %s", profile, t.Run().Model, t.Run().Params["device"])
		t.Close()
	}
	return says, nil
}

// lookAtSpeakers says by which path speakers are told apart, and opens what prints voices.
func (c *config) lookAtSpeakers(context.Context) (string, error) {
	path, notice, err := c.voices().Auto()
	if err == nil && notice != "" {
		err = errors.New(notice)
	}
	if err != nil {
		return "", err
	}
	_, err = diarise.OpenPrinter("auto", c.voices())
	return "the path is " + path, err
}

// leastDisk leaves room for a few recordings of three hours, decoded.
const leastDisk = 4 << 30

// lookAtDisk asks where sound is decoded and, where it is set, where uploads arrive.
func (c *config) lookAtDisk(context.Context) (string, error) {
	says := ""
	for _, dir := range []string{os.TempDir(), c.Uploads} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		file, err := os.CreateTemp(dir, "doctor-")
		if err != nil {
			return "", err
		}
		file.Close()
		os.Remove(file.Name())
		var disk syscall.Statfs_t
		if err := syscall.Statfs(dir, &disk); err != nil {
			return "", fmt.Errorf("%s: %w", dir, err)
		}
		free := disk.Bavail * uint64(disk.Bsize)
		if free < leastDisk {
			return "", fmt.Errorf("%s has %d MB free, less than %d", dir, free>>20, leastDisk>>20)
		}
		says += fmt.Sprintf("%s: %d GB free ", filepath.Clean(dir), free>>30)
	}
	return says, nil
}
