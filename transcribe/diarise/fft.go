package diarise

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// An fft transforms blocks of one length, a power of two from 4 on (Cooley and Tukey 1965).
// Their samples are real: those of even number and those of odd go as one complex block of
// half the length (Press et al., Numerical Recipes, section 12.3).
type fft struct {
	roots   []complex128 // e^(-2πik/n), k < n/2
	reverse []int        // each index of half the length with its bits the other way round
	block   []complex128
}

func newFFT(n int) *fft {
	f := &fft{make([]complex128, n/2), make([]int, n/2), make([]complex128, n/2)}
	for k := range f.roots {
		f.roots[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n))
	}
	for i := range f.reverse {
		f.reverse[i] = int(bits.Reverse64(uint64(i)) >> (64 - bits.TrailingZeros(uint(n/2))))
	}
	return f
}

// power writes the squared magnitude of frequencies 0 to n/2 of x, which is padded with
// zeros to n, into out.
func (f *fft) power(x, out []float64) {
	f.transform(x)
	half := len(f.block)
	for k := range out {
		a, b := f.block[k%half], cmplx.Conj(f.block[(half-k)%half])
		even, odd := (a+b)*0.5, (a-b)*-0.5i
		root := complex(-1, 0)
		if k < half {
			root = f.roots[k]
		}
		sum := even + root*odd
		out[k] = real(sum)*real(sum) + imag(sum)*imag(sum)
	}
}

// transform leaves the spectrum of x, which is padded with zeros, in block, its samples of
// odd number as the imaginary part of those before them.
func (f *fft) transform(x []float64) {
	n := len(f.block)
	clear(f.block)
	for i := 0; i < len(x); i += 2 {
		odd := 0.0
		if i+1 < len(x) {
			odd = x[i+1]
		}
		f.block[f.reverse[i/2]] = complex(x[i], odd)
	}
	for size := 2; size <= n; size *= 2 {
		half, step := size/2, 2*n/size
		for start := 0; start < n; start += size {
			for k := range half {
				even, odd := f.block[start+k], f.block[start+k+half]*f.roots[k*step]
				f.block[start+k], f.block[start+k+half] = even+odd, even-odd
			}
		}
	}
}
