package review

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// agreementFields are the fields of the upload form that an Agreement has.
var agreementFields = []string{"agreed_text", "agreed_on", "agreed_until", "agreed_to", "participants"}

// set takes one field of the form.
func (a *Agreement) set(field, value string) error {
	switch field {
	case "agreed_text":
		a.Text = value
	case "agreed_to":
		a.Scope = value
	case "participants":
		a.Participants = value
	case "agreed_on", "agreed_until":
		day := &a.Given
		if field == "agreed_until" {
			day = &a.Until
		}
		*day = value
	}
	return nil
}

// Wrong says what is wrong with an agreement that cannot be kept, and the value that is: "date",
// "order" where it ends before it was given, or "long"; "" for nothing. Whether codes of
// participants are such is not looked at.
func (a Agreement) Wrong() (what, value string) {
	for _, day := range []string{a.Given, a.Until} {
		if _, err := time.Parse(time.DateOnly, day); err != nil && day != "" {
			return "date", day
		}
	}
	for field, value := range map[string]string{"agreed_text": a.Text, "agreed_to": a.Scope, "participants": a.Participants} {
		if tooLong(field, value) {
			return "long", value
		}
	}
	if a.Given != "" && a.Until != "" && a.Until < a.Given {
		return "order", a.Until
	}
	return "", ""
}

// kept is the problem of an agreement that cannot be kept.
func (s *server) kept(a Agreement) error {
	switch what, value := a.Wrong(); what {
	case "date":
		return unfit("write the date", brief(value))
	case "order":
		return unfit("ends before it begins")
	}
	if s.Agreed != nil && s.Agreed(a) != nil {
		return unfit("write who takes part", brief(a.Participants))
	}
	return nil
}

// fits is the problem of a recording that there is no room for, or whose agreement cannot be
// kept, told before it is sent.
func (s *server) fits(ctx context.Context, u Upload, bytes int64) error {
	if err := s.kept(u.Agreement); err != nil {
		return err
	}
	if s.Room == nil {
		return nil
	}
	room, err := s.Room(ctx)
	if err == nil && bytes > room {
		return problem{status: http.StatusRequestEntityTooLarge, key: "no room", args: []any{u.Name}}
	}
	return err
}

// DropUploads removes from a folder the recordings that have not arrived whole and of which is
// says so, with what was said of them, and counts them.
func DropUploads(folder string, is func(u Upload, bytes int64) bool) (dropped int, err error) {
	about, err := filepath.Glob(filepath.Join(folder, "*.info"))
	for _, file := range about {
		var said struct {
			Size     int64
			MetaData map[string]string
		}
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, &said) != nil {
			continue // it has just arrived, or is no upload
		}
		u := Upload{Name: said.MetaData["filename"], Agreement: Agreement{Participants: said.MetaData["participants"]}}
		if !is(u, said.Size) {
			continue
		}
		whole := file[:len(file)-len(".info")]
		for _, part := range []string{whole, whole + ".lock", file} {
			if err := os.Remove(part); err != nil && !os.IsNotExist(err) {
				return dropped, err
			}
		}
		dropped++
	}
	return dropped, err
}
