package transcribe

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// A shape is how large the parts of a whisper model are. Width is that of encoder and decoder.
type shape struct {
	vocabulary, width, heads, encoder, decoder, mels int
}

// shapes are those of OpenAI's multilingual models.
var shapes = map[string]shape{
	"tiny":           {51865, 384, 6, 4, 4, 80},
	"base":           {51865, 512, 8, 6, 6, 80},
	"small":          {51865, 768, 12, 12, 12, 80},
	"medium":         {51865, 1024, 16, 24, 24, 80},
	"large-v3":       {51866, 1280, 20, 32, 32, 128},
	"large-v3-turbo": {51866, 1280, 20, 32, 4, 128},
}

const (
	audioPositions = 1500
	textPositions  = 448
	spectrum       = 201 // frequencies, of which the mel bands are made
)

// WriteRandom writes a model of the shape of the published one of that name, quantised as q5_0, with
// random weights: for measuring speed and memory where the weights cannot be had. It says
// nothing that makes sense.
func WriteRandom(w io.Writer, name string) error {
	s, known := shapes[name]
	if !known {
		return fmt.Errorf("no shape %q: there are tiny, base, small, medium, large-v3 and large-v3-turbo", name)
	}
	r := &randomModel{w: bufio.NewWriterSize(w, 1<<20), random: rand.New(rand.NewPCG(1, 2))}
	r.header(s)
	r.layers("encoder", s.width, s.encoder, s.mels)
	r.layers("decoder", s.width, s.decoder, s.vocabulary)
	if r.err != nil {
		return fmt.Errorf("write a random model: %w", r.err)
	}
	return r.w.Flush()
}

// randomModel writes ggml's older file format, which whisper.cpp keeps to: header, mel
// filters, vocabulary, then each tensor with its name and dimensions.
type randomModel struct {
	w      *bufio.Writer
	random *rand.Rand
	err    error
}

func (r *randomModel) write(v any) {
	if r.err == nil {
		r.err = binary.Write(r.w, binary.LittleEndian, v)
	}
}

func (r *randomModel) numbers(n ...int) {
	for _, v := range n {
		r.write(int32(v))
	}
}

// header ends with a vocabulary of numbers in brackets, up to the first special token.
func (r *randomModel) header(s shape) {
	const (
		magic     = 0x67676d6c // "ggml"
		fileQ5    = 8          // GGML_FTYPE_MOSTLY_Q5_0
		quantised = 2 * 1000   // the second way of quantising
		texts     = 50257
	)
	r.numbers(magic, s.vocabulary, audioPositions, s.width, s.heads, s.encoder, textPositions, s.width, s.heads, s.decoder, s.mels, quantised+fileQ5)
	r.numbers(s.mels, spectrum)
	r.floats(s.mels*spectrum, 0.01)
	r.numbers(texts)
	for i := range texts {
		word := fmt.Sprintf(" [%d]", i)
		r.numbers(len(word))
		r.write([]byte(word))
	}
}

// layers writes encoder or decoder, whose table has as many rows: mel bands or tokens.
func (r *randomModel) layers(side string, width, layers, rows int) {
	blocks := []string{"attn"}
	if side == "encoder" {
		r.plain(side+".positional_embedding", width, audioPositions)
		r.half(side+".conv1.weight", 3, rows, width)
		r.plain(side+".conv1.bias", 1, width)
		r.half(side+".conv2.weight", 3, width, width)
		r.plain(side+".conv2.bias", 1, width)
		r.plain(side+".ln_post.weight", width)
		r.plain(side+".ln_post.bias", width)
	} else {
		blocks = append(blocks, "cross_attn")
		r.plain(side+".positional_embedding", width, textPositions)
		r.quantised(side+".token_embedding.weight", width, rows)
		r.plain(side+".ln.weight", width)
		r.plain(side+".ln.bias", width)
	}
	for i := range layers {
		block := fmt.Sprintf("%s.blocks.%d.", side, i)
		for _, attention := range blocks {
			r.plain(block+attention+"_ln.weight", width)
			r.plain(block+attention+"_ln.bias", width)
			for _, part := range []string{"query", "key", "value", "out"} {
				r.quantised(block+attention+"."+part+".weight", width, width)
				if part != "key" {
					r.plain(block+attention+"."+part+".bias", width)
				}
			}
		}
		r.plain(block+"mlp_ln.weight", width)
		r.plain(block+"mlp_ln.bias", width)
		r.quantised(block+"mlp.0.weight", width, 4*width)
		r.plain(block+"mlp.0.bias", 4*width)
		r.quantised(block+"mlp.2.weight", 4*width, width)
		r.plain(block+"mlp.2.bias", width)
	}
}

// Types of tensors in ggml.
const (
	typeF32 = 0
	typeF16 = 1
	typeQ5  = 6 // q5_0: blocks of 32 numbers in 22 bytes
)

// tensor writes what stands before a tensor's numbers, and says how many those are.
func (r *randomModel) tensor(name string, kind int, dims []int) (n int) {
	r.numbers(len(dims), len(name), kind)
	r.numbers(dims...)
	r.write([]byte(name))
	n = 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func (r *randomModel) plain(name string, dims ...int) {
	r.floats(r.tensor(name, typeF32, dims), 0.1)
}

func (r *randomModel) floats(n int, size float64) {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(size * r.random.NormFloat64())
	}
	r.write(list)
}

// half writes numbers of 2 to the power of -6, with either sign, as 16-bit floats.
func (r *randomModel) half(name string, dims ...int) {
	list := make([]uint16, r.tensor(name, typeF16, dims))
	for i := range list {
		list[i] = 0x2400 | uint16(r.random.Uint32()&1)<<15
	}
	r.write(list)
}

// quantised writes numbers up to 2 to the power of -5: those of a block count in steps of 2 to
// the power of -9, from -16 to 15.
func (r *randomModel) quantised(name string, dims ...int) {
	blocks := make([]byte, r.tensor(name, typeQ5, dims)/32*22)
	for i := 0; i+8 <= len(blocks); i += 8 {
		binary.LittleEndian.PutUint64(blocks[i:], r.random.Uint64())
	}
	for i := 0; i < len(blocks); i += 22 {
		binary.LittleEndian.PutUint16(blocks[i:], 0x1800)
	}
	r.write(blocks)
}
