package main

import (
	"errors"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		rest []string
		out  string
		json bool
		bad  bool
	}{
		{name: "flags first", args: []string{"--out", "d", "a.wav"}, rest: []string{"a.wav"}, out: "d"},
		{name: "flags last", args: []string{"a.wav", "b.wav", "--out=d", "--json"}, rest: []string{"a.wav", "b.wav"}, out: "d", json: true},
		{name: "flags between", args: []string{"a.wav", "--json", "b.wav"}, rest: []string{"a.wav", "b.wav"}, json: true},
		{name: "two dashes end them", args: []string{"--json", "--", "--out", "a.wav"}, rest: []string{"--out", "a.wav"}, json: true},
		{name: "a lone dash is an argument", args: []string{"-", "--json"}, rest: []string{"-"}, json: true},
		{name: "nothing"},
		{name: "unknown flag", args: []string{"a.wav", "--owt"}, bad: true},
		{name: "value missing", args: []string{"a.wav", "--out"}, bad: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			fs := flag.NewFlagSet("test", flag.ContinueOnError)
			out, json := fs.String("out", "", ""), fs.Bool("json", false, "")
			rest, err := parse(fs, test.args)
			if bad := errors.Is(err, errUsage); bad != test.bad || (err != nil) != test.bad {
				t.Fatalf("got error %v, want wrong use: %v", err, test.bad)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(test.rest, rest); diff != "" {
				t.Errorf("arguments differ (-want +got):\n%s", diff)
			}
			if *out != test.out || *json != test.json {
				t.Errorf("got --out %q --json %v, want %q %v", *out, *json, test.out, test.json)
			}
		})
	}
}
