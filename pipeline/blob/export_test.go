package blob

import "github.com/minio/minio-go/v7"

// Core is for tests that leave half an object behind.
func (s *S3) Core() (minio.Core, string) { return minio.Core{Client: s.client}, s.bucket }
