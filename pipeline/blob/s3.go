package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// partSize is the length of the parts of an upload, each held in memory: up to 10,000 of
// them make an object.
const partSize = 16 << 20

// S3 is a bucket of an S3-compatible store. Checksums are ours: not every server takes
// trailing ones over plain http.
type S3 struct {
	client *minio.Client
	bucket string
}

var _ Store = (*S3)(nil)

// OpenS3 connects to the server at endpoint, such as https://s3.example.org, and makes the
// bucket if it is not there.
func OpenS3(ctx context.Context, endpoint, accessKey, secretKey, bucket string) (*S3, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("S3 address %q: write it as https://host:port", endpoint)
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Secure: u.Scheme == "https"})
	if err != nil {
		return nil, fmt.Errorf("S3 address %q: %w", endpoint, err)
	}
	s := &S3{client, bucket}
	patience, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	there, err := client.BucketExists(patience, bucket)
	if err == nil && !there {
		err = client.MakeBucket(patience, bucket, minio.MakeBucketOptions{})
		if minio.ToErrorResponse(err).Code == "BucketAlreadyOwnedByYou" {
			err = nil // another process was faster
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the S3 server at %s does not answer as it should: %w: start it, or set LYDHOR_S3_ENDPOINT and its keys", endpoint, err)
	}
	return s, nil
}

// Put is Store's.
func (s *S3) Put(ctx context.Context, key string, r io.Reader) error {
	_, err := s.client.PutObject(ctx, s.bucket, key, r, -1, minio.PutObjectOptions{PartSize: partSize, ContentType: "application/octet-stream"})
	return s.explain("store", key, err)
}

// Open is Store's.
func (s *S3) Open(ctx context.Context, key string) (Object, error) {
	o, err := s.client.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.explain("open", key, err)
	}
	info, err := o.Stat()
	if err != nil {
		o.Close()
		return nil, s.explain("open", key, err)
	}
	return object{o, info.Size}, nil
}

type object struct {
	*minio.Object
	size int64
}

func (o object) Size() int64 { return o.size }

// Delete is Store's.
func (s *S3) Delete(ctx context.Context, key string) error {
	err := s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	if err = s.explain("delete", key, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Keys is Store's.
func (s *S3) Keys(ctx context.Context, prefix string, before time.Time) ([]string, error) {
	var keys []string
	for info, err := range s.All(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		if info.Put.Before(before) {
			keys = append(keys, info.Key)
		}
	}
	return keys, nil
}

// All is Store's.
func (s *S3) All(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if !yield(Info{o.Key, o.Size, o.LastModified}, s.explain("list", prefix, o.Err)) || o.Err != nil {
				return
			}
		}
	}
}

// Sweep is Store's.
func (s *S3) Sweep(ctx context.Context, before time.Time) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for upload := range s.client.ListIncompleteUploads(ctx, s.bucket, "", true) {
		if upload.Err != nil {
			return s.explain("list unfinished", "", upload.Err)
		}
		if !upload.Initiated.Before(before) {
			continue
		}
		if err := s.client.RemoveIncompleteUpload(ctx, s.bucket, upload.Key); err != nil {
			return s.explain("drop unfinished", upload.Key, err)
		}
	}
	return nil
}

// explain says what was being done to what.
func (s *S3) explain(doing, key string, err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.StatusCode == http.StatusNotFound && r.Code != "NoSuchBucket" {
		err = ErrNotFound
	}
	return fmt.Errorf("%s object %s: %w", doing, key, err)
}
