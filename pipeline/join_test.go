package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJoinSpeech(t *testing.T) {
	pieces := []Span{FromSeconds(0, 10), FromSeconds(10, 15)}
	speeches := []Speech{
		{Run: Run{Model: "m"}, Language: "da", Notices: []string{"n"}, Segments: []Segment{
			{Span: FromSeconds(1, 2), Text: "Ja.", Words: []Word{{Span: FromSeconds(1, 2), Text: "Ja."}}}}},
		{Run: Run{Model: "m"}, Language: "en", Segments: []Segment{
			{Span: FromSeconds(0.5, 7), Text: "Nå men", Words: []Word{{Span: FromSeconds(0.5, 1), Text: "Nå"}, {Span: FromSeconds(5.5, 7), Text: "men"}}}},
			Dropped: []Dropped{{Span: FromSeconds(2, 3), Text: "Tak", Reason: "r"}}},
	}
	want := &Speech{Run: Run{Model: "m"}, Language: "da", Notices: []string{"n"}, Segments: []Segment{
		{Span: FromSeconds(1, 2), Text: "Ja.", Words: []Word{{Span: FromSeconds(1, 2), Text: "Ja."}}},
		{Span: FromSeconds(10.5, 15), Text: "Nå men", Words: []Word{{Span: FromSeconds(10.5, 11), Text: "Nå"}, {Span: FromSeconds(15, 15), Text: "men"}}},
	}, Dropped: []Dropped{{Span: FromSeconds(12, 13), Text: "Tak", Reason: "r"}}}
	if diff := cmp.Diff(want, JoinSpeech(pieces, speeches)); diff != "" {
		t.Errorf("speech differs (-want +got):\n%s", diff)
	}
	if got, want := speeches[1].Segments[0].Words[0].Span, FromSeconds(0.5, 1); got != want {
		t.Errorf("a piece was changed: got %v, want %v", got, want)
	}
	heard := []Segment{{Text: "So"}}
	three := []Speech{{Language: "da", Notices: []string{"n"}}, {Language: "en", Notices: []string{"n", "m"}, Segments: heard}, {Language: "da", Notices: []string{"m"}, Segments: heard}}
	joined := JoinSpeech([]Span{FromSeconds(0, 90), FromSeconds(90, 150), FromSeconds(150, 170)}, three)
	if diff := cmp.Diff([]string{"n", "m"}, joined.Notices); diff != "" || joined.Language != "en" {
		t.Errorf("got language %q, want that of most words; notices differ (-want +got):\n%s", joined.Language, diff)
	}
	if diff := cmp.Diff(&Speech{}, JoinSpeech(nil, nil)); diff != "" {
		t.Errorf("nothing joined differs:\n%s", diff)
	}
}
