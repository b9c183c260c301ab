package diarise

import (
	"math"
	"math/cmplx"
	"math/rand"
	"testing"
)

// The sum that defines the transform is the referee.
func TestPowerIsThatOfTheDefinition(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, test := range []struct{ n, samples int }{{4, 4}, {8, 5}, {256, 256}, {512, 400}} {
		x := make([]float64, test.samples)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		got := make([]float64, test.n/2+1)
		f := newFFT(test.n)
		for range 2 { // nothing of one block is left in the next
			f.power(x, got)
		}
		for k, power := range got {
			sum := complex(0, 0)
			for i, v := range x {
				sum += complex(v, 0) * cmplx.Rect(1, -2*math.Pi*float64(k*i)/float64(test.n))
			}
			if want := real(sum)*real(sum) + imag(sum)*imag(sum); math.Abs(power-want) > 1e-9*(1+want) {
				t.Errorf("%d of %d samples, frequency %d: got power %v, want %v", test.samples, test.n, k, power, want)
			}
		}
	}
}
