//go:build cgo

package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// loaded is the library of this process: ONNX Runtime can be loaded once.
var loaded struct {
	sync.Mutex
	library string
}

// load makes the runtime ready. Loading the same file again does nothing.
func load(library string) error {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.library == library {
		return nil
	}
	if _, err := os.Stat(library); err != nil {
		return fmt.Errorf("load ONNX Runtime: %w: put its library there, or say with LYDHOR_ONNXRUNTIME where it is", err)
	}
	if loaded.library != "" {
		return fmt.Errorf("load ONNX Runtime from %s: it is loaded from %s already", library, loaded.library)
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(); err != nil {
		return fmt.Errorf("load ONNX Runtime from %s: %w: a library for this kind of machine, of version 1.24 or later, is needed", library, err)
	}
	loaded.library = library
	return nil
}

// A Network is an opened ONNX file. It may be run from several goroutines.
type Network struct {
	session         *ort.DynamicAdvancedSession
	inputs, outputs []Port
}

// Open reads the network in file with the runtime in library. An error that fs.ErrNotExist
// is in says that one of the two is not there.
func Open(library, file string) (*Network, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := load(library); err != nil {
		return nil, err
	}
	in, out, err := ort.GetInputOutputInfoWithONNXData(data)
	if len(data) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no ONNX file that can be run, or was cut off: %w: fetch it again", file, err)
	}
	n := &Network{inputs: ports(in), outputs: ports(out)}
	n.session, err = ort.NewDynamicAdvancedSessionWithONNXData(data, names(n.inputs), names(n.outputs), nil)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", file, err)
	}
	return n, nil
}

func ports(infos []ort.InputOutputInfo) []Port {
	all := make([]Port, len(infos))
	for i, info := range infos {
		all[i] = Port{info.Name, info.Dimensions, info.DataType.String()}
		if info.DataType == ort.TensorElementDataTypeFloat {
			all[i].Type = Float
		}
	}
	return all
}

func names(ports []Port) []string {
	all := make([]string, len(ports))
	for i, p := range ports {
		all[i] = p.Name
	}
	return all
}

// Inputs are the ports that Run wants tensors for, in that order; Outputs those it gives.
func (n *Network) Inputs() []Port  { return n.inputs }
func (n *Network) Outputs() []Port { return n.outputs }

// Run gives the network its inputs and copies its outputs.
func (n *Network) Run(in ...Tensor) ([]Tensor, error) {
	if len(in) != len(n.inputs) {
		return nil, fmt.Errorf("the network has %d inputs, not %d", len(n.inputs), len(in))
	}
	given, got := make([]ort.Value, len(in)), make([]ort.Value, len(n.outputs))
	defer func() {
		for _, v := range append(given, got...) {
			if v != nil {
				v.Destroy()
			}
		}
	}()
	for i, t := range in {
		v, err := value(t)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", n.inputs[i].Name, err)
		}
		given[i] = v
	}
	if err := n.session.Run(given, got); err != nil {
		return nil, fmt.Errorf("run the network: %w", err)
	}
	out := make([]Tensor, len(got))
	for i, v := range got {
		t, err := tensor(v)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", n.outputs[i].Name, err)
		}
		out[i] = t
	}
	return out, nil
}

// value is t as the runtime has it.
func value(t Tensor) (ort.Value, error) {
	switch {
	case t.Ints != nil && len(t.Shape) == 0:
		return ort.NewScalar(t.Ints[0])
	case t.Ints != nil:
		return ort.NewTensor(ort.Shape(t.Shape), t.Ints)
	}
	return ort.NewTensor(ort.Shape(t.Shape), t.Floats)
}

// tensor copies a value out of the runtime.
func tensor(v ort.Value) (Tensor, error) {
	t := Tensor{Shape: v.GetShape()}
	switch v := v.(type) {
	case *ort.Tensor[float32]:
		t.Floats = append(t.Floats, v.GetData()...)
	case *ort.Tensor[int64]:
		t.Ints = append(t.Ints, v.GetData()...)
	default:
		return t, fmt.Errorf("it is no floats or integers: %w", fs.ErrInvalid)
	}
	return t, nil
}

// Close frees what Open made.
func (n *Network) Close() error { return n.session.Destroy() }
