package pipeline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func music(start, end float64) Music { return Music{FromSeconds(start, end)} }

// A piece hears less of what goes on over its border.
func TestMusicGoesOnOverPieces(t *testing.T) {
	pieces := []Span{FromSeconds(0, 60), FromSeconds(60, 100), FromSeconds(100, 130)}
	got := JoinSpeech(pieces, []Speech{
		{Music: []Music{music(5, 10), music(50, 59)}},
		{Music: []Music{music(0.5, 8), music(12, 20)}},
		{Music: []Music{music(20, 40)}},
	}).Music
	want := []Music{music(5, 10), music(50, 68), music(72, 80), music(120, 130)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("music differs (-want +got):\n%s", diff)
	}
}

func TestMusicOfEveryMicrophone(t *testing.T) {
	got := NewChannelsTranscript(Conversation, []*Speech{{Music: []Music{music(30, 40)}}, {}, {Music: []Music{music(5, 9), music(32, 44)}}}).Music
	if diff := cmp.Diff([]Music{music(5, 9), music(30, 44)}, got); diff != "" {
		t.Errorf("music differs (-want +got):\n%s", diff)
	}
}

func TestMusicOverWhatWasSpliced(t *testing.T) {
	s, err := splice(background(20*time.Second, 0, 0.5, FromSeconds(2, 5), FromSeconds(15, 16)))
	if err != nil {
		t.Fatal(err)
	}
	speech := &Speech{Music: []Music{music(0.3, 3.6), music(1.3, 4.2)}} // 1.7 to 5.3 s and 14.7 to 16.3 s are left
	s.onClock(speech)
	if diff := cmp.Diff([]Music{music(2, 5.3), music(3, 15.3)}, speech.Music); diff != "" {
		t.Errorf("music differs (-want +got):\n%s", diff)
	}
}

func TestMusicInFiles(t *testing.T) {
	tr := NewTranscript(Conversation, &Speech{Music: []Music{music(1.5, 20.25)}}, &Voices{})
	data, err := json.Marshal(tr)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Music json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil || string(file.Music) != `[{"start":1.5,"end":20.25}]` {
		t.Errorf("got %s, error %v, want seconds", file.Music, err)
	}
	var again Transcript
	if err := json.Unmarshal(data, &again); err != nil || !cmp.Equal(tr.Music, again.Music) {
		t.Errorf("got %v again, error %v, want %v", again.Music, err, tr.Music)
	}
}
