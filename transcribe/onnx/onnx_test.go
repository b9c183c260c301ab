package onnx_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lydhor/transcribe/onnx"
	"lydhor/transcribe/onnx/onnxtest"
)

// sums is a network that gives 2a + b for pairs (a, b).
func sums() *onnxtest.Graph {
	var g onnxtest.Graph
	g.Input("pairs", -1, 2)
	g.Weights("weights", []int64{2, 1}, 2, 1)
	g.Node("MatMul", []string{"pairs", "weights"}, "sums", nil)
	g.Output("sums", -1, 1)
	return &g
}

func TestRun(t *testing.T) {
	n, err := onnx.Open(onnxtest.Library(t), sums().Write(t, t.TempDir(), "sums.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if in, out := n.Inputs(), n.Outputs(); len(in) != 1 || len(out) != 1 || in[0].String() != "pairs float[-1 2]" || !out[0].Takes(-1, 1) {
		t.Errorf("got inputs %v and outputs %v", in, out)
	}
	out, err := n.Run(onnx.Tensor{Shape: []int64{2, 2}, Floats: []float32{1, 2, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{4, 10}; !slices.Equal(out[0].Floats, want) || !slices.Equal(out[0].Shape, []int64{2, 1}) { // 2·1+2, 2·3+4
		t.Errorf("got %v of shape %v, want %v", out[0].Floats, out[0].Shape, want)
	}
}

func TestRunRefuses(t *testing.T) {
	n, err := onnx.Open(onnxtest.Library(t), sums().Write(t, t.TempDir(), "sums.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for _, test := range []struct {
		name string
		in   []onnx.Tensor
	}{
		{"no input", nil},
		{"another shape", []onnx.Tensor{{Shape: []int64{1, 3}, Floats: []float32{1, 2, 3}}}},
		{"fewer numbers than the shape says", []onnx.Tensor{{Shape: []int64{2, 2}, Floats: []float32{1}}}},
		{"integers", []onnx.Tensor{{Shape: []int64{1, 2}, Ints: []int64{1, 2}}}},
	} {
		if out, err := n.Run(test.in...); err == nil {
			t.Errorf("%s: got %v, want an error", test.name, out)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	library := onnxtest.Library(t)
	dir := t.TempDir()
	whole := sums().Bytes()
	write := func(name string, data []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, test := range []struct{ name, file, want string }{
		{"empty", write("empty", nil), "cut off"},
		{"truncated", write("truncated", whole[:len(whole)/2]), "cut off"},
		{"something else", write("text", []byte("<html>not found</html>")), "no ONNX file"},
		{"an operation that does not exist", func() string {
			var g onnxtest.Graph
			g.Input("x", 1)
			g.Node("Nonsense", []string{"x"}, "y", nil)
			g.Output("y", 1)
			return g.Write(t, dir, "nonsense")
		}(), "nonsense"},
	} {
		if _, err := onnx.Open(library, test.file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if _, err := onnx.Open(library, filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestOpenWithoutRuntime(t *testing.T) {
	onnxtest.Library(t) // the test is about C
	file := sums().Write(t, t.TempDir(), "sums.onnx")
	library := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if _, err := onnx.Open(library, file); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), library) {
		t.Errorf("got %v, want %v for %s", err, fs.ErrNotExist, library)
	}
}
