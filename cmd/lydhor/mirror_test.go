package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// mirrorTo has a place mirror its bucket to another on the S3 server of env.
func (p *place) mirrorTo(env map[string]string, bucket string) blob.Store {
	p.t.Helper()
	p.env["LYDHOR_MIRROR_BUCKET"] = bucket
	for _, name := range []string{"ENDPOINT", "ACCESS_KEY", "SECRET_KEY"} {
		p.env["LYDHOR_MIRROR_"+name] = env["LYDHOR_S3_"+name]
	}
	s, err := blob.OpenS3(p.t.Context(), env["LYDHOR_S3_ENDPOINT"], env["LYDHOR_S3_ACCESS_KEY"], env["LYDHOR_S3_SECRET_KEY"], bucket)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// What was erased goes from the copies of a bucket, what was lost there stays in them.
func TestCopiesKeepWhatTheBucketLost(t *testing.T) {
	p := newPlace(t, pgtest.URL(t), masterKeyFile(t))
	s, copied := p.service(), p.mirrorTo(p.env, "test-"+uuid.NewString())
	lost, withdrawn := p.receive(s, "lost in the bucket"), p.receive(s, "withdrawn")
	if err := s.raw.Put(t.Context(), uuid.NewString()+"/original", strings.NewReader("of an upload without an answer")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "backup")
	p.must("backup", dir)
	if out := p.must("mirror"); !strings.HasPrefix(out, "2 objects copied, 0 erased") {
		t.Errorf("got %q, want the objects of the two recordings copied", out)
	}
	p.must("erase", withdrawn)
	if err := s.raw.Delete(t.Context(), lost+"/original"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mirror"}, {"backup", dir}} {
		if out, words, status := p.run(args...); status != 1 || !strings.Contains(words, "missing in the bucket") {
			t.Errorf("%v: got status %d, %s%s, want to be told what the bucket lost", args, status, out, words)
		}
	}
	if _, err := os.Stat(objectFile(dir, lost+"/original")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(objectFile(dir, withdrawn+"/original")); err == nil {
		t.Error("the backup has what was erased")
	}
	keys, err := copied.Keys(t.Context(), "", time.Now().Add(time.Hour))
	if got, want := strings.Join(keys, " "), blob.Proofs+withdrawn; err != nil || len(keys) != 2 || !strings.Contains(got, want) || !strings.Contains(got, lost+"/original") {
		t.Errorf("the mirror has %v, %v, want what was lost and the proof of the erasure", keys, err)
	}
	back, err := objectBytes(t.Context(), copied, lost+"/original")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.raw.Put(t.Context(), lost+"/original", bytes.NewReader(back)); err != nil {
		t.Fatal(err)
	}
	p.must("verify", "--all")
	p.must("mirror")
	p.must("backup", dir)
}

// A database that was emptied must not empty its backup.
func TestBackupRefusesAnotherDatabase(t *testing.T) {
	database := pgtest.URL(t)
	p := newPlace(t, database, masterKeyFile(t))
	p.receive(p.service(), "sound")
	dir := filepath.Join(t.TempDir(), "backup")
	p.must("backup", dir)
	p.env["LYDHOR_DATABASE_URL"] = emptyDatabase(t, database)
	if out, words, status := p.run("backup", dir); status != 1 || !strings.Contains(words, "none of the recordings") {
		t.Errorf("got status %d, %s%s", status, out, words)
	}
	to := newPlace(t, emptyDatabase(t, database), p.env["LYDHOR_MASTER_KEY_FILE"])
	to.must("restore", dir)
}

// instant is the part of docs/ops.md that TestBackToAnInstant does what it says.
const instant = "### To any instant"

// steps gives the commands of a part of docs/ops.md, in the order of their blocks.
func steps(t *testing.T, heading string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/ops.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), heading+"\n")
	if !found {
		t.Fatalf("docs/ops.md has no part %q", heading)
	}
	part, _, _ = strings.Cut(part, "\n#")
	return regexp.MustCompile(`(?m)(^    .*\n)+`).FindAllString(part, -1)
}

// asPostgres runs a block of commands as the user that Postgres runs as.
func asPostgres(t *testing.T, env []string, block string) {
	t.Helper()
	owner, err := postgresUser()
	if err != nil {
		t.Skip(err)
	}
	program, err := postgresProgram("pg_verifybackup")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", block)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), append(env, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	log, err := os.Create(filepath.Join(t.TempDir(), "said")) // a file: Postgres keeps it open
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("%s\n%v: %s", block, err, said)
	}
}

// startApart starts a Postgres and an S3 server of one's own until the test ends.
func startApart(t *testing.T) (*servers, map[string]string) {
	t.Helper()
	if _, err := beside("versitygw"); err != nil {
		t.Skip("no S3 server: `make test` puts versitygw on the path")
	}
	s, err := startServers(t.Context(), ordealFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	env := map[string]string{}
	for _, e := range s.env() {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	return s, env
}

// freePort is one that nobody listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// A Postgres and an S3 server are lost, and come back out of the archive and the mirror as
// they were at an instant between two decisions, by the commands that docs/ops.md gives.
func TestBackToAnInstant(t *testing.T) {
	blocks := steps(t, instant)
	if len(blocks) != 5 {
		t.Fatalf("docs/ops.md has %d blocks of commands under %q, want archive, mirror, base, come back, take up", len(blocks), instant)
	}
	from, env := startApart(t)
	_, second := startApart(t)
	here := &place{t, maps.Clone(env)}
	kept := ordealFolder(t)
	if owner, err := postgresUser(); err == nil && owner != nil {
		if err := os.Chown(kept, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	port, err := from.port("postgres")
	if err != nil {
		t.Fatal(err)
	}
	postgres := []string{"KEPT=" + kept, "PGDATA=" + from.cluster(), "PGHOST=127.0.0.1", "PGUSER=lydhor", "PGPORT=" + strconv.Itoa(port)}
	asPostgres(t, postgres, blocks[0])

	s := here.service()
	heard, withdrawn := here.receive(s, "sound"), here.receive(s, "withdrawn later") // with a decision each
	asPostgres(t, postgres, blocks[2])
	here.decide(s, heard, "before the instant")
	var at time.Time
	if err := s.pool.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	here.decide(s, heard, "after the instant")
	here.mirrorTo(second, "mirror")
	here.must("mirror")
	here.must("erase", withdrawn)
	later := here.receive(s, "received later")
	here.must("mirror")
	was, err := consent.ProofOf(t.Context(), s.pool, withdrawn)
	if err != nil {
		t.Fatal(err)
	}
	archived(t, s)
	s.close()
	from.pg(context.Background(), "pg_ctl", "-D", from.cluster(), "-m", "immediate", "-w", "stop")
	from.stop()
	for _, lost := range []string{from.cluster(), from.path("s3")} {
		if err := os.RemoveAll(lost); err != nil {
			t.Fatal(err)
		}
	}

	port2 := freePort(t)
	cluster := filepath.Join(kept, "new-machine")
	bases, _ := filepath.Glob(filepath.Join(kept, "base-*"))
	postgres = []string{"KEPT=" + kept, "BASE=" + bases[0], "PGDATA=" + cluster, "PGHOST=127.0.0.1", "PGUSER=lydhor", "PGPORT=" + port2, "INSTANT=" + at.Format("2006-01-02 15:04:05.000000-07:00")}
	t.Cleanup(func() { from.pg(context.Background(), "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop") })
	asPostgres(t, postgres, blocks[3])
	there := &place{t, maps.Clone(env)}
	there.env["LYDHOR_DATABASE_URL"] = "postgres://lydhor@127.0.0.1:" + port2 + "/postgres?sslmode=disable"
	there.env["LYDHOR_S3_BUCKET"] = "mirror"
	for _, name := range []string{"ENDPOINT", "ACCESS_KEY", "SECRET_KEY"} {
		there.env["LYDHOR_S3_"+name] = second["LYDHOR_S3_"+name]
	}
	there.must(strings.Fields(blocks[4])[1:2]...)

	back := there.service()
	made, err := store.Decisions(t.Context(), back.pool, heard, "analyst")
	if err != nil || len(made) != 2 || made[1].Key != "before the instant" {
		t.Errorf("got decisions %+v, %v, want the one made when it was received and the one before the instant", made, err)
	}
	o, err := back.blobs.Open(t.Context(), heard+"/original")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if got, err := io.ReadAll(o); string(got) != "sound" || err != nil {
		t.Errorf("got %q, %v, want the sound", got, err)
	}
	if is, err := consent.ProofOf(t.Context(), back.pool, withdrawn); err != nil || !is.At.Equal(was.At) {
		t.Errorf("got proof %+v, %v, want %+v", is, err, was)
	}
	for _, id := range []string{withdrawn, later} {
		if _, err := store.ByID(t.Context(), back.pool, id); err == nil {
			t.Errorf("%s is there: erased since, or received since", id)
		}
	}
	there.must("audit", "verify")
}

// decide has the analyst say something more.
func (p *place) decide(s *service, recording, key string) {
	p.t.Helper()
	if err := store.Decide(p.t.Context(), s.pool, recording, pipeline.Decision{Key: key, Coder: "analyst"}); err != nil {
		p.t.Fatal(err)
	}
}

// archived waits until all that was written so far is in the archive, as archive_timeout has it
// be within a minute.
func archived(t *testing.T, s *service) {
	t.Helper()
	var file string
	if err := s.pool.QueryRow(t.Context(), `select pg_walfile_name(pg_switch_wal())`).Scan(&file); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var done bool
		if err := s.pool.QueryRow(t.Context(), `select coalesce(last_archived_wal >= $1, false) from pg_stat_archiver`, file).Scan(&done); err != nil {
			t.Fatal(err)
		}
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s was not archived within a minute", file)
		}
	}
}
