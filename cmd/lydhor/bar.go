package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"lydhor/pipeline"
)

// bar shows on a terminal how far each stage of a recording is, with the time that is
// left of the slowest. Elsewhere it says one line a finished stage.
type bar struct {
	out      io.Writer
	terminal bool
	name     string
	start    time.Time

	mu   sync.Mutex
	done map[pipeline.Stage]float64
	last time.Time
}

func newBar(out io.Writer, name string) *bar {
	f, ok := out.(*os.File)
	return &bar{out: out, terminal: ok && term.IsTerminal(int(f.Fd())), name: name, start: time.Now(), done: map[pipeline.Stage]float64{}}
}

// progress is a pipeline.Progress.
func (b *bar) progress(stage pipeline.Stage, done float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	finished := done >= 1 && b.done[stage] < 1
	b.done[stage] = max(b.done[stage], done)
	if !b.terminal {
		if finished {
			fmt.Fprintf(b.out, "%s: %s done after %s\n", b.name, stage, time.Since(b.start).Round(100*time.Millisecond))
		}
		return
	}
	if finished || time.Since(b.last) > 100*time.Millisecond {
		b.last = time.Now()
		fmt.Fprintf(b.out, "\r\x1b[K%s", b.line())
	}
}

// line is the bar as text: each stage begun with its share, then the time left.
func (b *bar) line() string {
	var parts []string
	slowest := 1.0
	for _, stage := range pipeline.Stages {
		done, begun := b.done[stage]
		if !begun {
			continue
		}
		slowest = min(slowest, done)
		full := int(done * 10)
		parts = append(parts, fmt.Sprintf("%s %s%s %3.0f %%", stage, strings.Repeat("█", full), strings.Repeat("░", 10-full), 100*done))
	}
	left := ""
	if slowest > 0.02 && slowest < 1 {
		left = "  left " + time.Duration(float64(time.Since(b.start))*(1-slowest)/slowest).Round(time.Second).String()
	}
	return b.name + "  " + strings.Join(parts, "  ") + left
}

// end leaves the terminal on a line of its own.
func (b *bar) end() {
	if b.terminal {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}
