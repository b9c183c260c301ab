// Package onnx runs neural networks that are kept as ONNX files. It is a door to C of its
// own: ONNX Runtime is not linked but loaded from a file while lydhor runs, so a binary
// without it works, and its networks alone do not.
package onnx

import (
	"fmt"
	"slices"
)

// A Tensor is numbers in rows, the last dimension moving fastest: Floats or Ints. A Shape of
// no dimensions is one number.
type Tensor struct {
	Shape  []int64
	Floats []float32
	Ints   []int64
}

// A Port is an input or an output of a network. A dimension that it leaves open is -1.
type Port struct {
	Name  string
	Shape []int64
	Type  string // of its numbers, as ONNX Runtime calls it
}

// Float is the Type of a port for Tensor.Floats.
const Float = "float"

func (p Port) String() string { return fmt.Sprintf("%s %s%v", p.Name, p.Type, p.Shape) }

// Takes reports whether floats of that shape fit p; -1 stands for any length.
func (p Port) Takes(shape ...int64) bool {
	return p.Type == Float && slices.EqualFunc(p.Shape, shape, func(a, b int64) bool { return a == b || a < 0 || b < 0 })
}
