package diarise

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// An fft transforms blocks of one length, a power of two (Cooley and Tukey 1965).
type fft struct {
	roots   []complex128 // e^(-2πik/n), k < n/2
	reverse []int        // each index with its bits the other way round
	block   []complex128
}

func newFFT(n int) *fft {
	f := &fft{make([]complex128, n/2), make([]int, n), make([]complex128, n)}
	for k := range f.roots {
		f.roots[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n))
	}
	for i := range f.reverse {
		f.reverse[i] = int(bits.Reverse64(uint64(i)) >> (64 - bits.TrailingZeros(uint(n))))
	}
	return f
}

// power writes the squared magnitude of frequencies 0 to n/2 of x, which is padded with
// zeros to n, into out.
func (f *fft) power(x, out []float64) {
	f.transform(x)
	for k := range out {
		re, im := real(f.block[k]), imag(f.block[k])
		out[k] = re*re + im*im
	}
}

// transform leaves the spectrum of x, which is padded with zeros, in block.
func (f *fft) transform(x []float64) {
	n := len(f.block)
	clear(f.block)
	for i, v := range x {
		f.block[f.reverse[i]] = complex(v, 0)
	}
	for size := 2; size <= n; size *= 2 {
		half, step := size/2, n/size
		for start := 0; start < n; start += size {
			for k := range half {
				even, odd := f.block[start+k], f.block[start+k+half]*f.roots[k*step]
				f.block[start+k], f.block[start+k+half] = even+odd, even-odd
			}
		}
	}
}
