package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/minio/minio-go/v7"

	"lydhor/pipeline/blob"
)

var ctx = context.Background()

// stores gives every kind of Store, each empty: the S3 one is a bucket of the server that
// `make test` starts.
func stores(t *testing.T) map[string]blob.Store {
	t.Helper()
	all := map[string]blob.Store{"memory": &blob.Memory{}}
	if s := bucket(t); s != nil {
		all["S3"] = s
	}
	return all
}

// bucket is a new bucket, or nil where there is no server for it.
func bucket(t *testing.T) blob.Store {
	t.Helper()
	endpoint := os.Getenv("TEST_S3_ENDPOINT")
	if endpoint == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no S3 server: TEST_S3_ENDPOINT is not set; `make test` sets it")
		}
		t.Log("leaving the S3 store out: TEST_S3_ENDPOINT is not set; `make test` sets it")
		return nil
	}
	name := fmt.Sprintf("test-%d", rand.Uint64())
	s, err := blob.OpenS3(ctx, endpoint, os.Getenv("TEST_S3_ACCESS_KEY"), os.Getenv("TEST_S3_SECRET_KEY"), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s blob.Store, key, content string) {
	t.Helper()
	if err := s.Put(ctx, key, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s blob.Store, key string) string {
	t.Helper()
	o, err := s.Open(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	data, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestStore(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name+"/reads what was put", func(t *testing.T) {
			put(t, s, "audio/æøå 1", "første")
			put(t, s, "audio/æøå 1", "anden")
			if got, want := read(t, s, "audio/æøå 1"), "anden"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			put(t, s, "empty", "")
			if got := read(t, s, "empty"); got != "" {
				t.Errorf("got %q, want nothing", got)
			}
		})
		t.Run(name+"/reads from any place", func(t *testing.T) {
			put(t, s, "digits", "0123456789")
			o, err := s.Open(ctx, "digits")
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			if o.Size() != 10 {
				t.Errorf("got size %d, want 10", o.Size())
			}
			part := make([]byte, 3)
			if _, err := o.ReadAt(part, 6); err != nil || string(part) != "678" {
				t.Errorf("got %q at 6, error %v", part, err)
			}
			if n, err := o.ReadAt(part, 8); n != 2 || err != io.EOF {
				t.Errorf("got %d bytes at 8, error %v, want 2 and %v", n, err, io.EOF)
			}
			if _, err := o.Seek(6, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if rest, err := io.ReadAll(o); err != nil || string(rest) != "6789" {
				t.Errorf("got %q after seeking, error %v", rest, err)
			}
		})
		t.Run(name+"/lists and deletes", func(t *testing.T) {
			put(t, s, "other/1", "x")
			put(t, s, "sound/2", "y")
			put(t, s, "sound/1", "z")
			keys, err := s.Keys(ctx, "sound/", time.Now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"sound/1", "sound/2"}, keys); diff != "" {
				t.Errorf("keys differ (-want +got):\n%s", diff)
			}
			if keys, err = s.Keys(ctx, "sound/", time.Now().Add(-time.Minute)); err != nil || len(keys) > 0 {
				t.Errorf("got keys %v, error %v, want none put before now", keys, err)
			}
			for range 2 { // deleting twice is no error
				if err := s.Delete(ctx, "sound/1"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Open(ctx, "sound/1"); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("got error %v, want %v", err, blob.ErrNotFound)
			}
		})
		t.Run(name+"/keeps nothing of a broken put", func(t *testing.T) {
			broken := errors.New("connection lost")
			r := io.MultiReader(bytes.NewReader(make([]byte, 20<<20)), failing{broken})
			if err := s.Put(ctx, "broken", r); !errors.Is(err, broken) {
				t.Errorf("got error %v, want %v", err, broken)
			}
			if _, err := s.Open(ctx, "broken"); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("got error %v, want %v", err, blob.ErrNotFound)
			}
		})
		t.Run(name+"/hashes while it stores", func(t *testing.T) {
			content := strings.Repeat("lyd", 1000)
			sum, size, err := blob.PutHashed(ctx, s, "hashed", strings.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("%x", sha256.Sum256([]byte(content))); sum != want || size != 3000 {
				t.Errorf("got %s and %d bytes, want %s and 3000", sum, size, want)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestMemoryStaysFlat puts 300 MB: parts of 16 MiB are what may be held of it.
func TestMemoryStaysFlat(t *testing.T) {
	s := bucket(t)
	if s == nil {
		t.Skip("no S3 server: TEST_S3_ENDPOINT is not set; `make test` sets it")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := s.Put(ctx, "large", io.LimitReader(zeros{}, 300<<20)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(100<<20); got > most {
		t.Errorf("got %d bytes allocated for an object of %d, want at most %d", got, 300<<20, most)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A process that dies in the middle of a put leaves the parts it has sent.
func TestSweepDropsUnfinishedPuts(t *testing.T) {
	s := bucket(t)
	if s == nil {
		t.Skip("no S3 server: TEST_S3_ENDPOINT is not set; `make test` sets it")
	}
	core, bucket := s.(*blob.S3).Core()
	if _, err := core.NewMultipartUpload(ctx, bucket, "cut/off", minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		before time.Time
		left   int
	}{{time.Now().Add(-time.Hour), 1}, {time.Now().Add(time.Hour), 0}} {
		if err := s.Sweep(ctx, test.before); err != nil {
			t.Fatal(err)
		}
		left, err := core.ListMultipartUploads(ctx, bucket, "", "", "", "", 10)
		if err != nil || len(left.Uploads) != test.left {
			t.Errorf("got %d uploads left, error %v, want %d", len(left.Uploads), err, test.left)
		}
	}
}

func TestOpenS3SaysWhatToDo(t *testing.T) {
	for _, endpoint := range []string{"", "no address", "http://127.0.0.1:1"} {
		_, err := blob.OpenS3(ctx, endpoint, "key", "secret", "bucket")
		if err == nil || !strings.Contains(err.Error(), "S3") {
			t.Errorf("%q: got error %v, want one that names the S3 server", endpoint, err)
		}
	}
}
