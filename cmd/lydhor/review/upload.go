package review

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// uploadPage is the form for new recordings, with what was filled in and what was wrong
// with it.
type uploadPage struct {
	Upload
	Problem *problem
	Kinds   []pipeline.Kind

	Said       said // of other recordings, to choose from
	Resumable  bool
	Vocabulary bool // can be given
}

func (s *server) showUpload(w http.ResponseWriter, r *http.Request, status int, u Upload, p *problem) error {
	if u.Kind == "" {
		u.Kind = pipeline.Conversation
	}
	list, err := s.listed(r)
	if err != nil {
		return err
	}
	return s.render(w, r, status, "upload", uploadPage{Upload: u, Problem: p, Kinds: pipeline.Kinds, Said: saidOf(list), Resumable: s.Uploads != "", Vocabulary: s.Vocabulary != nil})
}

func (s *server) uploadForm(w http.ResponseWriter, r *http.Request) error {
	return s.showUpload(w, r, http.StatusOK, Upload{}, nil)
}

// upload takes the form. Files are passed on as they arrive, so that a long recording
// never stands in memory; the fields come before them.
func (s *server) upload(w http.ResponseWriter, r *http.Request) error {
	form, err := r.MultipartReader()
	if err != nil {
		return problem{status: http.StatusBadRequest, key: "upload broken"}
	}
	var u Upload
	received, err := s.receive(r, form, &u)
	if p, known := errors.AsType[problem](err); known {
		return s.showUpload(w, r, p.status, u, &p)
	}
	if err != nil {
		return err
	}
	to := "/"
	if len(received) == 1 {
		to = "/recordings/" + received[0]
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// receive reads the form into u and its files into the library, and gives their ids.
func (s *server) receive(r *http.Request, form *multipart.Reader, u *Upload) ([]string, error) {
	var ids []string
	for {
		part, err := form.NextPart()
		if err == io.EOF && len(ids) > 0 {
			return ids, nil
		}
		if err == io.EOF {
			return nil, problem{status: http.StatusUnprocessableEntity, key: "choose a file"}
		}
		if err != nil {
			return nil, problem{status: http.StatusBadRequest, key: "upload broken"}
		}
		if part.FormName() != "sound" {
			if err := u.read(part); err != nil {
				return nil, err
			}
			continue
		}
		if part.FileName() == "" { // no file was chosen
			continue
		}
		u.Name = part.FileName()
		sound := &arriving{Reader: part}
		id, err := s.take(r.Context(), *u, sound)
		if err != nil && sound.broke {
			return nil, problem{status: http.StatusBadRequest, key: "upload broken"}
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
}

// arriving is a file of the form, and whether it broke off.
type arriving struct {
	io.Reader
	broke bool
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	a.broke = err != nil && err != io.EOF
	return n, err
}

// take receives one recording; what the sender can do something about is a problem.
func (s *server) take(ctx context.Context, u Upload, sound io.Reader) (id string, err error) {
	if err := s.fits(ctx, u, 0); err != nil {
		return "", err
	}
	id, err = s.Inbox.Receive(ctx, u, sound)
	if d, is := errors.AsType[Duplicate](err); is {
		return "", problem{status: http.StatusConflict, key: "already here", args: []any{u.Name}, link: "/recordings/" + d.ID}
	}
	if errors.Is(err, store.ErrFull) {
		return "", problem{status: http.StatusRequestEntityTooLarge, key: "no room", args: []any{u.Name}}
	}
	if errors.Is(err, pipeline.ErrBadAudio) {
		return "", problem{status: http.StatusUnprocessableEntity, key: "not a recording", args: []any{u.Name}}
	}
	return id, err
}

// fieldLimit is how many bytes a field of the form may have.
const fieldLimit = 4 << 10

func (u *Upload) read(part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, fieldLimit))
	if err != nil {
		return problem{status: http.StatusBadRequest, key: "upload broken"}
	}
	return u.set(part.FormName(), strings.TrimSpace(string(b)))
}

// set takes one field of the form.
func (u *Upload) set(field, value string) (err error) {
	switch field {
	case "kind":
		if u.Kind, err = pipeline.ParseKind(value); err != nil {
			return problem{status: http.StatusUnprocessableEntity, key: "choose a kind"}
		}
	case "speakers":
		if value == "" {
			return nil
		}
		if u.Speakers, err = strconv.Atoi(value); err != nil || u.Speakers < 1 || u.Speakers > 50 {
			u.Speakers = 0
			return problem{status: http.StatusUnprocessableEntity, key: "count the speakers", args: []any{value}}
		}
	case "date":
		u.Date = value
		if _, err := time.Parse(time.DateOnly, value); err != nil && value != "" {
			return problem{status: http.StatusUnprocessableEntity, key: "write the date", args: []any{value}}
		}
	case "consent":
		if value != "" && !slices.Contains(Consents, value) {
			return problem{status: http.StatusUnprocessableEntity, key: "choose the consent"}
		}
		u.Consent = value
	case "case":
		u.Case = value
	case "place":
		u.Place = value
	case "tags":
		u.Tags = value
	default:
		return u.Agreement.set(field, value)
	}
	return nil
}
