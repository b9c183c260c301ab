package review

import (
	"net/http"
	"slices"
)

// recordings shows every recording, newest first, and how far each is.
func (s *server) recordings(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Library.Recordings(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "recordings", recordingsPage{list})
}

type recordingsPage struct{ Recordings []Recording }

// Busy reports whether anything may change without the reader doing something.
func (p recordingsPage) Busy() bool { return slices.ContainsFunc(p.Recordings, Recording.Busy) }

// Busy reports whether work on the recording waits or goes on.
func (r Recording) Busy() bool { return r.State == Waiting || r.State == Working }

// retry puts a failed recording back in the queue.
func (s *server) retry(w http.ResponseWriter, r *http.Request) error {
	if err := s.Queue.Retry(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
