package review

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"lydhor/pipeline"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

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
	page, err := parse(both, "templates/conversation.html", "templates/standalone.html")
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
	c := newConversation(t)
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

// parse reads template files whose strings are in l.
func parse(l language, files ...string) (*template.Template, error) {
	funcs, err := speaking(l)
	if err != nil {
		return nil, err
	}
	return template.New("").Funcs(funcs).Funcs(template.FuncMap{
		"clock":   clock,
		"ms":      time.Duration.Milliseconds,
		"seconds": func(d time.Duration) string { return fmt.Sprintf("%.1f", d.Abs().Seconds()) },
		"percent": percent,
		"add":     func(a, b int) int { return a + b },
		"mul":     func(a, b int) int { return a * b },

		"brief":       func(gap time.Duration) bool { return gap < shownGap },
		"briefInside": func(pause time.Duration) bool { return pause < shownPause },
		"reasons": func(because string, list []pipeline.Evidence) reasons {
			return reasons{because, list}
		},
	}).ParseFS(templateFiles, files...)
}

// reasons is a list of evidence under its heading.
type reasons struct {
	Because string
	List    []pipeline.Evidence
}

// percent is how far part is into whole, for places on the map.
func percent(part, whole time.Duration) string {
	if whole <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.3f%%", 100*float64(part)/float64(whole))
}
