// Package onnxtest writes small ONNX networks with planted weights, and finds the runtime
// that tests run them with.
package onnxtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"lydhor/transcribe/onnx"
)

// Library is the file of ONNX Runtime that LYDHOR_ONNXRUNTIME names. Without it, and without
// C, the test is skipped.
func Library(t *testing.T) string {
	t.Helper()
	library := os.Getenv("LYDHOR_ONNXRUNTIME")
	if library == "" {
		t.Skip("LYDHOR_ONNXRUNTIME names no ONNX Runtime: `make onnxruntime` fetches it")
	}
	if _, err := onnx.Open(library, os.DevNull); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	return library
}

// A Graph is a network in the making, in the order its nodes are added (onnx/onnx.proto; the
// numbers below are that file's).
type Graph struct{ graph message }

// Input declares an input of floats. A length below zero is left open.
func (g *Graph) Input(name string, shape ...int64) { g.graph.message(11, port(name, shape)) }

// Output declares an output of floats.
func (g *Graph) Output(name string, shape ...int64) { g.graph.message(12, port(name, shape)) }

// Weights adds a constant.
func (g *Graph) Weights(name string, shape []int64, values ...float32) {
	var w message
	for _, d := range shape {
		w.varint(1, uint64(d))
	}
	w.varint(2, 1) // floats
	w.text(8, name)
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	w.bytes(9, raw)
	g.graph.message(5, w)
}

// Node adds an operation; its attributes are integers or lists of them.
func (g *Graph) Node(operation string, in []string, out string, attributes map[string]any) {
	var n message
	for _, name := range in {
		n.text(1, name)
	}
	n.text(2, out)
	n.text(4, operation)
	for name, value := range attributes {
		var a message
		a.text(1, name)
		switch value := value.(type) {
		case int:
			a.varint(3, uint64(value))
			a.varint(20, 2) // an integer
		case []int:
			for _, v := range value {
				a.varint(8, uint64(v))
			}
			a.varint(20, 7) // integers
		default:
			panic(fmt.Sprintf("attribute %s is %T", name, value))
		}
		n.message(5, a)
	}
	g.graph.message(1, n)
}

// Bytes is the ONNX file.
func (g *Graph) Bytes() []byte {
	var m, opset message
	m.varint(1, 8)      // version of the file format
	opset.varint(2, 13) // version of the operations
	m.message(8, opset)
	graph := append(message(nil), g.graph...)
	graph.text(2, "test")
	m.message(7, graph)
	return m
}

// Write leaves the file under dir, by its name there.
func (g *Graph) Write(t *testing.T, dir, name string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, g.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func port(name string, shape []int64) message {
	var dims, tensor, kind, p message
	for _, d := range shape {
		var dim message
		if d < 0 {
			dim.text(2, "open")
		} else {
			dim.varint(1, uint64(d))
		}
		dims.message(1, dim)
	}
	tensor.varint(1, 1) // floats
	tensor.message(2, dims)
	kind.message(1, tensor)
	p.text(1, name)
	p.message(2, kind)
	return p
}

// A message is one in the making, in the encoding of protocol buffers.
type message []byte

func (m *message) varint(field int, v uint64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, v)
}

func (m *message) bytes(field int, data []byte) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(data)))
	*m = append(*m, data...)
}

func (m *message) text(field int, s string)        { m.bytes(field, []byte(s)) }
func (m *message) message(field int, part message) { m.bytes(field, part) }
