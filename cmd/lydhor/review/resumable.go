package review

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/filelocker"
	"github.com/tus/tusd/v2/pkg/filestore"
	tus "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"
)

// keptFor is how long a recording that has not arrived whole waits for the rest.
const keptFor = 7 * 24 * time.Hour

// resumable takes recordings whose upload may break off and go on later (tus 1.0). Parts
// wait in the folder Uploads; what is whole goes to the inbox and leaves it.
func (s *server) resumable() (http.Handler, error) {
	if err := os.MkdirAll(s.Uploads, 0o700); err != nil {
		return nil, err
	}
	files := filestore.New(s.Uploads)
	parts := tus.NewStoreComposer()
	files.UseIn(parts)
	filelocker.New(s.Uploads).UseIn(parts)
	return tus.NewHandler(tus.Config{
		StoreComposer:           parts,
		BasePath:                "/uploads/",
		RespectForwardedHeaders: true,
		DisableDownload:         true,
		DisableConcatenation:    true,
		Cors:                    &tus.CorsConfig{Disable: true},
		Logger:                  slog.New(slog.NewTextHandler(io.Discard, nil)), // it would log files' names
		PreUploadCreateCallback: func(hook tus.HookEvent) (tus.HTTPResponse, tus.FileInfoChanges, error) {
			s.sweepUploads(time.Now())
			u, err := uploadOf(hook)
			if err == nil {
				err = s.fits(hook.Context, u, hook.Upload.Size)
			}
			return tus.HTTPResponse{}, tus.FileInfoChanges{}, s.refuse(hook, err)
		},
		PreFinishResponseCallback: func(hook tus.HookEvent) (tus.HTTPResponse, error) {
			id, err := s.arrived(files, hook)
			return tus.HTTPResponse{Header: tus.HTTPHeader{"Lydhor-Recording": "/recordings/" + id}}, s.refuse(hook, err)
		},
	})
}

// uploadOf reads what the form said.
func uploadOf(hook tus.HookEvent) (Upload, error) {
	said := hook.Upload.MetaData
	u := Upload{Name: said["filename"]}
	for _, field := range append([]string{"kind", "speakers", "channels", "date", "case", "place", "consent", "tags"}, agreementFields...) {
		if err := u.set(field, strings.TrimSpace(said[field])); err != nil {
			return u, err
		}
	}
	return u, nil
}

// arrived gives a whole file to the inbox. Whether it is taken or refused, it is gone then
// and would be sent again from its start.
func (s *server) arrived(files filestore.FileStore, hook tus.HookEvent) (id string, err error) {
	file, err := files.GetUpload(hook.Context, hook.Upload.ID)
	if err != nil {
		return "", err
	}
	u, err := uploadOf(hook)
	if err != nil {
		return "", err
	}
	sound, err := file.GetReader(hook.Context)
	if err != nil {
		return "", err
	}
	id, err = s.take(hook.Context, u, sound)
	return id, errors.Join(err, sound.Close(), files.AsTerminatableUpload(file).Terminate(hook.Context))
}

// refuse makes of an error the answer that the page shows.
func (s *server) refuse(hook tus.HookEvent, err error) error {
	if err == nil {
		return nil
	}
	p, known := errors.AsType[problem](err)
	if !known {
		s.Log.Error("take upload", "upload", hook.Upload.ID, "error", err)
		p = problem{status: http.StatusInternalServerError, key: "went wrong"}
	}
	asked := &http.Request{Header: hook.HTTPRequest.Header}
	var said bytes.Buffer
	if err := s.pages[languageOf(asked)].ExecuteTemplate(&said, "refusal", p); err != nil {
		return err
	}
	header := tus.HTTPHeader{"Content-Type": "text/html; charset=utf-8"}
	if known {
		header["Lydhor-Refused"] = "yes"
	}
	return tus.Error{ErrorCode: "ERR_REFUSED", Message: p.key, HTTPResponse: tus.HTTPResponse{StatusCode: p.status, Body: said.String(), Header: header}}
}

// sweepUploads removes parts that nobody went on with.
func (s *server) sweepUploads(now time.Time) {
	files, _ := filepath.Glob(filepath.Join(s.Uploads, "*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && now.Sub(info.ModTime()) > keptFor {
			os.Remove(file)
		}
	}
}
