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
func PrunesBeams() bool                              { return false }
func Trim()                                          {}
func Open(string, ModelOptions) (*Model, error)      { return nil, errNoC }
func OpenBytes([]byte, ModelOptions) (*Model, error) { return nil, errNoC }
func (*Model) Close()                                {}
func (*Model) Multilingual() bool                    { return false }
func (*Model) State() (*State, error)                { return nil, errNoC }
func (*Model) Run(context.Context, []float32, Options, func(float64)) (*Result, error) {
	return nil, errNoC
}

// State stands in for where a model hears.
type State struct{}

func (*State) Close()                                    {}
func (*State) Listen([]float32, int) error               { return errNoC }
func (*State) Languages(int) (map[string]float64, error) { return nil, errNoC }
func (*State) Run(context.Context, Options, func(float64)) (*Result, error) {
	return nil, errNoC
}
