package review

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

func TestPicture(t *testing.T) {
	awkward := talk()
	awkward.Title = `<b>"Æ" & co</b>`
	for _, tr := range []*pipeline.Transcript{talk(), awkward, {}, {Turns: []pipeline.Turn{{N: 1, Codes: []pipeline.Code{pipeline.CitizenMeaning}}}}} {
		s := testServer(t, (&shelf{transcript: tr, recordings: []Recording{{ID: "r1"}}}).config())
		resp, body := get(t, s.URL+"/recordings/r1/picture.svg")
		if got := resp.Header.Get("Content-Type"); got != "image/svg+xml" {
			t.Errorf("got %q, want image/svg+xml", got)
		}
		d := xml.NewDecoder(strings.NewReader(body))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, body)
			}
		}
	}
}

// Two speak for 1 s and 3 s in the first tenth of 40 s, then one of them to the end.
func TestFloorShares(t *testing.T) {
	c := newConversation(&pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.FromSeconds(0, 3)},
		{N: 2, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.FromSeconds(3, 40)},
	}}, nil)
	shares := floorShares(c, 0)
	for i, want := range []share{
		{Role: pipeline.Citizen, Y: 0, Height: 15}, // 1 of 4 s of 60
		{Role: pipeline.Professional, Y: 15, Height: 45},
		{Role: pipeline.Citizen, Y: 0, Height: 60},
	} {
		got := shares[i]
		if got.Role != want.Role || math.Abs(got.Y-want.Y) > 1e-9 || math.Abs(got.Height-want.Height) > 1e-9 {
			t.Errorf("share %d: got %s from %v, %v high, want %s from %v, %v high", i, got.Role, got.Y, got.Height, want.Role, want.Y, want.Height)
		}
	}
	if len(shares) != 11 {
		t.Errorf("got %d shares, want 2 in the first part and 1 in each of the others", len(shares))
	}
}

func TestTicksAreFewAndRound(t *testing.T) {
	for _, length := range []time.Duration{time.Second, time.Minute, 7 * time.Minute, time.Hour, 3 * time.Hour, 9 * time.Hour} {
		if n := length / tickEvery(length); n > 10 {
			t.Errorf("%v: got %d ticks, want ten at most", length, n)
		}
	}
}
