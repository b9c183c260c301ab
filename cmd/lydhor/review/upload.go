package review

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// uploadPage is the form for new recordings, with what was filled in and what was wrong
// with it.
type uploadPage struct {
	Upload
	Speakers string // as written
	Problem  *problem
	Kinds    []pipeline.Kind

	Said       said // of other recordings, to choose from
	Resumable  bool
	Vocabulary bool // can be given
}

func (s *server) showUpload(w http.ResponseWriter, r *http.Request, status int, p uploadPage) error {
	if p.Kind == "" {
		p.Kind = pipeline.Conversation
	}
	list, err := s.listed(r)
	if err != nil {
		return err
	}
	p.Kinds, p.Said, p.Resumable, p.Vocabulary = pipeline.Kinds, saidOf(list), s.Uploads != "", s.Vocabulary != nil
	return s.render(w, r, status, "upload", p)
}

func (s *server) uploadForm(w http.ResponseWriter, r *http.Request) error {
	return s.showUpload(w, r, http.StatusOK, uploadPage{})
}

// upload takes the form. Files are passed on as they arrive, so that a long recording
// never stands in memory; the fields come before them.
func (s *server) upload(w http.ResponseWriter, r *http.Request) error {
	var p uploadPage
	var received []string
	form, err := r.MultipartReader()
	if err == nil {
		received, err = s.receive(r, form, &p)
	} else {
		err = problem{status: http.StatusBadRequest, key: "upload broken"}
	}
	if bad, known := errors.AsType[problem](err); known {
		p.Problem = &bad
		return s.showUpload(w, r, bad.status, p)
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

// receive reads the form into p and its files into the library, and gives their ids. All
// fields are read before the first thing that is wrong with them is told: they stand in the
// form that is shown again.
func (s *server) receive(r *http.Request, form *multipart.Reader, p *uploadPage) ([]string, error) {
	var ids []string
	var wrong error
	for {
		part, err := form.NextPart()
		if err == io.EOF && len(ids) > 0 {
			return ids, nil
		}
		if err == io.EOF {
			return nil, cmp.Or(wrong, error(unfit("choose a file")))
		}
		if err != nil {
			return nil, problem{status: http.StatusBadRequest, key: "upload broken"}
		}
		if part.FormName() != "sound" {
			wrong = cmp.Or(wrong, p.read(part))
			continue
		}
		if wrong != nil {
			return nil, wrong
		}
		if part.FileName() == "" { // no file was chosen
			continue
		}
		p.Name = part.FileName()
		sound := &arriving{Reader: part}
		id, err := s.take(r.Context(), p.Upload, sound)
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
	u.Name = strings.ToValidUTF8(strings.ReplaceAll(u.Name, "\x00", ""), "\ufffd")
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

// fieldLimits is how many letters the fields of the form may have. None may have more than
// fieldBytes bytes.
var fieldLimits = map[string]int{"place": 100, "case": 100, "tags": 200, "agreed_text": 100, "agreed_to": 200, "participants": 1000}

const fieldBytes = 16 << 10

func tooLong(field, value string) bool {
	limit, limited := fieldLimits[field]
	return limited && utf8.RuneCountInString(value) > limit
}

// read takes one field of the form as it was written.
func (p *uploadPage) read(part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, fieldBytes))
	if err != nil {
		return problem{status: http.StatusBadRequest, key: "upload broken"}
	}
	value := strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", ""))
	if part.FormName() == "speakers" {
		p.Speakers = strings.ToValidUTF8(brief(value), "\ufffd")
	}
	return p.set(part.FormName(), value)
}

// set takes one field of the form.
func (u *Upload) set(field, value string) (err error) {
	if !utf8.ValidString(value) {
		return problem{status: http.StatusBadRequest, key: "cannot be read"}
	}
	if tooLong(field, value) {
		err = unfit("is too long", brief(value), fieldLimits[field])
	}
	return cmp.Or(u.take(field, value), err)
}

func (u *Upload) take(field, value string) (err error) {
	switch field {
	case "kind":
		if u.Kind, err = pipeline.ParseKind(value); err != nil {
			return unfit("choose a kind")
		}
	case "speakers":
		if value == "" {
			return nil
		}
		if u.Speakers, err = strconv.Atoi(value); err != nil || u.Speakers < 1 || u.Speakers > 50 {
			u.Speakers = 0
			return unfit("count the speakers", brief(value))
		}
	case "channels":
		u.Separate = value != ""
	case "date":
		u.Date = value
		if _, err := time.Parse(time.DateOnly, value); err != nil && value != "" {
			return unfit("write the date", brief(value))
		}
	case "consent":
		if value != "" && !slices.Contains(Consents, value) {
			return unfit("choose the consent")
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
