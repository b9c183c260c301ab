package main

import (
	"strings"
	"testing"
)

func TestParsePairs(t *testing.T) {
	for _, test := range []struct {
		name, in string
		pairs    int
		yes      int
		err      string
	}{
		{"ours", "utterance,response,label\nI like bikes,Bikes?,1\nI like bikes,Next.,0\n", 2, 1, ""},
		{"lessons, one without a label", "obs_id,student_text,teacher_text,uptake_zscore\n1,a b,c,0.5\n1,a b,d,\n2,a,b,-1\n", 2, 1, ""},
		{"counselling, straight after the client", "transcript_id,interlocutor,utterance_text,main_therapist_behaviour\n" +
			"0,therapist,Hello,other\n0,client,I drink,n/a\n0,therapist,You drink.,reflection\n0,therapist,And?,question\n1,therapist,Hello,other\n", 1, 0, ""},
		{"empty", "", 0, 0, "the file is empty"},
		{"other columns", "a,b\n1,2\n", 0, 0, "line 2: the columns are none of utterance,response,label"},
		{"nothing labelled", "utterance,response,label\na,b,\n", 0, 0, "no row with a label"},
		{"broken row", "utterance,response,label\na,b\n", 0, 0, "line 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pairs, err := parsePairs(strings.NewReader(test.in))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got error %v, want %q in it", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			yes := 0
			for _, p := range pairs {
				if p.Is {
					yes++
				}
			}
			if len(pairs) != test.pairs || yes != test.yes {
				t.Errorf("got %d pairs, %d yes, want %d, %d", len(pairs), yes, test.pairs, test.yes)
			}
		})
	}
}

func FuzzParsePairs(f *testing.F) {
	f.Add("utterance,response,label\na,b,1\n")
	f.Add("transcript_id,interlocutor,utterance_text,main_therapist_behaviour\n0,client,a,n/a\n0,therapist,b,reflection\n")
	f.Fuzz(func(t *testing.T, in string) {
		pairs, err := parsePairs(strings.NewReader(in))
		if err == nil && len(pairs) == 0 {
			t.Error("got neither pairs nor an error")
		}
	})
}
