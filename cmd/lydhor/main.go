// Lydhor takes recordings of job-centre conversations to flagged sequences: what did the
// citizen say that mattered, and what happened next? README.md shows the way in.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(a.run(ctx, os.Args[1:]))
}

// app is what a subcommand may touch of the outside world.
type app struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer // results for machines and people; words about the work
}

// A command is one subcommand: how it is called, what it does in a line, and its run function.
type command struct {
	name, args, does string
	run              func(a *app, ctx context.Context, args []string) error
}

// A group is commands for one purpose.
type group struct {
	title    string
	commands []command
}

// groups are all commands there are, as help lists them.
func groups() []group {
	return []group{
		{"files, without any service", []command{
			{"run", "FILE... [--out DIR] [--kind K] [--model M] [--language da] [--speakers N]", "take recordings the whole path, without any service", (*app).runFiles},
			{"transcribe", "FILE [--model M] [--language da] [--json]", "hear one recording, without speakers", (*app).transcribe},
			{"diarise", "FILE [--speakers N|--kind K] [--rttm|--json] [--svg OUT]", "hear who speaks when", (*app).diarise},
			{"analyse", "TURNS.json... [--codebook F] [--out DIR] | --project P [ID...]", "code turns and outcomes; again those of a project", (*app).analyse},
			{"pseudonymise", "FILE.json [--out FILE] [--key FILE]", "put labels for names, numbers and places, and keep the key apart", (*app).pseudonymise},
			{"export", "FILE.json --format F [--out FILE] [--plain]", "write a transcript for another program, with labels for names unless plain", (*app).export},
			{"import", "FILE [--out FILE]", "make a transcript of an .eaf, .cha, .TextGrid or .qdpx", (*app).imports},
			{"models", "list|get NAME|path NAME|random SHAPE FILE", "speech models: which there are, download, where; one without sense for measuring", (*app).models},
			{"eval", "asr|diarisation|... [FLAGS]", "score results against references", (*app).eval},
		}},
		{"the whole service on this machine", []command{
			{"up", "[--data DIR] [--model M] [--background]", "run the whole service on this machine", (*app).up},
			{"down", "[--data DIR]", "stop what up runs", (*app).down},
			{"servers", "[--data DIR] [-- COMMAND...]", "run a private Postgres and S3 server", (*app).servers},
		}},
		{"the service on several machines", []command{
			{"serve", "[--listen ADDRESS]", "answer the page, upload and status", (*app).serve},
			{"work", "[--profiles P,P=MODEL] [--parallel N]", "hear and analyse what the server receives", (*app).work},
			{"migrate", "", "bring the database to the newest schema", (*app).migrate},
			{"doctor", "[--profiles P,P=MODEL] [--device D] [--json]", "check all the service stands on, and say how to mend it", (*app).doctor},
			{"queues", "[pause|resume QUEUE]", "list the queues, stop workers taking from one, or let them again", (*app).queues},
			{"keys", "new|rotate", "make a master key, or seal recordings' keys with the newest", (*app).keys},
		}},
		{"recordings", []command{
			{"upload", "FILE... [--kind K] [--channels] [--meta k=v] [--batch] [--wait]", "send recordings to the server", (*app).upload},
			{"status", "[ID] [--json] [--retry|--cancel]", "say where recordings stand", (*app).status},
			{"consent", "ID [--version V --given DAY --until DAY] [--participants CODES] [--hold WHY|--release]", "note what a recording rests on", (*app).consent},
			{"participant", "list|export|withdraw CODE [--out FILE.zip] [--why W] [--project P]", "find, take out or erase everything about one participant", (*app).participant},
			{"erase", "ID... [--why W] | --expired | --list", "erase recordings for good, and prove it", (*app).erase},
		}},
		{"coding", []command{
			{"codebook", "check FILE|test FILE|diff OLD NEW [TURNS.json...]|use FILE|back [VERSION]|list [--project P]", "read an edited codebook by line, run its examples, show what it changes, code a project by it", (*app).codebook},
			{"assign", "ID... --to NAME,NAME [--sighted|--withdraw] [--project P]", "have several people code recordings, blind to each other; list how far they are", (*app).assign},
			{"agreement", "[--project P] [--coders A,B] [--json]", "say how far coders code alike, people or machines", (*app).agreement},
			{"ask", "TURNS.json... [--out DIR] | --project P [ID...]", "have a language model code conversations, as one more coder", (*app).ask},
			{"train", "TURNS.json... [--out FILE], or --pairs CSV..., or --project P [--back|--use VERSION|--list]", "fit the coder's model to coded conversations, or a project's to its decisions", (*app).train},
		}},
		{"people and projects", []command{
			{"account", "list|new NAME|link NAME|grant NAME ROLE|revoke NAME ROLE|disable NAME|sign-out NAME|drop-factor NAME|connect NAME SUBJECT [--project P]", "say who may sign in, and what each is in a project", (*app).account},
			{"tokens", "NAME --scopes read,upload,... [--project P] [--days N] | --list | --revoke ID", "make a token that commands sign in with, list them, or end one", (*app).tokens},
			{"project", "[NAME] [--keep DAYS] [--quota GB] [--masked yes|no] [--vocabulary FILE]", "say how a project's recordings are kept, and print it", (*app).project},
			{"voices", "on|off [--project P]", "keep voices and propose them again in later recordings: biometric data", (*app).voices},
			{"audit", "verify|export [--project P]", "check or print the log of who did what", (*app).audit},
		}},
		{"keeping it", []command{
			{"backup", "DIR", "copy all rows and objects to a folder, or bring it up to date", (*app).backup},
			{"mirror", "", "bring a second bucket up to date with the first", (*app).mirror},
			{"restore", "[DIR] [--proofs FILE] [--only rows|objects]", "bring a backup into an empty database and bucket, or take up what came back by other ways, and check it", (*app).restore},
			{"verify", "[--all] [--json]", "read objects whole and compare them with what was put", (*app).verify},
			{"storage", "[--json]", "say what objects and rows take up", (*app).storage},
		}},
		{"trying how much it bears", []command{
			{"simulate", "RECORDING [--recordings N] [--workers N] [--every D] [--scaling 1,2] [--json]", "queue many recordings while workers come and die, or measure how workers add up", (*app).simulate},
			{"chaos", "RECORDING [--seed N] [--faults N] [--old PROGRAM] [--json]", "disturb a service of its own, and check that nothing is lost", (*app).chaos},
		}},
		{"the program", []command{
			{"config", "", "print what the environment configures", (*app).printConfig},
			{"version", "", "print the version", (*app).version},
		}},
	}
}

// commands are those of all groups.
func commands() []command {
	var all []command
	for _, g := range groups() {
		all = append(all, g.commands...)
	}
	return all
}

// errUsage is wrapped by errors about how lydhor was called: exit status 2.
var errUsage = errors.New("wrong use")

// run calls the subcommand and gives the exit status: 0 done, 1 failed, 2 wrong use.
func (a *app) run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		overview(a.stderr)
		return 2
	}
	if args[0] == "help" && len(args) == 2 {
		args = []string{args[1], "--help"}
	}
	if args[0] == "help" || isHelp(args[0]) {
		overview(a.stdout)
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return a.exit(ctx, c, args[1:])
		}
	}
	fmt.Fprintf(a.stderr, "lydhor: no command %q: `lydhor help` lists them\n", args[0])
	return 2
}

// exit runs a command and gives its exit status.
func (a *app) exit(ctx context.Context, c command, args []string) int {
	err := c.run(a, ctx, args)
	var asked *helpAsked
	switch {
	case err == nil:
		return 0
	case errors.As(err, &asked):
		asked.explain(a.stdout, "lydhor", c)
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(a.stderr, "lydhor %s: %v\nusage: lydhor %s %s\n", c.name, err, c.name, c.args)
		return 2
	}
	fmt.Fprintf(a.stderr, "lydhor %s: %v\n", c.name, err)
	return 1
}

// overview lists the commands by what they are for.
func overview(to io.Writer) {
	fmt.Fprintln(to, "usage: lydhor COMMAND [FLAGS] [ARGUMENTS]; `lydhor COMMAND --help` says which")
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, g := range groups() {
		fmt.Fprintf(w, "\n%s\n", g.title)
		for _, c := range g.commands {
			fmt.Fprintf(w, "  %s\t%s\n", c.name, c.does)
		}
	}
	w.Flush()
}
