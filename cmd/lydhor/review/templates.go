package review

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"time"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// parse reads the templates with strings in l.
func parse(l language) (*template.Template, error) {
	funcs, err := speaking(l)
	if err != nil {
		return nil, err
	}
	return template.New("").Funcs(funcs).Funcs(template.FuncMap{
		"clock":   clock,
		"ms":      time.Duration.Milliseconds,
		"seconds": func(d time.Duration) string { return fmt.Sprintf("%.1f", d.Abs().Seconds()) },
		"minutes": func(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) },
		"percent": percent,
		"figure":  func(f agreement.Figure) figure { return figure(f) },
		"decimal": func(x float64, places int) number { return number{x, places} },
		"lasting": func(d time.Duration) number { return number{d.Abs().Seconds(), 1} },
		"asset":   asset,
		"ink":     ink,

		"mapWidth":  func() int { return mapWidth },
		"noteLimit": func() int { return noteLimit },
		"key":       rand.Text,
		"roles":     func() []pipeline.Role { return pipeline.Roles },
		"consents":  func() []string { return Consents },
		"states":    func() []State { return []State{Waiting, Working, Done, Failed} },
		"kinds":     func() []pipeline.Kind { return pipeline.Kinds },
		"outcomes":  func() []pipeline.Outcome { return pipeline.Outcomes },
		"day":       func(t time.Time) string { return t.Local().Format("2006-01-02 15:04") },

		"kindText": func(k pipeline.Kind) string {
			if !slices.Contains(pipeline.Kinds, k) {
				return ""
			}
			return "kind " + string(k)
		},
		"roleText": func(r pipeline.Role) string {
			if !slices.Contains(pipeline.Roles, r) {
				r = pipeline.Unknown
			}
			return "role " + string(r)
		},
		"consentText": func(consent string) string {
			if !slices.Contains(Consents, consent) {
				return "basis other"
			}
			return "basis " + consent
		},
		"stageText": func(stage pipeline.Stage) string {
			if !slices.Contains(pipeline.Stages, stage) {
				return ""
			}
			return "stage " + string(stage)
		},
		"chosen": func(name, all string, of []string, chosen string) choice { return choice{name, all, of, chosen} },
		"middle": func(from, width float64) float64 { return from + width/2 },
		"add":    func(a, b int) int { return a + b },
		"mul":    func(a, b int) int { return a * b },

		"noted": func(pause time.Duration, latched bool) string {
			switch {
			case latched || pause < shortestPause:
				return ""
			case pause < leastPause:
				return "(.)"
			}
			return fmt.Sprintf("(%.1f)", pause.Seconds())
		},
		"brief":       func(gap time.Duration) bool { return gap < shownGap },
		"briefInside": func(pause time.Duration) bool { return pause < shownPause },
		"reasons": func(because string, list []pipeline.Evidence) reasons {
			return reasons{because, list}
		},
	}).ParseFS(templateFiles, "templates/*.html")
}

// reasons is a list of evidence under its heading.
type reasons struct {
	Because string
	List    []pipeline.Evidence
}

// A choice is one of several values, or All.
type choice struct {
	Name, All string
	Of        []string
	Chosen    string
}

// percent is how far part is into whole, for places on the map.
func percent(part, whole time.Duration) string {
	if whole <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(whole))
}

// asset is the address of a static file, which changes whenever the file does.
func asset(name string) (string, error) {
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(data)
	return fmt.Sprintf("/static/%s?v=%x", name, hash[:6]), nil
}
