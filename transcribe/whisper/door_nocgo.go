//go:build !cgo

package whisper

import (
	"context"
	"errors"
	"fmt"
)

// Model stands in for the door where there is no C.
type Model struct{}

var errNoC = fmt.Errorf("built without C and so without whisper: %w", errors.ErrUnsupported)

func Devices() []Device                              { return nil }
func Open(string, ModelOptions) (*Model, error)      { return nil, errNoC }
func OpenBytes([]byte, ModelOptions) (*Model, error) { return nil, errNoC }
func (*Model) Close()                                {}
func (*Model) Multilingual() bool                    { return false }
func (*Model) Run(context.Context, []float32, Options, func(float64)) (*Result, error) {
	return nil, errNoC
}
