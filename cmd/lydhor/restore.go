package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// restore brings a backup into an empty database and an empty bucket, erases again what was
// erased since it was made, and reads every object. Without a backup it does the latter two to
// a database and a bucket that came back by other ways.
func (a *app) restore(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("restore", flag.ContinueOnError)
	data := folder(fs)
	proofs := fs.String("proofs", "", "file of proofs of what was erased since, as erase --list prints them")
	only := fs.String("only", "", "rows or objects, where the other was not lost")
	dirs, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(dirs) > 1 || *only != "" && (len(dirs) == 0 || *only != "rows" && *only != "objects") {
		return fmt.Errorf("%w: name one folder of a backup, and rows or objects with --only; or none, where rows and objects are back already", errUsage)
	}
	c := a.over(*data).config()
	if err := c.service(); err != nil {
		return err
	}
	r := &restoration{}
	if len(dirs) == 1 {
		r = &restoration{dir: dirs[0], rows: *only != "objects", objects: *only != "rows"}
		if err := r.begin(ctx, c); err != nil {
			return err
		}
	}
	if r.rows {
		if err := postgresTool(ctx, "pg_restore", c.DatabaseURL, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", filepath.Join(r.dir, rowsDump)); err != nil {
			return err
		}
	}
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	needed, err := masters(ctx, s.pool)
	if err := errors.Join(err, c.opens(needed)); err != nil {
		return err
	}
	return r.finish(ctx, a, s, *proofs)
}

// A restoration is one backup on its way back.
type restoration struct {
	dir           string // "" where all is back
	rows, objects bool   // what is to come back
	manifest      *backupManifest
}

// begin looks whether all that is needed is there and the places are empty.
func (r *restoration) begin(ctx context.Context, c *config) (err error) {
	if r.manifest, err = readManifest(r.dir); err != nil {
		return err
	}
	if f, err := fileOf(rowsDump, filepath.Join(r.dir, rowsDump)); err != nil || f != r.manifest.Rows {
		return errors.Join(fmt.Errorf("%s is not the file that was backed up: take another backup", filepath.Join(r.dir, rowsDump)), err)
	}
	if err := c.opens(r.manifest.Masters); err != nil {
		return err
	}
	pool, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	var used bool
	if err := pool.QueryRow(ctx, `select to_regclass('recording') is not null`).Scan(&used); err != nil {
		return err
	}
	if used == r.rows {
		return fmt.Errorf("the database of LYDHOR_DATABASE_URL %s: restore rows into an empty one, and objects alone beside the rows there are", map[bool]string{true: "holds tables already", false: "is empty"}[used])
	}
	return r.emptyBucket(ctx, c)
}

func (r *restoration) emptyBucket(ctx context.Context, c *config) error {
	bucket, err := blob.OpenS3(ctx, c.S3.Endpoint, c.S3.AccessKey, c.S3.SecretKey, c.S3.Bucket)
	if err != nil || !r.objects {
		return err
	}
	for info, err := range bucket.All(ctx, "") {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(info.Key, blob.Proofs) {
			return fmt.Errorf("the bucket %s holds objects already: restore into an empty one, or say --only rows", c.S3.Bucket)
		}
	}
	return nil
}

// finish puts the objects, but not of what was erased, and reads them all. Who was signed in
// when the backup was made is not any more.
func (r *restoration) finish(ctx context.Context, a *app, s *service, file string) error {
	if _, err := s.pool.Exec(ctx, `delete from session; delete from sign_in_link`); err != nil {
		return err
	}
	erased, err := r.erased(ctx, s, file)
	if err != nil {
		return err
	}
	for _, p := range erased {
		if err := consent.EraseAgain(ctx, s.pool, s.blobs, p, operator); err != nil {
			return fmt.Errorf("erase %s again: %w", p.Recording, err)
		}
	}
	put := 0
	if r.objects {
		if put, err = r.putObjects(ctx, s.raw, erased); err != nil {
			return err
		}
	}
	read, bad := 0, []string{}
	if err := workers.Verify(ctx, s.pool, s.blobs, 0, func(o store.Object) bool {
		read++
		if o.Problem != "" {
			bad = append(bad, o.Key()+" is "+o.Problem)
		}
		return true
	}); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d objects put, %d read and compared, %d recordings erased again\n", put, read, len(erased))
	if len(bad) > 0 {
		return fmt.Errorf("%d objects are not as they were:\n%s", len(bad), strings.Join(bad, "\n"))
	}
	return nil
}

// erased gathers the proofs of the database, the bucket, the backup and the file.
func (r *restoration) erased(ctx context.Context, s *service, file string) (map[string]*consent.Proof, error) {
	erased := map[string]*consent.Proof{}
	list, err := consent.Proofs(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		erased[p.Recording] = p
	}
	for info, err := range s.raw.All(ctx, blob.Proofs) {
		if err != nil {
			return nil, err
		}
		o, err := s.raw.Open(ctx, info.Key)
		if err != nil {
			return nil, err
		}
		err = addProofs(erased, o)
		o.Close()
		if err != nil {
			return nil, fmt.Errorf("object %s: %w", info.Key, err)
		}
	}
	var files []string
	if r.dir != "" {
		files, _ = filepath.Glob(objectFile(r.dir, blob.Proofs+"*"))
	}
	if file != "" {
		files = append(files, file)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		err = addProofs(erased, f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return erased, nil
}

// addProofs reads proofs, a JSON object a line.
func addProofs(to map[string]*consent.Proof, r io.Reader) error {
	for d := json.NewDecoder(bufio.NewReader(r)); ; {
		p := &consent.Proof{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil || p.Recording == "" {
			return errors.Join(errors.New("not proofs as erase prints them, a JSON object a line"), err)
		}
		if _, known := to[p.Recording]; !known {
			to[p.Recording] = p
		}
	}
}

// putObjects puts what the backup holds, and checks each file on the way.
func (r *restoration) putObjects(ctx context.Context, objects blob.Store, erased map[string]*consent.Proof) (put int, err error) {
	for _, want := range r.manifest.Objects {
		recording, _, _ := strings.Cut(want.Key, "/")
		if erased[recording] != nil {
			continue
		}
		f, err := os.Open(objectFile(r.dir, want.Key))
		if err != nil {
			return put, err
		}
		sum, _, err := blob.PutHashed(ctx, objects, want.Key, f)
		f.Close()
		if err != nil {
			return put, err
		}
		if sum != want.SHA256 {
			return put, fmt.Errorf("%s is not the file that was backed up: take that object of another backup", f.Name())
		}
		put++
	}
	return put, nil
}
