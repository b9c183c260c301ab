package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline/blob"
)

// A manifest of a backup says what is in its folder: rows.dump, and the objects as they stand
// in the object store, sealed where they are sealed there. It is written last.
type backupManifest struct {
	Lydhor  string       `json:"lydhor"` // version that made it
	Made    time.Time    `json:"made"`
	Masters []string     `json:"masters"` // recipients of the master keys that are needed, which it does not hold
	Rows    backupFile   `json:"rows"`
	Objects []backupFile `json:"objects"`
	missing int          // of the objects, in the bucket
}

// A backupFile is one file: the dump, or an object by its key.
type backupFile struct {
	Key    string `json:"key"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	rowsDump     = "rows.dump"
	manifestFile = "manifest.json"
)

// objectFile is where a backup keeps an object.
func objectFile(dir, key string) string {
	return filepath.Join(dir, "objects", filepath.FromSlash(key))
}

// backup copies all rows and all objects to a folder, or brings a folder up to date: objects
// that it has stay, those that were erased since go. What the bucket lost stays too.
func (a *app) backup(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	data := folder(flags)
	dirs, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		return fmt.Errorf("%w: name the folder to back up to", errUsage)
	}
	c := a.over(*data).config()
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.backup(ctx, c.DatabaseURL, dirs[0])
	if err != nil {
		return err
	}
	var bytes int64
	for _, o := range m.Objects {
		bytes += o.Bytes
	}
	fmt.Fprintf(a.stdout, "%s: %d bytes of rows, %d objects of %d bytes\n", dirs[0], m.Rows.Bytes, len(m.Objects), bytes)
	for _, recipient := range m.Masters {
		fmt.Fprintf(a.stdout, "needs the master key of %s, which is not in it: keep LYDHOR_MASTER_KEY_FILE elsewhere\n", recipient)
	}
	if m.missing > 0 {
		return fmt.Errorf("%d objects are in the backup and missing in the bucket: `lydhor verify --all` lists them", m.missing)
	}
	return nil
}

// backup takes the rows first, so that every row has its objects: they are never rewritten
// once their recording is done.
func (s *service) backup(ctx context.Context, database, dir string) (*backupManifest, error) {
	before, err := readManifest(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "objects"), 0o700); err != nil {
		return nil, err
	}
	m := &backupManifest{Lydhor: version(), Made: time.Now().UTC()}
	if m.Masters, err = masters(ctx, s.pool); err != nil {
		return nil, err
	}
	dump := filepath.Join(dir, rowsDump)
	if err := postgresTool(ctx, "pg_dump", database, "--format", "custom", "--file", dump+".new"); err != nil {
		return nil, err
	}
	l, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.known(before); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, err), os.Remove(dump+".new"))
	}
	if err := os.Rename(dump+".new", dump); err != nil {
		return nil, err
	}
	if m.Rows, err = fileOf(rowsDump, dump); err != nil {
		return nil, err
	}
	if m.Objects, m.missing, err = l.copyObjects(ctx, s.raw, dir, before); err != nil {
		return nil, err
	}
	if err := dropOthers(dir, m); err != nil {
		return nil, err
	}
	manifest := filepath.Join(dir, manifestFile)
	if err := writeFile(manifest+".new", func(w io.Writer) error { return json.NewEncoder(w).Encode(m) }); err != nil {
		return nil, err
	}
	return m, os.Rename(manifest+".new", manifest)
}

// known refuses to bring a backup up to date with a database that knows nothing of what it
// holds: that would leave nothing of it.
func (l *ledger) known(before *backupManifest) error {
	for _, f := range before.Objects {
		if id := recordingOf(strings.TrimPrefix(f.Key, blob.Proofs)); l.standing[id] || l.erased[id] {
			return nil
		}
	}
	if len(before.Objects) == 0 {
		return nil
	}
	return errors.New("the database of LYDHOR_DATABASE_URL has none of the recordings that this backup holds: back it up to another folder, or restore this one")
}

// copyObjects copies what the backup before has not, and keeps what it has and the bucket lost.
func (l *ledger) copyObjects(ctx context.Context, objects blob.Store, dir string, before *backupManifest) (files []backupFile, missing int, err error) {
	have := map[string]backupFile{}
	for _, f := range before.Objects {
		if _, err := os.Stat(objectFile(dir, f.Key)); err == nil {
			have[f.Key] = f
		}
	}
	for info, err := range objects.All(ctx, "") {
		if err != nil {
			return nil, 0, err
		}
		old, there := have[info.Key]
		delete(have, info.Key)
		if !l.keeps(info.Key) {
			continue
		}
		if there && old.Bytes == info.Bytes && info.Put.Before(before.Made.Add(-mostDrift)) {
			files = append(files, old)
			continue
		}
		f, err := copyObject(ctx, objects, dir, info.Key)
		if errors.Is(err, blob.ErrNotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return nil, 0, err
		}
		files = append(files, f)
	}
	for key, f := range have {
		if l.keeps(key) {
			files, missing = append(files, f), missing+1
		}
	}
	return files, missing, nil
}

func copyObject(ctx context.Context, objects blob.Store, dir, key string) (backupFile, error) {
	file := objectFile(dir, key)
	if rel, err := filepath.Rel(filepath.Join(dir, "objects"), file); err != nil || !filepath.IsLocal(rel) {
		return backupFile{}, fmt.Errorf("object %q cannot be a file", key)
	}
	o, err := objects.Open(ctx, key)
	if err != nil {
		return backupFile{}, err
	}
	defer o.Close()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return backupFile{}, err
	}
	h := sha256.New()
	if err := writeFile(file, func(w io.Writer) error { _, err := io.Copy(io.MultiWriter(w, h), o); return err }); err != nil {
		return backupFile{}, fmt.Errorf("copy object %s: %w", key, err)
	}
	return backupFile{key, o.Size(), hex.EncodeToString(h.Sum(nil))}, nil
}

// dropOthers deletes the objects in a backup that are in its manifest no more.
func dropOthers(dir string, m *backupManifest) error {
	kept := map[string]bool{}
	for _, f := range m.Objects {
		kept[objectFile(dir, f.Key)] = true
	}
	return filepath.WalkDir(filepath.Join(dir, "objects"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || kept[path] {
			return err
		}
		return os.Remove(path)
	})
}

func readManifest(dir string) (*backupManifest, error) {
	m := &backupManifest{}
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, m); err != nil {
		return m, fmt.Errorf("%s: %w: it is no backup, or only part of one", filepath.Join(dir, manifestFile), err)
	}
	return m, nil
}

// fileOf reads a file to its end.
func fileOf(key, path string) (backupFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return backupFile{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return backupFile{key, n, hex.EncodeToString(h.Sum(nil))}, err
}

// postgresTool runs one of Postgres's client programs on a database. The password goes by the
// environment: arguments are seen by everybody on the machine.
func postgresTool(ctx context.Context, program, database string, args ...string) error {
	u, err := url.Parse(database)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("%s needs the database's address as postgres://user:password@host/database", program)
	}
	if !loopback(u.Hostname()) && !u.Query().Has("sslmode") {
		return fmt.Errorf("say in LYDHOR_DATABASE_URL how %s is to check who %s is: ?sslmode=verify-full&sslrootcert=FILE", program, u.Hostname())
	}
	path, err := postgresProgram(program)
	if err != nil {
		return err
	}
	password, _ := u.User.Password()
	u.User = url.User(u.User.Username())
	cmd := exec.CommandContext(ctx, path, append(args, "--dbname", u.String())...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, lastLine(out))
	}
	return nil
}

// postgresProgram finds the newest of Postgres's programs of a name.
func postgresProgram(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if path, err := exec.LookPath(name); err == nil {
		found = append([]string{path}, found...)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no %s is installed: `apt-get install postgresql-client`", name)
	}
	slices.SortStableFunc(found, func(a, b string) int { return strings.Compare(filepath.Dir(a), filepath.Dir(b)) })
	return found[len(found)-1], nil
}
