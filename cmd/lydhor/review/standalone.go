package review

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io"

	"lydhor/pipeline"
)

// Sound is a recording as browsers play it: its media type, such as "audio/ogg", and its
// bytes. The zero Sound is none.
type Sound struct {
	Type string
	Data []byte
}

// WriteStandalone writes t as one HTML file that needs nothing beside it and calls nobody:
// the turns, the flags with their evidence, and the sound inside it. It stands in Danish
// with a switch to English.
func WriteStandalone(w io.Writer, t *pipeline.Transcript, sound Sound) error {
	page, err := parse(both)
	if err != nil {
		return err
	}
	style, err := staticFiles.ReadFile("static/lydhor.css")
	if err != nil {
		return err
	}
	script, err := staticFiles.ReadFile("static/conversation.js")
	if err != nil {
		return err
	}
	c := newConversation(t, nil)
	c.HasSound = len(sound.Data) > 0
	hash := sha256.Sum256(script)
	return page.ExecuteTemplate(w, "standalone", struct {
		*conversation
		Style      template.CSS
		Script     template.JS
		ScriptHash string
		Sound      template.URL
	}{
		c, template.CSS(style), template.JS(script), base64.StdEncoding.EncodeToString(hash[:]),
		template.URL("data:" + sound.Type + ";base64," + base64.StdEncoding.EncodeToString(sound.Data)),
	})
}
