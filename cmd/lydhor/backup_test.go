package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/seal"
	"lydhor/pipeline/store"
)

// A place is a database and a bucket that commands are told of by their environment.
type place struct {
	t   *testing.T
	env map[string]string
}

// newPlace gives one with an empty bucket on the real S3 server, at database.
func newPlace(t *testing.T, database, masterKey string) *place {
	t.Helper()
	if os.Getenv("TEST_S3_ENDPOINT") == "" {
		t.Skip("no S3 server: `make test` starts one")
	}
	return &place{t, map[string]string{
		"LYDHOR_DATABASE_URL": database, "LYDHOR_S3_BUCKET": "test-" + uuid.NewString(), "LYDHOR_MASTER_KEY_FILE": masterKey,
		"LYDHOR_S3_ENDPOINT": os.Getenv("TEST_S3_ENDPOINT"), "LYDHOR_S3_ACCESS_KEY": os.Getenv("TEST_S3_ACCESS_KEY"), "LYDHOR_S3_SECRET_KEY": os.Getenv("TEST_S3_SECRET_KEY"),
	}}
}

func (p *place) app(stdout, stderr io.Writer) *app {
	return &app{getenv: func(name string) string { return p.env[name] }, stdout: stdout, stderr: stderr}
}

// run runs a command and gives what it printed, its log apart.
func (p *place) run(args ...string) (stdout, stderr string, status int) {
	var out, words bytes.Buffer
	status = p.app(&out, &words).run(p.t.Context(), args)
	return out.String(), words.String(), status
}

// must runs a command that must succeed.
func (p *place) must(args ...string) string {
	p.t.Helper()
	out, words, status := p.run(args...)
	if status != 0 {
		p.t.Fatalf("%v: got status %d: %s%s", args, status, out, words)
	}
	return out
}

func (p *place) service() *service {
	p.t.Helper()
	a := p.app(io.Discard, io.Discard)
	s, err := a.service(p.t.Context(), a.config())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(s.close)
	return s
}

// receive takes a recording in, with a decision about it.
func (p *place) receive(s *service, sound string) string {
	p.t.Helper()
	project, err := store.Project(p.t.Context(), s.pool, "LISES")
	if err != nil {
		p.t.Fatal(err)
	}
	id, _, err := s.inbox.Receive(p.t.Context(), store.Recording{Project: project, Name: plantedName, Kind: pipeline.Conversation, Profile: "draft"}, strings.NewReader(sound))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := store.Decide(p.t.Context(), s.pool, id, pipeline.Decision{Key: "0123456789abcdef", Coder: "analyst"}); err != nil {
		p.t.Fatal(err)
	}
	return id
}

// emptyDatabase is one without any table, dropped when the test ends.
func emptyDatabase(t *testing.T, beside string) string {
	t.Helper()
	u, err := url.Parse(beside)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_empty_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	do := func(sql string) {
		conn, err := pgx.Connect(context.Background(), beside)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	do(`create database ` + name)
	t.Cleanup(func() { do(`drop database ` + name + ` with (force)`) })
	u.Path = "/" + name
	return u.String()
}

func masterKeyFile(t *testing.T) string {
	t.Helper()
	key, err := seal.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A backup is restored into an empty database and bucket with every row, object and decision;
// what was erased after it was made stays erased.
func TestBackupComesBack(t *testing.T) {
	database := pgtest.URL(t)
	from := newPlace(t, database, masterKeyFile(t))
	s := from.service()
	kept, withdrawn, earlier := from.receive(s, "sound that is kept"), from.receive(s, "sound of one who withdraws"), from.receive(s, "withdrawn before")
	from.must("erase", earlier)
	dir := filepath.Join(t.TempDir(), "backup")
	from.must("backup", dir)
	later := from.receive(s, "sound that comes later")
	from.must("backup", dir) // brings it up to date
	from.must("erase", withdrawn)
	proofs := filepath.Join(t.TempDir(), "proofs")
	if err := os.WriteFile(proofs, []byte(from.must("erase", "--list")), 0o600); err != nil {
		t.Fatal(err)
	}
	if grep(t, dir, plantedName) || !grep(t, dir, "age-encryption.org") {
		t.Error("want sealed objects and no name in the files but for the compressed rows")
	}

	to := newPlace(t, emptyDatabase(t, database), from.env["LYDHOR_MASTER_KEY_FILE"])
	t.Log(to.must("restore", dir, "--proofs", proofs))
	back := to.service()
	for id, sound := range map[string]string{kept: "sound that is kept", later: "sound that comes later"} {
		o, err := back.blobs.Open(t.Context(), id+"/original")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(o); string(got) != sound || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, sound)
		}
		o.Close()
		if made, err := store.Decisions(t.Context(), back.pool, id, "analyst"); err != nil || len(made) != 1 {
			t.Errorf("got decisions %v, %v, want one", made, err)
		}
	}
	for _, id := range []string{withdrawn, earlier} {
		if _, err := store.ByID(t.Context(), back.pool, id); err == nil {
			t.Errorf("%s was erased and is back", id)
		}
		was, err := consent.ProofOf(t.Context(), s.pool, id)
		if err != nil {
			t.Fatal(err)
		}
		if is, err := consent.ProofOf(t.Context(), back.pool, id); err != nil || !is.At.Equal(was.At) {
			t.Errorf("got proof %+v, %v, want %+v", is, err, was)
		}
		if keys, err := back.raw.Keys(t.Context(), id, time.Now().Add(time.Hour)); err != nil || len(keys) != 0 {
			t.Errorf("got objects %v, %v of what was erased", keys, err)
		}
	}
	to.must("verify", "--all")
	to.must("audit", "verify")
	if out, words, status := to.run("restore", dir); status == 0 || !strings.Contains(words, "holds tables already") {
		t.Errorf("into a full database: got %d, %s%s", status, out, words)
	}
}

// Rows alone come back beside a bucket that survived: what the bucket says was erased is.
func TestRowsComeBackBesideTheirObjects(t *testing.T) {
	database := pgtest.URL(t)
	p := newPlace(t, database, masterKeyFile(t))
	s := p.service()
	kept, withdrawn := p.receive(s, "kept"), p.receive(s, "withdrawn")
	dir := filepath.Join(t.TempDir(), "backup")
	p.must("backup", dir)
	p.must("erase", withdrawn)
	p.env["LYDHOR_DATABASE_URL"] = emptyDatabase(t, database)
	p.must("restore", "--only", "rows", dir)
	back := p.service()
	if _, err := store.ByID(t.Context(), back.pool, kept); err != nil {
		t.Error(err)
	}
	if _, err := store.ByID(t.Context(), back.pool, withdrawn); err == nil {
		t.Error("what was erased is back")
	}
}

func TestRestoreRefusesWhatIsNotWhole(t *testing.T) {
	database := pgtest.URL(t)
	p := newPlace(t, database, masterKeyFile(t))
	s := p.service()
	id := p.receive(s, "sound")
	dir := filepath.Join(t.TempDir(), "backup")
	p.must("backup", dir)
	refuses := func(name, want string, change func(*place)) {
		t.Run(name, func(t *testing.T) {
			to := newPlace(t, emptyDatabase(t, database), p.env["LYDHOR_MASTER_KEY_FILE"])
			change(to)
			if out, words, status := to.run("restore", dir); status != 1 || !strings.Contains(words, want) {
				t.Errorf("got status %d, %s%s, want %q", status, out, words, want)
			}
		})
	}
	refuses("another master key", "which is not configured here", func(to *place) { to.env["LYDHOR_MASTER_KEY_FILE"] = masterKeyFile(t) })
	refuses("a changed object", "is not the file that was backed up", func(*place) { flip(t, objectFile(dir, id+"/original")) })
	refuses("changed rows", "is not the file that was backed up", func(*place) { flip(t, filepath.Join(dir, rowsDump)) })
	refuses("no manifest", "no such file", func(*place) { os.Remove(filepath.Join(dir, manifestFile)) })
}

// flip changes one byte of a file.
func flip(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// grep reports whether a file below dir holds text.
func grep(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found = found || bytes.Contains(data, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Damage to objects is found, told and counted.
func TestVerifyFindsDamage(t *testing.T) {
	p := newPlace(t, pgtest.URL(t), masterKeyFile(t))
	s := p.service()
	fine, gone, changed, swapped := p.receive(s, "fine"), p.receive(s, "gone"), p.receive(s, "changed"), p.receive(s, "swapped")
	if out := p.must("verify"); !strings.Contains(out, "4 objects read") {
		t.Errorf("got %q, want 4 objects read", out)
	}
	if out := p.must("verify"); !strings.Contains(out, "0 objects read") {
		t.Errorf("got %q, want none read again", out)
	}
	data, err := objectBytes(t.Context(), s.raw, changed+"/original")
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	for _, err := range []error{
		s.raw.Delete(t.Context(), gone+"/original"),
		s.raw.Put(t.Context(), changed+"/original", bytes.NewReader(data)),
		s.blobs.Put(t.Context(), swapped+"/original", strings.NewReader("sealed as it should be, but something else")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	out, _, status := p.run("verify", "--all", "--json")
	var got struct {
		Read    int
		Damaged []store.Object
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 1 || got.Read != 4 {
		t.Fatalf("got status %d, %s, %v", status, out, err)
	}
	problems := map[string]string{}
	for _, o := range got.Damaged {
		problems[o.Recording] = o.Problem
	}
	for id, want := range map[string]string{gone: "missing", changed: "unreadable", swapped: "not what was put", fine: ""} {
		if problems[id] != want {
			t.Errorf("got %q, want %q", problems[id], want)
		}
	}
}

func objectBytes(ctx context.Context, s blob.Store, key string) ([]byte, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	return io.ReadAll(o)
}

func TestStorageSaysWhatIsTakenUp(t *testing.T) {
	p := newPlace(t, pgtest.URL(t), "")
	s := p.service()
	p.receive(s, "four")
	withdrawn := p.receive(s, "withdrawn")
	p.must("erase", withdrawn)
	if err := s.raw.Put(t.Context(), uuid.NewString()+"/original", strings.NewReader("nobody's")); err != nil {
		t.Fatal(err)
	}
	var got struct{ Objects []share }
	if err := json.Unmarshal([]byte(p.must("storage", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	for _, want := range []share{{"LISES", "at work", "original", 1, 4}, {"", "orphan", "original", 1, 8}} {
		if !slices.Contains(got.Objects, want) {
			t.Errorf("got %+v, want %+v among them", got.Objects, want)
		}
	}
	if n := len(got.Objects); n != 3 || got.Objects[1].State != "proof" {
		t.Errorf("got %+v, want the proof of the erasure as the third", got.Objects)
	}
	if out := p.must("storage"); !strings.Contains(out, "all objects") {
		t.Errorf("got %q", out)
	}
}
