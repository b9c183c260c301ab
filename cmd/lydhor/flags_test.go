package main

import (
	"errors"
	"flag"
	"strings"
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

// Every command says how it is called, and its flags, without doing anything.
func TestHelp(t *testing.T) {
	ask := func(args ...string) (int, string, string) {
		out, words := &strings.Builder{}, &strings.Builder{}
		a := &app{getenv: func(string) string { return "" }, stdout: out, stderr: words}
		return a.run(t.Context(), args), out.String(), words.String()
	}
	_, overview, _ := ask("help")
	for _, c := range commands() {
		if !strings.Contains(overview, "\n  "+c.name+" ") {
			t.Errorf("help does not list %s", c.name)
		}
		status, out, words := ask(c.name, "--help")
		if status != 0 || words != "" || c.name != "eval" && !strings.Contains(out, "usage: lydhor "+c.name) {
			t.Errorf("%s --help: got %d, %q and %q", c.name, status, out, words)
		}
	}
	for _, args := range [][]string{{"verify", "--all", "--help"}, {"help", "verify"}} {
		if _, out, _ := ask(args...); !strings.Contains(out, "  --all") || !strings.Contains(out, "  --data string") {
			t.Errorf("%v: got %q, want its flags", args, out)
		}
	}
	for _, c := range evals() {
		if status, out, _ := ask("eval", c.name, "--help"); status != 0 || !strings.Contains(out, "usage: lydhor eval "+c.name) {
			t.Errorf("eval %s --help: got %d and %q", c.name, status, out)
		}
	}
	if status, out, words := ask("frob"); status != 2 || out != "" || !strings.Contains(words, "lydhor help") {
		t.Errorf("no such command: got %d, %q and %q", status, out, words)
	}
}
