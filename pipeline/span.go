package pipeline

import (
	"math"
	"time"
)

// A Span is the half-open stretch [Start, End) of a recording, counted from its start.
type Span struct{ Start, End time.Duration }

// Dur is the length of s.
func (s Span) Dur() time.Duration { return s.End - s.Start }

// Contains reports whether at lies in s.
func (s Span) Contains(at time.Duration) bool { return s.Start <= at && at < s.End }

// Overlap is how long s and t share; zero where they do not meet.
func (s Span) Overlap(t Span) time.Duration {
	return max(0, min(s.End, t.End)-max(s.Start, t.Start))
}

// Seconds gives both ends in seconds, rounded to the millisecond: the unit of every file format.
func (s Span) Seconds() (start, end float64) { return seconds(s.Start), seconds(s.End) }

// FromSeconds makes a Span of two ends in seconds, rounded to the millisecond.
func FromSeconds(start, end float64) Span { return Span{duration(start), duration(end)} }

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

func duration(s float64) time.Duration {
	return time.Duration(math.Round(s*1000)) * time.Millisecond
}
