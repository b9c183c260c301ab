package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"lydhor/analysis/pseudonym"
	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// api is what upload, status and export ask of serve: JSON over HTTP. An error is
// {"error": "what, why, what to do"}.
func (m mailbox) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/recordings", m.postRecording)
	mux.HandleFunc("GET /api/recordings", func(w http.ResponseWriter, r *http.Request) {
		list, err := store.Recordings(r.Context(), m.pool, m.project)
		withheld, problem := m.withholds(r)
		for i := range list {
			if withheld {
				nameless(&list[i])
			}
		}
		m.answer(w, list, errors.Join(err, problem))
	})
	mux.HandleFunc("GET /api/recordings/{id}", func(w http.ResponseWriter, r *http.Request) {
		recording, err := store.RecordingIn(r.Context(), m.pool, m.project, r.PathValue("id"))
		withheld, problem := m.withholds(r)
		if recording != nil && withheld {
			nameless(recording)
		}
		m.answer(w, recording, errors.Join(err, problem))
	})
	mux.HandleFunc("GET /api/recordings/{id}/transcript", func(w http.ResponseWriter, r *http.Request) {
		t, err := review.Stored{DB: m.pool, Project: m.project}.Transcript(review.As(r.Context(), visitOf(r).name()), r.PathValue("id"))
		if err == nil && !review.Plain(r) { // the gate let only those ask for it who may
			t, _ = pseudonym.Transcript(t)
		}
		m.answer(w, t, err)
	})
	mux.HandleFunc("POST /api/recordings/{id}/retry", func(w http.ResponseWriter, r *http.Request) {
		m.did(w, m.Retry(r.Context(), r.PathValue("id")), "there is no such recording, or its work has not failed: `lydhor status` says where all stand")
	})
	mux.HandleFunc("POST /api/recordings/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		m.did(w, m.inbox.Cancel(r.Context(), m.project, r.PathValue("id")), "there is no such recording, or no work on it is under way: `lydhor status` says where all stand")
	})
	return mux
}

// withholds reports whether the caller gets recordings without what may name people: who may
// not read them, or reads labels.
func (m mailbox) withholds(r *http.Request) (bool, error) {
	veiled, err := m.veiled(r)
	return veiled || err != nil || !visitOf(r).may(access.Read), err
}

// received is the answer to an upload.
type received struct {
	ID        string `json:"id"`
	Duplicate bool   `json:"duplicate,omitempty"` // the project has this sound already
}

// postRecording takes the body for sound and the query for what is said of it: name, kind,
// speakers, channels, profile, batch and meta.KEY.
func (m mailbox) postRecording(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	kind, err := pipeline.ParseKind(query.Get("kind"))
	if err != nil {
		m.fail(w, http.StatusBadRequest, err)
		return
	}
	speakers, err := strconv.Atoi(query.Get("speakers"))
	if err != nil && query.Get("speakers") != "" || speakers < 0 {
		m.fail(w, http.StatusBadRequest, errors.New("speakers: write how many speak as a number"))
		return
	}
	recording := store.Recording{Project: m.project, Name: query.Get("name"), Kind: kind, Speakers: speakers, Separate: query.Get("channels") == "true", Profile: m.profile, Batch: query.Get("batch") == "true", Meta: map[string]string{}}
	if p := query.Get("profile"); p != "" {
		recording.Profile = p
	}
	if err := workers.CheckProfile(recording.Profile); err != nil {
		m.fail(w, http.StatusBadRequest, err)
		return
	}
	for key := range query {
		if k, ok := strings.CutPrefix(key, "meta."); ok {
			recording.Meta[k] = query.Get(key)
		}
	}
	agreed := review.Agreement{Text: query.Get("agreed_text"), Given: query.Get("agreed_on"), Until: query.Get("agreed_until"),
		Scope: query.Get("agreed_to"), Participants: query.Get("participants")}
	if err := holds(agreed); err != nil {
		m.fail(w, http.StatusBadRequest, err)
		return
	}
	id, added, err := m.inbox.Receive(r.Context(), recording, r.Body, func(ctx context.Context, tx pgx.Tx, id string) error { return agree(ctx, tx, id, agreed) })
	m.answer(w, received{id, !added}, err)
}

// did answers what was asked to be done, and says why there was nothing to do it to.
func (m mailbox) did(w http.ResponseWriter, err error, nothing string) {
	if errors.Is(err, store.ErrNotFound) {
		m.fail(w, http.StatusNotFound, errors.New(nothing))
		return
	}
	m.answer(w, struct{}{}, err)
}

func (m mailbox) answer(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		m.fail(w, http.StatusNotFound, errors.New("there is no such recording, or nothing of it yet: `lydhor status` lists them"))
	case errors.Is(err, store.ErrFull):
		m.fail(w, http.StatusRequestEntityTooLarge, store.ErrFull)
	case err != nil:
		m.log.Error("answer", "error", err)
		m.fail(w, http.StatusInternalServerError, errors.New("the server could not do that now; its log says why. Nothing of what it had is lost: try again"))
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
}

func (m mailbox) fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
