package review

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"lydhor/pipeline/exchange"
)

// bundle downloads the transcripts of the recordings that the reader filtered out, as a zip
// of one file each.
func (s *server) bundle(w http.ResponseWriter, r *http.Request) error {
	format, err := exchange.ParseFormat(r.FormValue("format"))
	if err != nil {
		return unfit("choose a format")
	}
	p, err := s.filtered(r)
	if err != nil {
		return err
	}
	if p.Problem != nil {
		return *p.Problem
	}
	file, err := os.CreateTemp("", "bundle") // whole before the first byte goes out: an error can still be told
	if err != nil {
		return fmt.Errorf("keep the files to download: %w", err)
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil { // it holds what was said: no name leads to it
		return fmt.Errorf("keep the files to download: %w", err)
	}
	n, err := s.zip(r, file, p.Recordings, format)
	if err != nil {
		return err
	}
	if n == 0 {
		return unfit("none to download")
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "lydhor-"+format.Name+".zip"))
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

// zip writes those of the recordings that are done, and says how many they are.
func (s *server) zip(r *http.Request, to io.Writer, list []Recording, format exchange.Format) (n int, err error) {
	z := zip.NewWriter(to)
	for _, rec := range list {
		if rec.State != Done {
			continue
		}
		t, err := s.leaving(r, rec.ID)
		if p, is := errors.AsType[problem](err); is && p.status == http.StatusConflict { // no consensus yet
			continue
		}
		if err != nil {
			return n, err
		}
		file, err := z.Create(rec.ID + format.Ending)
		if err != nil {
			return n, err
		}
		if err := format.Write(file, t); err != nil {
			return n, fmt.Errorf("write %s of %s: %w", format.Name, rec.ID, err)
		}
		n++
	}
	return n, z.Close()
}
