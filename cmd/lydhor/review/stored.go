package review

import (
	"context"
	"slices"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// Stored is a project's recordings in Postgres: a Library, Decisions, Corrections, Coding and
// a Finder. The pages ask for a recording's transcript before its decisions and corrections,
// so that nobody reaches those of another project.
type Stored struct {
	DB      store.DB
	Project string
	Coders  *store.Coders
}

// Recordings lists the project's, the newest first.
func (s Stored) Recordings(ctx context.Context) ([]Recording, error) {
	rows, err := store.Recordings(ctx, s.DB, s.Project)
	if err != nil {
		return nil, err
	}
	return listedAll(rows), nil
}

func listedAll(rows []store.Recording) []Recording {
	list := make([]Recording, len(rows))
	for i, row := range rows {
		list[i] = listed(row)
	}
	return list
}

// Busy lists those whose work waits or goes on.
func (s Stored) Busy(ctx context.Context) ([]Recording, error) {
	rows, err := store.Busy(ctx, s.DB, s.Project)
	if err != nil {
		return nil, err
	}
	return listedAll(rows), nil
}

// Recording gives one.
func (s Stored) Recording(ctx context.Context, id string) (*Recording, error) {
	row, err := store.RecordingIn(ctx, s.DB, s.Project, id)
	if err != nil {
		return nil, err
	}
	r := listed(*row)
	return &r, nil
}

// listed says where a recording stands: at the first stage that goes on, or else at the one
// after those that have ended.
func listed(row store.Recording) Recording {
	r := Recording{ID: row.ID, Title: row.Name, Kind: row.Kind, State: Waiting, Stage: pipeline.Ingest, Length: row.Length, Received: row.Received, Meta: row.Meta}
	switch {
	case row.FailedIn != "" || row.Problem != "":
		r.State, r.Stage, r.Problem = Failed, row.FailedIn, row.Problem
		return r
	case row.Done:
		r.State, r.Stage = Done, ""
		return r
	case len(row.Stages) > 0:
		r.State = Working
	}
	progress := map[pipeline.Stage]float64{}
	for _, p := range row.Stages {
		progress[p.Stage] = p.Progress
	}
	for i, stage := range pipeline.Stages {
		done, begun := progress[stage]
		if begun && done < 1 {
			r.Stage, r.Progress, r.Left = stage, done, row.Left
			break
		}
		if begun && i+1 < len(pipeline.Stages) {
			r.Stage = pipeline.Stages[i+1]
		}
	}
	return r
}

// Transcript gives the machine's reading.
func (s Stored) Transcript(ctx context.Context, id string) (*pipeline.Transcript, error) {
	row, err := store.RecordingIn(ctx, s.DB, s.Project, id)
	if err != nil {
		return nil, err
	}
	t, err := store.Transcript(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	t.Title = row.Name
	if blind, err := s.Blind(ctx, id); err != nil || blind {
		return t.Uncoded(), err
	}
	return t, nil
}

// Decide adds a decision.
func (s Stored) Decide(ctx context.Context, recording string, d pipeline.Decision) error {
	return store.Decide(ctx, s.DB, recording, d)
}

// Decisions gives one coder's, or everybody's for coder "". Who is blind gets their own alone.
func (s Stored) Decisions(ctx context.Context, recording, coder string) ([]pipeline.Decision, error) {
	made, err := store.Decisions(ctx, s.DB, recording, coder)
	if err != nil {
		return nil, err
	}
	blind, err := s.Blind(ctx, recording)
	return slices.DeleteFunc(made, func(d pipeline.Decision) bool { return blind && d.Coder != readerOf(ctx) }), err
}

// Blind reports whether the reader must not see yet what others and the machine say.
func (s Stored) Blind(ctx context.Context, recording string) (bool, error) {
	return store.Blind(ctx, s.DB, recording, readerOf(ctx))
}

// Assignments lists the project's.
func (s Stored) Assignments(ctx context.Context) ([]store.Assignment, error) {
	return store.Assignments(ctx, s.DB, s.Project)
}

// Assign has somebody code a recording.
func (s Stored) Assign(ctx context.Context, a store.Assignment) error {
	return store.Assign(ctx, s.DB, s.Project, a)
}

// Withdraw takes that back.
func (s Stored) Withdraw(ctx context.Context, recording, coder string) error {
	return store.Withdraw(ctx, s.DB, s.Project, recording, coder)
}

// HandIn ends a coder's work on a recording.
func (s Stored) HandIn(ctx context.Context, recording, coder string) error {
	return store.HandIn(ctx, s.DB, recording, coder)
}

// Members lists who may code.
func (s Stored) Members(ctx context.Context) ([]string, error) {
	return store.MayCode(ctx, s.DB, s.Project)
}

// Doubts gives how unsure the machine is of what the reader has not decided.
func (s Stored) Doubts(ctx context.Context) ([]store.Doubt, error) {
	return store.Doubts(ctx, s.DB, s.Project, readerOf(ctx))
}

// Coded gives what was coded and the reader may see.
func (s Stored) Coded(ctx context.Context) ([]agreement.Talk, error) {
	return store.CodedTalks(ctx, s.DB, s.Coders, s.Project, readerOf(ctx))
}

// Correct adds a correction.
func (s Stored) Correct(ctx context.Context, recording string, c pipeline.Correction) error {
	return store.Correct(ctx, s.DB, recording, c)
}

// Corrections gives everybody's.
func (s Stored) Corrections(ctx context.Context, recording string) ([]pipeline.Correction, error) {
	return store.Corrections(ctx, s.DB, recording)
}

// PutSheet notes a sheet.
func (s Stored) PutSheet(ctx context.Context, sheet store.Sheet) error {
	return store.PutSheet(ctx, s.DB, sheet)
}

// Sheets lists those of a recording and those talked through in it.
func (s Stored) Sheets(ctx context.Context, recording string) ([]store.Sheet, error) {
	return store.Sheets(ctx, s.DB, recording)
}

// mostHits is how many places a search shows.
const mostHits = 100

// Find searches the project.
func (s Stored) Find(ctx context.Context, words string) ([]store.Hit, error) {
	return store.Search(ctx, s.DB, s.Project, words, mostHits)
}

// Recognised proposes who speaks in a recording: whom people named in others of the project.
// Whom they named otherwise in this one is left alone.
func (s Stored) Recognised(ctx context.Context, recording string) (*Recognised, error) {
	r := &Recognised{}
	var err error
	if r.On, err = store.RecognisesVoices(ctx, s.DB, s.Project); err != nil || !r.On {
		return r, err
	}
	prints, err := store.Voiceprints(ctx, s.DB, s.Project)
	if err != nil {
		return nil, err
	}
	made, err := store.Namings(ctx, s.DB, s.Project)
	if err != nil {
		return nil, err
	}
	var own []pipeline.Voiceprint
	var known []pipeline.KnownVoice
	renamed := map[string]bool{}
	for _, p := range prints {
		naming, named := pipeline.Named(p.Speaker, made[p.Recording])
		if p.Recording == recording {
			renamed[naming.Label] = naming.Label != p.Speaker
			p.Speaker = naming.Label
			own = append(own, p)
		} else if named {
			known = append(known, pipeline.KnownVoice{Voiceprint: p, Naming: naming})
		}
	}
	r.Speakers = pipeline.Recognise(own, known)
	for label, found := range r.Speakers {
		if renamed[label] && found.Label != label {
			delete(r.Speakers, label)
		}
	}
	return r, nil
}

// Vocabulary gives the project's.
func (s Stored) Vocabulary(ctx context.Context) (string, error) {
	return store.Vocabulary(ctx, s.DB, s.Project)
}

// SetVocabulary replaces the project's.
func (s Stored) SetVocabulary(ctx context.Context, words string) error {
	return store.SetVocabulary(ctx, s.DB, s.Project, words)
}
