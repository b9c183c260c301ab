package pipeline

import (
	"cmp"
	"slices"
	"time"
)

// The built-in speech detector compares the power of a frame with the background around it,
// the quiet tenth of floorWindow. It is tuned to miss little: what it leaves out is taken to
// hold no words.
const (
	floorWindow = 30 * time.Second
	floorStep   = 5 * time.Second
	floorLeast  = -75 // dB of full scale: what lies below is silence whatever surrounds it

	riseLeast = 6    // dB above the background that speech has at least
	riseShare = 0.25 // of the range between background and loud speech

	speechLeast  = 80 * time.Millisecond  // shorter sounds are clicks
	speechBridge = 300 * time.Millisecond // shorter silences belong to the words around them
	speechPad    = 100 * time.Millisecond // soft beginnings and ends
)

// VoiceActivity is where sound rises above its background as a voice does, sorted, without
// overlap. It knows loudness only: music and loud noise that comes and goes pass for speech.
func VoiceActivity(sound Sound) ([]Span, error) {
	power, err := framePower(sound)
	if err != nil {
		return nil, err
	}
	var spans []Span
	end := Dur(sound)
	step, half := int(floorStep/cutFrame), int(floorWindow/cutFrame/2)
	for at := 0; at < len(power); at += step {
		middle := at + step/2
		limit := speechPower(power[max(0, middle-half):min(len(power), middle+half)])
		for i := at; i < min(at+step, len(power)); i++ {
			if power[i] < limit {
				continue
			}
			frame := Span{time.Duration(i) * cutFrame, min(end, time.Duration(i+1)*cutFrame)}
			if last := len(spans) - 1; last >= 0 && spans[last].End == frame.Start {
				spans[last].End = frame.End
				continue
			}
			spans = append(spans, frame)
		}
	}
	return padded(bridged(spans), end), nil
}

// speechPower is the least power that speech has, in decibels, among the frames around it.
func speechPower(around []float32) float32 {
	sorted := slices.Sorted(slices.Values(around))
	floor := max(floorLeast, sorted[len(sorted)/10])
	loud := sorted[len(sorted)*19/20]
	return floor + max(riseLeast, riseShare*(loud-floor))
}

// Loudest is the level that the loudest twentieth of some levels reaches, at least one of them.
func Loudest[T cmp.Ordered](levels []T) T {
	return slices.Sorted(slices.Values(levels))[len(levels)*19/20]
}

// Smoothed is the mean of each value and of as many as reach on either side.
func Smoothed(values []float32, reach int) []float32 {
	out := make([]float32, len(values))
	for i := range values {
		around := values[max(0, i-reach):min(len(values), i+reach+1)]
		for _, v := range around {
			out[i] += v / float32(len(around))
		}
	}
	return out
}

// bridged joins spans over silences shorter than speechBridge and leaves clicks out.
func bridged(spans []Span) []Span {
	var out []Span
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.Start-out[last].End < speechBridge {
			out[last].End = s.End
			continue
		}
		out = append(out, s)
	}
	return slices.DeleteFunc(out, func(s Span) bool { return s.Dur() < speechLeast })
}

// padded widens each span by speechPad, which is less than half of what lies between two.
func padded(spans []Span, end time.Duration) []Span {
	for i, s := range spans {
		spans[i] = Span{max(0, s.Start-speechPad), min(end, s.End+speechPad)}
	}
	return spans
}
