package store

import (
	"context"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
)

const codedRecordings = `
select id::text from recording r where project = $1 and done is not null
	and (exists (select from decision where recording = r.id) or exists (select from assignment where recording = r.id and done is not null))
order by received, id`

// CodedTalks gives the recordings of a project that anybody has coded, each as every coder
// who is done coded it, the built-in one among them. A recording to which reader is blind is
// left out; reader "" is for commands on the machine itself and leaves out none.
func CodedTalks(ctx context.Context, db DB, coders *Coders, project, reader string) ([]agreement.Talk, error) {
	var list []agreement.Talk
	err := eachCoded(ctx, db, coders, project, func(t *Talk, own map[string]Assignment, coding *Coding) {
		if !isBlind(own, reader) {
			list = append(list, t.coded(own, coding))
		}
	})
	return list, err
}

// eachCoded gives f each recording of a project that anybody has coded, its assignments by coder,
// and the project's coding.
func eachCoded(ctx context.Context, db DB, coders *Coders, project string, f func(*Talk, map[string]Assignment, *Coding)) error {
	coding, err := coders.Of(ctx, project)
	if err != nil {
		return err
	}
	assigned, err := Assignments(ctx, db, project)
	if err != nil {
		return err
	}
	for talk, err := range talks(ctx, db, codedRecordings, project) {
		if err != nil {
			return err
		}
		f(talk, of(assigned, talk.ID), coding)
	}
	return nil
}

// of are the assignments of one recording, by coder.
func of(all []Assignment, recording string) map[string]Assignment {
	own := map[string]Assignment{}
	for _, a := range all {
		if a.Recording == recording {
			own[a.Coder] = a
		}
	}
	return own
}

func isBlind(own map[string]Assignment, reader string) bool {
	a, is := own[reader]
	return is && a.Blind && a.Done == nil
}

// coded is a talk as those who are done coded it; one whose words were corrected is analysed anew.
func (t *Talk) coded(own map[string]Assignment, coding *Coding) agreement.Talk {
	if t.Corrected {
		t.Analysed(coding)
	}
	coded := agreement.NewTalk(t.Transcript, coding.Starters[coding.Language(t.Transcript)].Continues)
	coded.By[pipeline.Lydhor] = agreement.Coded(t.Transcript)
	made := pipeline.ByCoder(t.Decisions)
	for coder, a := range own {
		if a.Done != nil {
			coded.By[coder] = agreement.Decided(t.Transcript, made[coder])
		}
	}
	for coder, decisions := range made {
		if _, assigned := own[coder]; assigned || coder == pipeline.Consensus {
			continue
		}
		if pipeline.Undecided(t.Transcript, pipeline.Standing(t.Transcript, decisions)) == 0 {
			coded.By[coder] = agreement.Decided(t.Transcript, decisions)
		}
	}
	if consensus, open := coded.Consensus(pipeline.Standing(t.Transcript, made[pipeline.Consensus])); consensus != nil && len(open) == 0 {
		coded.By[pipeline.Consensus] = consensus
	}
	return coded
}
