package store

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"lydhor/analysis"
	"lydhor/pipeline"
)

// Coders gives the coder of each project, by the codebook and the model that the project has
// chosen. It is safe for concurrent use.
type Coders struct {
	db       DB
	starters analysis.Starters
	mu       sync.Mutex
	made     map[string]chosen
}

// chosen is a project's coders as of its choice of that id.
type chosen struct {
	choice int64
	coders *Coding
}

// NewCoders makes Coders.
func NewCoders(db DB) (*Coders, error) {
	starters, err := analysis.NewStarters()
	return &Coders{db: db, starters: starters, made: map[string]chosen{}}, err
}

// Of gives a project's.
func (c *Coders) Of(ctx context.Context, project string) (*Coding, error) {
	last, err := lastChoice(ctx, c.db, project)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if is, made := c.made[project]; made && is.choice == last {
		return is.coders, nil
	}
	coders, err := c.read(ctx, project)
	if err != nil {
		return nil, err
	}
	c.made[project] = chosen{last, coders}
	return coders, nil
}

// Analyser is Of, for workers.
func (c *Coders) Analyser(ctx context.Context, project string) (pipeline.Analyser, error) {
	return c.Of(ctx, project)
}

// read makes a project's coders of the starters and what was chosen in their place.
func (c *Coders) read(ctx context.Context, project string) (*Coding, error) {
	all := &Coding{Starters: analysis.Starters{}, models: map[string]string{}}
	for language, starter := range c.starters {
		all.Starters[language] = starter
	}
	choices, err := Choices(ctx, c.db, project)
	if err != nil {
		return nil, err
	}
	for _, choice := range choices { // codebooks come before models
		coder := all.Starters[choice.Language]
		if choice.Version == "" || coder == nil {
			continue
		}
		switch choice.What {
		case Codebooks:
			coder, err = c.byBook(ctx, project, choice, coder)
		case Models:
			coder, err = c.byModel(ctx, project, choice, coder)
			all.models[choice.Language] = choice.Version
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s of the project: %w", choice.What, choice.Version, err)
		}
		all.Starters[choice.Language] = coder
	}
	return all, nil
}

func (c *Coders) byBook(ctx context.Context, project string, choice Choice, coder *analysis.Coder) (*analysis.Coder, error) {
	text, err := CodebookOf(ctx, c.db, project, choice.Language, choice.Version)
	if err != nil {
		return nil, err
	}
	book, err := analysis.ReadCodebook(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return coder.By(book), nil
}

func (c *Coders) byModel(ctx context.Context, project string, choice Choice, coder *analysis.Coder) (*analysis.Coder, error) {
	m, err := ModelOf(ctx, c.db, project, choice.Language, choice.Version)
	return coder.With(m), err
}

// Coding is a project's coder of each language.
type Coding struct {
	analysis.Starters
	models map[string]string // version of the project's own, by language
}

var _ pipeline.Analyser = (*Coding)(nil)

// Analyse is pipeline.Analyser's; the run names the project's own model beside the codebook.
func (c *Coding) Analyse(t *pipeline.Transcript) pipeline.Run {
	run := c.Starters.Analyse(t)
	if version := c.models[c.Language(t)]; version != "" {
		run.Params["project_model"] = version
	}
	return run
}
