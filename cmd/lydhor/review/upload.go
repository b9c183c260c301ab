package review

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"lydhor/pipeline"
)

// uploadPage is the form for new recordings, with what was filled in and what was wrong
// with it.
type uploadPage struct {
	Upload
	Problem *problem
	Kinds   []pipeline.Kind
}

func newUploadPage(u Upload, p *problem) uploadPage {
	if u.Kind == "" {
		u.Kind = pipeline.Conversation
	}
	return uploadPage{Upload: u, Problem: p, Kinds: pipeline.Kinds}
}

func (s *server) uploadForm(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "upload", newUploadPage(Upload{}, nil))
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
		return s.render(w, r, p.status, "upload", newUploadPage(u, &p))
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
		id, err := s.Inbox.Receive(r.Context(), *u, part)
		if d, is := errors.AsType[Duplicate](err); is {
			return nil, problem{status: http.StatusConflict, key: "already here", args: []any{u.Name}, link: "/recordings/" + d.ID}
		}
		if errors.Is(err, pipeline.ErrBadAudio) {
			return nil, problem{status: http.StatusUnprocessableEntity, key: "not a recording", args: []any{u.Name}}
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
}

// fieldLimit is how many bytes a field of the form may have.
const fieldLimit = 4 << 10

func (u *Upload) read(part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, fieldLimit))
	if err != nil {
		return problem{status: http.StatusBadRequest, key: "upload broken"}
	}
	value := strings.TrimSpace(string(b))
	switch part.FormName() {
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
	}
	return nil
}
