// Package analysis codes turns by a codebook: which are citizen-meaning utterances, which are
// institutional, and what happened after each of the former, with the reasons. It computes
// and touches no disk or network.
package analysis

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"lydhor/pipeline"
)

//go:embed codebook/*.yaml
var starters embed.FS

// A Codebook is a versioned scheme as researchers edit it: see docs/codebook.md.
type Codebook struct {
	Schema   string    `yaml:"schema"`
	Language string    `yaml:"language"`
	Version  string    `yaml:"version"`
	Status   string    `yaml:"status"`
	Changes  []Change  `yaml:"changes"`
	Settings Settings  `yaml:"settings"`
	Codes    []Entry   `yaml:"codes"`
	Outcomes []Entry   `yaml:"outcomes"`
	Themes   ThemeSets `yaml:"themes"`
}

// Schema is the file format that ReadCodebook knows.
const Schema = "lises-codebook/1"

// Label is a name in both languages of the page.
type Label struct {
	DA string `yaml:"da"`
	EN string `yaml:"en"`
}

// Change says why a version was made.
type Change struct {
	Version string  `yaml:"version"`
	Date    *string `yaml:"date"`
	By      *string `yaml:"by"`
	Why     string  `yaml:"why"`
}

// Settings are numbers and word lists of the whole codebook; times are seconds.
type Settings struct {
	Continuers       []string `yaml:"continuers"`
	Hesitations      []string `yaml:"hesitations"`
	KeepWords        []string `yaml:"keep_words"`
	StemMinLength    int      `yaml:"stem_min_length"`
	LateWindowTurns  *int     `yaml:"late_window_turns"`
	LateMinTurns     int      `yaml:"late_min_turns"`
	GapLong          float64  `yaml:"gap_long"`
	GapVeryLong      float64  `yaml:"gap_very_long"`
	OverlapInterrupt float64  `yaml:"overlap_interrupt"`
	InnerPause       float64  `yaml:"inner_pause"`
	DecisionMargin   float64  `yaml:"decision_margin"`
}

// An Entry is a code on one turn, or an outcome of a sequence.
type Entry struct {
	ID         string          `yaml:"id"`
	Label      Label           `yaml:"label"`
	Definition string          `yaml:"definition"`
	Source     string          `yaml:"source"`
	Note       string          `yaml:"note"`
	Roles      []pipeline.Role `yaml:"roles"`
	Requires   string          `yaml:"requires"`
	Threshold  float64         `yaml:"threshold"`
	Cues       []*Cue          `yaml:"cues"`
	Examples   Examples        `yaml:"examples"`
}

// A Cue is a group of signs that speak for an entry, or against it where Weight is negative.
type Cue struct {
	Group    string    `yaml:"group"`
	Label    Label     `yaml:",inline"` // of the group; the name itself where empty
	Weight   float64   `yaml:"weight"`
	Max      int       `yaml:"max"`   // hits that count; 1 when 0
	Least    int       `yaml:"least"` // hits from which it counts
	Where    place     `yaml:"where"` // start, end or any
	Words    int       `yaml:"words"` // that start and end cover; 6 when 0
	Of       side      `yaml:"of"`    // self or response
	Phrases  []wording `yaml:"phrases"`
	Patterns []wording `yaml:"patterns"`
	Regex    []wording `yaml:"regex"`
	Feature  *Feature  `yaml:"feature"`
	Asks     *bool     `yaml:"asks"` // counts only on turns that ask, or that do not

	spoken []pattern
	raw    []expression
}

// place is where in a turn something must be heard.
type place string

// UnmarshalYAML refuses other places.
func (p *place) UnmarshalYAML(n *yaml.Node) error { return oneOf(p, n, "place", "start", "end", "any") }

// side is whose turn is listened to: the one that is coded, or the answer to it.
type side string

// UnmarshalYAML refuses other sides.
func (s *side) UnmarshalYAML(n *yaml.Node) error { return oneOf(s, n, "side", "self", "response") }

// A wording is a phrase, pattern or regular expression, and the line it stands on.
type wording struct {
	text string
	line int
}

// UnmarshalYAML keeps the line.
func (w *wording) UnmarshalYAML(n *yaml.Node) error {
	w.line = n.Line
	return n.Decode(&w.text)
}

// A Feature is something measured that must lie within bounds.
type Feature struct {
	Name   quantity `yaml:"name"`
	Code   string   `yaml:"code"`
	Min    *float64 `yaml:"min"`
	Max    *float64 `yaml:"max"`
	Equals *bool    `yaml:"equals"`
}

// quantity is what a Feature measures, one of features.
type quantity string

// UnmarshalYAML refuses what the program does not measure.
func (q *quantity) UnmarshalYAML(n *yaml.Node) error { return oneOf(q, n, "feature", features...) }

// Examples try out whether an edit still does what it should.
type Examples struct {
	Positive []Example `yaml:"positive"`
	Negative []Example `yaml:"negative"`
}

// An Example is a turn, or for outcomes a citizen's and the professional's.
type Example struct {
	Citizen      string `yaml:"citizen"`
	Professional string `yaml:"professional"`
}

// UnmarshalYAML reads a bare string as the citizen's turn.
func (e *Example) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		e.Citizen = n.Value
		return nil
	}
	type plain Example
	return n.Decode((*plain)(e))
}

// ThemeSets are the themes of FLIPs and meetings.
type ThemeSets struct {
	Potentials []Theme `yaml:"potentials"`
	Dimensions []Theme `yaml:"dimensions"`
	Barriers   []Theme `yaml:"barriers"`
}

// A Theme is a topic and the keywords it is heard by.
type Theme struct {
	ID       string    `yaml:"id"`
	Label    Label     `yaml:"label"`
	Source   string    `yaml:"source"`
	Weight   float64   `yaml:"weight"`
	Keywords []wording `yaml:"keywords"`

	spoken []pattern
}

// features are what the program measures of a turn or of the pair of a turn and its answer.
var features = []string{"word_count", "numerals", "is_continuer", "shared_stems", "echoed", "gap", "overlap_onset", "code_score", "last_turn"}

// ReadCodebook reads and checks a codebook in YAML. Errors name the line.
func ReadCodebook(r io.Reader) (*Codebook, error) {
	var b Codebook
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	if err := d.Decode(&b); err != nil {
		return nil, fmt.Errorf("read codebook: %w", mistakes(err))
	}
	if b.Schema != Schema {
		return nil, fmt.Errorf("read codebook: schema is %q, and this program knows %q", b.Schema, Schema)
	}
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("read codebook: %w", err)
	}
	for _, e := range slices.Concat(b.Codes, b.Outcomes) {
		for _, c := range e.Cues {
			if err := c.compile(); err != nil {
				return nil, fmt.Errorf("read codebook: %s, group %q: %w", e.ID, c.Group, err)
			}
		}
	}
	for _, set := range [][]Theme{b.Themes.Potentials, b.Themes.Dimensions, b.Themes.Barriers} {
		for i := range set {
			var err error
			if set[i].spoken, err = compilePatterns(set[i].Keywords); err != nil {
				return nil, fmt.Errorf("read codebook: theme %s: %w", set[i].ID, err)
			}
		}
	}
	return &b, nil
}

// check says what the codebook names that does not exist.
func (b *Codebook) check() error {
	var codes []string
	for i, e := range b.Codes {
		if e.ID == "" || slices.Contains(codes, e.ID) {
			return fmt.Errorf("code %d of %d has the id %q: each needs an id of its own", i+1, len(b.Codes), e.ID)
		}
		codes = append(codes, e.ID)
	}
	for _, e := range b.Outcomes {
		if !slices.Contains(pipeline.Outcomes, pipeline.Outcome(e.ID)) {
			return errors.New(unknown("outcome", pipeline.Outcome(e.ID), pipeline.Outcomes))
		}
	}
	for _, e := range slices.Concat(b.Codes, b.Outcomes) {
		if err := e.check(codes); err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
	}
	return nil
}

func (e *Entry) check(codes []string) error {
	for _, r := range e.Roles {
		if !slices.Contains(pipeline.Roles, r) {
			return errors.New(unknown("role", r, pipeline.Roles))
		}
	}
	if e.Requires != "" && !slices.Contains(codes, e.Requires) {
		return fmt.Errorf("requires: %s", unknown("code", e.Requires, codes))
	}
	for _, c := range e.Cues {
		f := c.Feature
		if f != nil && f.Name == "" {
			return fmt.Errorf("group %q: the feature has no name; there are %s", c.Group, strings.Join(features, ", "))
		}
		if f != nil && f.Code != "" && !slices.Contains(codes, f.Code) {
			return fmt.Errorf("group %q: %s", c.Group, unknown("code", f.Code, codes))
		}
	}
	return nil
}

// Starter is the codebook that comes with the program, in Danish or English.
func starter(language string) (*Codebook, error) {
	f, err := starters.Open("codebook/lises." + language + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no starter codebook in language %q: there are da and en. Name one as the language of the transcript, or give a codebook of your own", language)
	}
	defer f.Close()
	return ReadCodebook(f)
}
