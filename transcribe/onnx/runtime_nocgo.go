//go:build !cgo

package onnx

import (
	"errors"
	"fmt"
)

// Network is a network that cannot be run: this lydhor was built without C.
type Network struct{}

// Open says that this lydhor was built without C.
func Open(library, file string) (*Network, error) {
	return nil, fmt.Errorf("run %s: this lydhor was built without C: %w", file, errors.ErrUnsupported)
}

func (*Network) Inputs() []Port                  { return nil }
func (*Network) Outputs() []Port                 { return nil }
func (*Network) Run(...Tensor) ([]Tensor, error) { return nil, errors.ErrUnsupported }
func (*Network) Close() error                    { return nil }
