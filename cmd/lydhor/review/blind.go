package review

import (
	"context"
	"errors"
	"net/http"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// readerKey is the key of who reads, in a request's context.
type readerKey struct{}

// As gives a context in which somebody reads. Without one, whoever reads is taken to be blind
// wherever anybody is.
func As(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, readerKey{}, name)
}

func readerOf(ctx context.Context) string {
	name, _ := ctx.Value(readerKey{}).(string)
	return name
}

// known hands each request on with who reads.
func (s *server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(As(r.Context(), s.Coder(r))))
	})
}

// blind reports whether the reader must not see yet what the machine and others say of a
// recording.
func (s *server) blind(ctx context.Context, id string) (bool, error) {
	if s.Coding == nil {
		return false, nil
	}
	return s.Coding.Blind(ctx, id)
}

// assignments are those of one recording, by coder.
func (s *server) assignments(ctx context.Context, id string) (map[string]store.Assignment, error) {
	own := map[string]store.Assignment{}
	if s.Coding == nil {
		return own, nil
	}
	all, err := s.Coding.Assignments(ctx)
	for _, a := range all {
		if a.Recording == id {
			own[a.Coder] = a
		}
	}
	return own, err
}

// handIn ends the caller's coding of a recording: from then on it stands as it is, and the
// caller may see what others said.
func (s *server) handIn(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := s.Library.Recording(r.Context(), id); err != nil {
		return err
	}
	err := s.Coding.HandIn(r.Context(), id, s.Coder(r))
	if errors.Is(err, store.ErrNotFound) {
		return outdated("nothing to hand in", "/recordings/"+id)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/recordings/"+id, http.StatusSeeOther)
	return nil
}

// standing is the problem of a coder whose coding is handed in, since it stands as it is.
func (s *server) standing(r *http.Request, id, coder string) error {
	own, err := s.assignments(r.Context(), id)
	if a, is := own[coder]; err == nil && is && a.Blind && a.Done != nil {
		return problem{status: http.StatusConflict, key: "handed in", link: "/recordings/" + id + "/compare"}
	}
	return err
}

// done is the problem of a caller who may not see yet what the coders of t said: who codes it
// and has not handed it in; else, unless those it was given to all have, who has not decided
// every flag.
func (s *server) done(r *http.Request, t *pipeline.Transcript) error {
	id := r.PathValue("id")
	assigned, err := s.assignments(r.Context(), id)
	if err != nil {
		return err
	}
	own, is := assigned[s.Coder(r)]
	switch {
	case is && own.Done != nil, !is && len(assigned) > 1 && allDone(assigned):
		return nil
	case is && own.Blind:
		return problem{status: http.StatusForbidden, key: "hand in first", link: "/recordings/" + id}
	}
	made, err := s.Decisions.Decisions(r.Context(), id, s.Coder(r))
	if err != nil {
		return err
	}
	if left := pipeline.Undecided(t, pipeline.Standing(t, made)); left > 0 {
		return problem{status: http.StatusForbidden, key: "decide first", args: []any{left}, link: "/recordings/" + id}
	}
	return nil
}

func allDone(assigned map[string]store.Assignment) bool {
	for _, a := range assigned {
		if a.Done == nil {
			return false
		}
	}
	return true
}
