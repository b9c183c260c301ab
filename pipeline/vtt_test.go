package pipeline

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var subtitled = []Turn{
	{N: 1, Speaker: "S1", Span: FromSeconds(0, 1), Text: "Ja & <nej>\n\n --> 5.", Words: []Word{
		{Span: FromSeconds(0, 0.4), Text: "Ja &"},
		{Span: FromSeconds(0.4, 0.7), Text: "<nej>\n\n"},
		{Span: FromSeconds(0.7, 1), Text: "--> 5."},
	}},
	{N: 2, Speaker: "Åse <b>", Span: FromSeconds(3599.5, 3609.5), Text: "Jeg vil gerne arbejde på et lager med mine hænder. Det har jeg altid godt kunnet lide at gøre."},
}

func TestWriteVTT(t *testing.T) {
	// 94 letters, of them 76 no spaces, in 10 s: the first sentence's 41 take 5.395 s.
	want := `WEBVTT

00:00:00.000 --> 00:00:01.000
<v S1>Ja &amp; &lt;nej&gt; --&gt; 5.

00:59:59.500 --> 01:00:04.895
<v Åse &lt;b&gt;>Jeg vil gerne arbejde på
et lager med mine hænder.

01:00:04.895 --> 01:00:09.500
<v Åse &lt;b&gt;>Det har jeg altid godt
kunnet lide at gøre.
`
	var b bytes.Buffer
	if err := WriteVTT(&b, subtitled); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("WebVTT differs (-want +got):\n%s", diff)
	}
}

func TestWriteSRT(t *testing.T) {
	want := `1
00:00:00,000 --> 00:00:01,000
S1: Ja & <nej> --> 5.
`
	var b bytes.Buffer
	if err := WriteSRT(&b, subtitled[:1]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("SubRip differs (-want +got):\n%s", diff)
	}
}

func TestCues(t *testing.T) {
	slow := make([]Word, 20) // a word of 1 s each second
	for i := range slow {
		slow[i] = Word{Text: "ord", Span: Span{time.Duration(i) * time.Second, time.Duration(i+1) * time.Second}}
	}
	for _, test := range []struct {
		name string
		turn Turn
		want []int // letters of each cue
	}{
		{"empty turn", Turn{}, nil},
		{"seven seconds each", Turn{Words: slow}, []int{27, 27, 23}},
		{"one endless word", Turn{Text: strings.Repeat("å", 200), Span: FromSeconds(0, 1)}, []int{200}},
		{"84 letters each", Turn{Text: strings.Repeat("ordene ", 30), Span: FromSeconds(0, 1)}, []int{83, 83, 41}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			for _, c := range cues(test.turn) {
				got = append(got, len([]rune(c.Text)))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("cues differ (-want +got):\n%s", diff)
			}
		})
	}
}
