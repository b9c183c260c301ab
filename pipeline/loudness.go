package pipeline

import (
	"errors"
	"io"
	"math"
	"time"
)

// Loudness is how loud a recording is, one byte for each LoudnessStep of it: half decibels
// below full scale, so that 0 is the loudest there can be and 255 is silence.
type Loudness []byte

// LoudnessStep is how much sound one byte of a Loudness tells of.
const LoudnessStep = 50 * time.Millisecond

// inaudible is the level of 255, in decibels of full scale.
const inaudible = -127.5

// MeasureLoudness hears how loud sound is, step by step (root mean square).
func MeasureLoudness(sound Sound) (Loudness, error) {
	step := Index(LoudnessStep)
	list := make(Loudness, 0, sound.Len()/step+1)
	block := make(Samples, 64*step)
	for at := 0; at < sound.Len(); {
		n, err := sound.ReadAt(block, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for from := 0; from < n; from += step {
			list = append(list, halfDecibels(power(block[from:min(from+step, n)])))
		}
		at += n
	}
	return list, nil
}

// power is the mean of the squares.
func power(s Samples) float64 {
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(s))
}

func halfDecibels(power float64) byte {
	return byte(math.Round(max(0, min(255, -20*math.Log10(max(power, 1e-13))))))
}

// Level is the mean level of a stretch, in decibels of full scale: 0 at most. What was not
// measured is silent.
func (l Loudness) Level(s Span) float64 {
	from, to := l.steps(s)
	if from >= to {
		return inaudible
	}
	sum := 0.0
	for _, b := range l[from:to] {
		sum += math.Pow(10, -float64(b)/20)
	}
	return max(inaudible, 10*math.Log10(sum/float64(to-from)))
}

// steps are those that a stretch touches.
func (l Loudness) steps(s Span) (from, to int) {
	return max(0, int(s.Start/LoudnessStep)), min(len(l), int((s.End+LoudnessStep-1)/LoudnessStep))
}

// Outline gives the loudest moment in each of n equal parts, from 0 (60 decibels below full
// scale, or less) to 1 (full scale): what is drawn of it.
func (l Loudness) Outline(n int) []float64 {
	if len(l) == 0 {
		return nil
	}
	outline := make([]float64, n)
	for i := range outline {
		from := i * len(l) / n
		loudest := byte(255)
		for _, b := range l[from:max(from+1, (i+1)*len(l)/n)] {
			loudest = min(loudest, b)
		}
		outline[i] = max(0, 1-float64(loudest)/120)
	}
	return outline
}
