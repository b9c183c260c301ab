package score

import "math"

// A Calibration says how often suggestions of some confidence were right, in five bins of
// [0, 1].
type Calibration [5]struct {
	N, Right int
	Sum      float64 // of the confidences
}

// Count adds a suggestion.
func (c *Calibration) Count(confidence float64, right bool) {
	bin := &c[max(0, min(4, int(5*confidence)))]
	bin.N++
	bin.Sum += confidence
	if right {
		bin.Right++
	}
}

// Error is the expected calibration error: how far confidence and the share that was right
// lie apart, over all suggestions. NaN without any.
func (c *Calibration) Error() float64 {
	sum, n := 0.0, 0
	for _, bin := range c {
		sum += math.Abs(bin.Sum - float64(bin.Right))
		n += bin.N
	}
	return sum / float64(n)
}
