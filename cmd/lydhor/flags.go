package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
)

// parse reads args into fs and gives what is left. Flags may stand before, between and
// behind the arguments, "--" ends them, and whatever is wrong is errUsage; helpAsked where
// --help is among them.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	fs.SetOutput(io.Discard)
	var rest []string
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return nil, &helpAsked{fs}
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %v", errUsage, err)
		}
		left := fs.Args()
		ended := len(args) > len(left) && args[len(args)-len(left)-1] == "--"
		if len(left) == 0 || ended {
			return append(rest, left...), nil
		}
		rest = append(rest, left[0])
		args = left[1:]
	}
}

// noArguments is parse for a command that takes neither flags nor arguments.
func noArguments(name string, args []string) error {
	rest, err := parse(flag.NewFlagSet(name, flag.ContinueOnError), args)
	return errors.Join(err, extra(rest))
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// helpAsked is given in place of arguments when a command is asked how it is called.
type helpAsked struct{ flags *flag.FlagSet }

func (*helpAsked) Error() string { return "help is asked for" }

// explain says how a command of program is called, with its flags.
func (h *helpAsked) explain(to io.Writer, program string, c command) {
	fmt.Fprintf(to, "usage: %s %s %s\n  %s\n", program, c.name, c.args, c.does)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	h.flags.VisitAll(func(f *flag.Flag) {
		value, does := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "-1" {
			does += " (" + f.DefValue + ")"
		}
		fmt.Fprintf(w, "  --%s %s\t%s\n", f.Name, value, does)
	})
	w.Flush()
}
