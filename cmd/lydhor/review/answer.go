package review

import (
	"bufio"
	"compress/gzip"
	"errors"
	"net/http"
	"strings"
)

// firstBytes is how much of an answer is made before any of it is sent.
const firstBytes = 32 << 10

// An answer is sent while it is made, so that a long page begins at once, and compressed
// where the browser takes it. Nothing is sent before firstBytes stand: an error up to then
// can still become a page of its own.
type answer struct {
	http.ResponseWriter
	status  int
	zip     *gzip.Writer // nil for a browser that takes none
	buffer  *bufio.Writer
	started bool
}

func newAnswer(w http.ResponseWriter, r *http.Request, status int, mediaType string) *answer {
	a := &answer{ResponseWriter: w, status: status}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Vary", "Accept-Encoding, Cookie")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		a.zip = gzip.NewWriter(w)
	}
	a.buffer = bufio.NewWriterSize(begin{a}, firstBytes)
	return a
}

func (a *answer) Write(b []byte) (int, error) { return a.buffer.Write(b) }

// begin is what comes out of an answer's buffer.
type begin struct{ *answer }

func (a begin) Write(b []byte) (int, error) {
	if a.zip == nil {
		a.start()
		return a.ResponseWriter.Write(b)
	}
	started := a.started
	a.start()
	n, err := a.zip.Write(b)
	if !started && err == nil {
		err = errors.Join(a.zip.Flush(), http.NewResponseController(a.ResponseWriter).Flush())
	}
	return n, err
}

// flush sends what is made so far. From here on no error can become a page of its own.
func (a *answer) flush() error {
	if err := a.buffer.Flush(); err != nil {
		return err
	}
	if a.zip != nil {
		if err := a.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

func (a *answer) start() {
	if !a.started {
		a.started = true
		a.WriteHeader(a.status)
	}
}

// end sends what is left. With an err it drops it instead and gives the err back, or, where
// the page has begun, breaks the connection off: half a page must not look whole.
func (a *answer) end(err error) error {
	if err != nil && a.started {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		a.Header().Del("Content-Encoding")
		return err
	}
	if err := a.buffer.Flush(); err != nil {
		return err
	}
	a.start() // an empty answer
	if a.zip == nil {
		return nil
	}
	return a.zip.Close()
}
