package diarise

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func turn(speaker string, start, end float64) pipeline.SpeakerTurn {
	return pipeline.SpeakerTurn{Span: pipeline.FromSeconds(start, end), Speaker: speaker}
}

func TestBeside(t *testing.T) {
	spans := func(borders ...float64) (all []pipeline.Span) {
		for i := 0; i < len(borders); i += 2 {
			all = append(all, pipeline.FromSeconds(borders[i], borders[i+1]))
		}
		return all
	}
	for _, test := range []struct {
		name     string
		turns    []pipeline.SpeakerTurn
		together []pipeline.Span
		want     []pipeline.SpeakerTurn
	}{
		{"nobody", nil, spans(1, 2), nil},
		{"nobody else", []pipeline.SpeakerTurn{turn("A", 0, 5)}, spans(1, 2), []pipeline.SpeakerTurn{turn("A", 0, 5)}},
		{
			"who spoke last, not who speaks later",
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 2, 6), turn("C", 9, 10)}, spans(3, 4),
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 2, 6), turn("A", 3, 4), turn("C", 9, 10)},
		},
		{
			"who speaks next begins earlier",
			[]pipeline.SpeakerTurn{turn("A", 0, 5), turn("B", 5, 9)}, spans(4, 5),
			[]pipeline.SpeakerTurn{turn("A", 0, 5), turn("B", 4, 9)},
		},
		{
			"across a change of speaker each goes on",
			[]pipeline.SpeakerTurn{turn("A", 0, 5), turn("B", 5, 9)}, spans(4, 6),
			[]pipeline.SpeakerTurn{turn("A", 0, 6), turn("B", 4, 9)},
		},
		{
			"out of turns nobody",
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 5, 6)}, spans(2, 4),
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 5, 6)},
		},
		{
			"who was heard a minute ago is not there",
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 62, 70)}, spans(63, 64),
			[]pipeline.SpeakerTurn{turn("A", 0, 1), turn("B", 62, 70)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, beside(test.turns, test.together, 2, nil)); diff != "" {
				t.Errorf("turns differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Several are heard from 3 to 6 s, surely from 4 to 5 s.
func TestManyAtOnce(t *testing.T) {
	several, sure := []pipeline.Span{pipeline.FromSeconds(3, 6)}, []pipeline.Span{pipeline.FromSeconds(4, 5)}
	one := []pipeline.SpeakerTurn{turn("S1", 0, 9)}
	two := []pipeline.SpeakerTurn{turn("S1", 0, 7), turn("S2", 7, 9)}
	three := []pipeline.SpeakerTurn{turn("S1", 0, 4.5), turn("S2", 4.5, 9), turn("S3", 20, 30)}
	for _, test := range []struct {
		name  string
		turns []pipeline.SpeakerTurn
		most  int
		want  []pipeline.SpeakerTurn
	}{
		{"nobody", nil, 20, nil},
		{"one voice, and two that are not told apart from it", one, 20, []pipeline.SpeakerTurn{turn("S1", 0, 9), turn("S2", 4, 5), turn("S3", 4, 5)}},
		{"one voice of two", one, 2, []pipeline.SpeakerTurn{turn("S1", 0, 9), turn("S2", 4, 5)}},
		{"one voice alone", one, 1, one},
		{"two voices, and one that is not told apart", two, 20, []pipeline.SpeakerTurn{turn("S1", 0, 7), turn("S2", 3, 6), turn("S3", 4, 5), turn("S2", 7, 9)}},
		{"two voices of two", two, 2, []pipeline.SpeakerTurn{turn("S1", 0, 7), turn("S2", 3, 6), turn("S2", 7, 9)}},
		{"three voices across a change of speaker", three, 20, []pipeline.SpeakerTurn{turn("S1", 0, 6), turn("S2", 3, 9), turn("S3", 4, 5), turn("S3", 20, 30)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, manyAtOnce(test.turns, several, sure, test.most)); diff != "" {
				t.Errorf("turns differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Read speech is one voice a recording, so nobody is surely beside it.
func TestSurely(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/audio/asr/*/*.flac")
	if len(files) == 0 {
		t.Skip("no read speech in ../shared/audio/asr")
	}
	for _, file := range files {
		e := listenTo(t, "read", file)
		if sure := surely.speech(e.several(), e.length); len(sure) > 0 {
			t.Errorf("%s: several are surely heard in %v", e.name, sure)
		}
	}
}
