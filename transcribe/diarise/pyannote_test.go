package diarise

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lydhor/analysis/score"
	"lydhor/pipeline"
	"lydhor/transcribe/onnx"
	"lydhor/transcribe/onnx/onnxtest"
)

// The voices that the networks of these tests know are tones.
var tones = [locals]float64{500, 1500, 3000}

// segmenter is a segmentation network: a speaker speaks where the energy at her tone, the
// square of a quarter of its amplitude, or so, passes a threshold. The score of a set is the
// sum of its speakers' energies above it.
func segmenter(window int64) *onnxtest.Graph {
	const threshold, scale = 0.001, 1e4
	var filters, weights []float32
	for _, hz := range tones {
		for _, shift := range []float64{0, math.Pi / 2} {
			for i := range stretchField {
				filters = append(filters, float32(math.Sin(2*math.Pi*hz*float64(i)/pipeline.SampleRate+shift)/stretchField))
			}
		}
	}
	bias := make([]float32, len(powerset))
	for f := range 2 * locals {
		for c, set := range powerset {
			by := float32(0)
			if set.has(f / 2) {
				by = scale
			}
			weights = append(weights, by)
			bias[c] = float32(-scale * threshold * float64(set.count()))
		}
	}
	var g onnxtest.Graph
	g.Input("x", -1, 1, window)
	g.Weights("filters", []int64{2 * locals, 1, stretchField}, filters...)
	g.Weights("weights", []int64{2 * locals, int64(len(powerset))}, weights...)
	g.Weights("bias", []int64{int64(len(powerset))}, bias...)
	g.Node("Conv", []string{"x", "filters"}, "waves", map[string]any{"strides": []int{stretchShift}, "kernel_shape": []int{stretchField}})
	g.Node("Mul", []string{"waves", "waves"}, "energy", nil)
	g.Node("Transpose", []string{"energy"}, "frames", map[string]any{"perm": []int{0, 2, 1}})
	g.Node("MatMul", []string{"frames", "weights"}, "sums", nil)
	g.Node("Add", []string{"sums", "bias"}, "y", nil)
	g.Output("y", -1, -1, int64(len(powerset)))
	return &g
}

// embedder is a speaker embedding network: the mean of the bands.
func embedder() *onnxtest.Graph {
	var g onnxtest.Graph
	g.Input("feats", -1, -1, fbankBands)
	g.Node("ReduceMean", []string{"feats"}, "embs", map[string]any{"axes": []int{1}, "keepdims": 0})
	g.Output("embs", -1, fbankBands)
	return &g
}

// installed is a models folder with both networks.
func installed(t *testing.T) Files {
	t.Helper()
	f := Files{Models: t.TempDir(), Runtime: onnxtest.Library(t)}
	segmenter(stretchLen).Write(t, f.Models, segmentationFolder+"/model.onnx")
	embedder().Write(t, f.Models, embeddingFolder+"/voices.onnx")
	return f
}

// tonal is a talk of tones over a hiss, and who speaks when in it.
func tonal() (pipeline.Samples, []pipeline.SpeakerTurn) {
	x := noise(26, 0.003)
	var turns []pipeline.SpeakerTurn
	for _, s := range []struct {
		voice    int
		from, to float64
	}{
		{0, 0.5, 4}, {1, 4.5, 8}, {0, 8.5, 12}, {1, 11, 15}, {2, 15.5, 19}, {0, 20, 22}, {1, 22, 22.4}, {0, 22.4, 25},
	} {
		turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.FromSeconds(s.from, s.to), Speaker: string(rune('a' + s.voice))})
		for i, v := range tone(tones[s.voice], s.to-s.from, 0.3) {
			x[int(s.from*pipeline.SampleRate)+i] += v
		}
	}
	return x, turns
}

func TestPyannote(t *testing.T) {
	d, err := Open("auto", installed(t))
	if err != nil {
		t.Fatal(err)
	}
	p, best := d.(*Pyannote)
	if !best {
		t.Fatalf("auto is %T where everything is installed", d)
	}
	defer p.Close()
	x, ref := tonal()
	for _, test := range []struct {
		name     string
		speakers pipeline.Speakers
		heard    int
	}{
		{"number open", pipeline.Speakers{}, 3},
		{"number known", pipeline.Speakers{Min: 3, Max: 3}, 3},
		{"fewer asked for", pipeline.Speakers{Min: 2, Max: 2}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			far := 0.0
			voices, err := p.Diarise(t.Context(), x, test.speakers, func(_ pipeline.Stage, done float64) { far = done })
			if err != nil {
				t.Fatal(err)
			}
			if got := names(voices.Turns); got != test.heard || far != 1 {
				t.Errorf("heard %d speakers, progress %v, want %d and 1", got, far, test.heard)
			}
			// Borders are off by half of what a frame hears, 31 ms, at most: 16 in 24.4 s.
			der := score.Diarisation(ref, voices.Turns, score.DEROptions{})
			if test.heard == 3 && der.Rate() > 0.02 {
				t.Errorf("got DER %.3f of %v, want at most 0.02", der.Rate(), voices.Turns)
			}
			if voices.Run.Params["path"] != "pyannote" || len(voices.Run.ModelHash) != 64 || voices.Run.Params["embedding"] != "voices.onnx" {
				t.Errorf("got run %+v", voices.Run)
			}
		})
	}
}

func TestPyannoteOddSound(t *testing.T) {
	p, err := OpenPyannote(installed(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, test := range []struct {
		name  string
		sound pipeline.Samples
		turns int
	}{
		{"no sound", nil, 0},
		{"less than a frame", make(pipeline.Samples, 100), 0},
		{"silence", make(pipeline.Samples, 12*pipeline.SampleRate), 0},
		{"hiss", noise(3, 0.003), 0},
		{"two seconds of one", append(noise(0.5, 0.003), tone(500, 1.5, 0.3)...), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			voices, err := p.Diarise(t.Context(), test.sound, pipeline.Speakers{Min: 2, Max: 2}, func(pipeline.Stage, float64) {})
			if err != nil || len(voices.Turns) != test.turns {
				t.Errorf("got %v, %v, want %d turns", voices, err, test.turns)
			}
		})
	}
}

// What is wrong with an installation is said in words, and nothing panics.
func TestOpenPyannoteRefuses(t *testing.T) {
	for _, test := range []struct {
		name, want string
		spoil      func(t *testing.T, f *Files)
	}{
		{"no runtime", "LYDHOR_ONNXRUNTIME", func(t *testing.T, f *Files) { f.Runtime = filepath.Join(t.TempDir(), "none.so") }},
		{"no segmentation", "put pyannote segmentation-3.0 there", func(t *testing.T, f *Files) {
			os.Remove(filepath.Join(f.Models, segmentationFolder, "model.onnx"))
		}},
		{"no embedding", "put a speaker embedding there", func(t *testing.T, f *Files) { os.Remove(filepath.Join(f.Models, embeddingFolder, "voices.onnx")) }},
		{"two embeddings", "2 ONNX files", func(t *testing.T, f *Files) { embedder().Write(t, f.Models, embeddingFolder+"/more.onnx") }},
		{"other windows", "a segmentation network takes", func(t *testing.T, f *Files) {
			segmenter(80000).Write(t, f.Models, segmentationFolder+"/model.onnx")
		}},
		{"networks changed about", "a segmentation network takes", func(t *testing.T, f *Files) {
			embedder().Write(t, f.Models, segmentationFolder+"/model.onnx")
		}},
		{"no embedding network", "a speaker embedding takes", func(t *testing.T, f *Files) {
			segmenter(stretchLen).Write(t, f.Models, embeddingFolder+"/voices.onnx")
		}},
		{"truncated", "cut off", func(t *testing.T, f *Files) {
			os.WriteFile(filepath.Join(f.Models, segmentationFolder, "model.onnx"), segmenter(stretchLen).Bytes()[:500], 0o644)
		}},
		{"a damaged int8 export", "1540506 bytes", func(t *testing.T, f *Files) {
			os.Remove(filepath.Join(f.Models, segmentationFolder, "model.onnx"))
			os.WriteFile(filepath.Join(f.Models, segmentationFolder, int8File), make([]byte, int8Size), 0o644)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := installed(t)
			test.spoil(t, &f)
			if _, err := Open("pyannote", f); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// A network may pass by its signature and still give something else.
func TestPyannoteWrongOutput(t *testing.T) {
	f := installed(t)
	var g onnxtest.Graph // gives one frame only
	g.Input("x", -1, 1, stretchLen)
	g.Weights("weights", []int64{stretchLen, int64(len(powerset))}, make([]float32, stretchLen*len(powerset))...)
	g.Node("MatMul", []string{"x", "weights"}, "y", nil)
	g.Output("y", -1, -1, int64(len(powerset)))
	g.Write(t, f.Models, segmentationFolder+"/model.onnx")
	p, err := OpenPyannote(f)
	if err != nil {
		return // the runtime found out by itself
	}
	defer p.Close()
	if _, err := p.Diarise(t.Context(), noise(1, 0.1), pipeline.Speakers{}, func(pipeline.Stage, float64) {}); err == nil {
		t.Error("got no error for one frame in place of 589")
	}
}

// Without the runtime, auto takes what is left and says so.
func TestAutoWithoutRuntime(t *testing.T) {
	models := t.TempDir()
	segmenter(stretchLen).Write(t, models, segmentationFolder+"/model.onnx")
	embedder().Write(t, models, embeddingFolder+"/voices.onnx")
	d, err := Open("auto", Files{Models: models})
	if err != nil {
		t.Fatal(err)
	}
	voices, err := d.Diarise(t.Context(), noise(1, 0.001), pipeline.Speakers{}, func(pipeline.Stage, float64) {})
	if err != nil || len(voices.Notices) != 1 || !strings.Contains(voices.Notices[0], "pyannote") || voices.Run.Params["path"] != "embedded" {
		t.Errorf("got %+v, %v, want the embedded path and a notice", voices, err)
	}
}

func TestAutoWithNothing(t *testing.T) {
	d, err := Open("auto", Files{Models: t.TempDir()})
	if _, embedded := d.(Embedded); !embedded || err != nil {
		t.Errorf("got %T, %v, want the embedded path", d, err)
	}
	if _, err := Open("silero", Files{Models: t.TempDir()}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("silero: got %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := Open("nonsense", Files{}); err == nil {
		t.Error("got no error for a path that there is not")
	}
}

// Silero VAD run by ONNX Runtime and by the code here nearly always agree on where speech is:
// the two files of it hold weights of different trainings.
func TestSileroByRuntime(t *testing.T) {
	const models = "../../../shared/models"
	network := models + "/silero-vad/silero_vad_16k_op15.onnx"
	if _, err := os.Stat(network); err != nil {
		t.Skip("no Silero VAD beside the repository: ", err)
	}
	n, err := onnx.Open(onnxtest.Library(t), network)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	own, err := OpenSilero(models)
	if err != nil {
		t.Fatal(err)
	}
	samples, _ := conversation(t)
	samples = append(make(pipeline.Samples, chunkContext), samples[:10*pipeline.SampleRate]...)
	state := onnx.Tensor{Shape: []int64{2, 1, 128}, Floats: make([]float32, 2*128)}
	chunks, agreed, speech := 0, 0, 0
	for at := 0; at+chunkContext+chunk <= len(samples); at += chunk {
		x := samples[at : at+chunkContext+chunk]
		in := map[string]onnx.Tensor{"input": {Shape: []int64{1, int64(len(x))}, Floats: slices.Clone(x)}, "state": state, "sr": {Ints: []int64{pipeline.SampleRate}}}
		var ports []onnx.Tensor
		for _, p := range n.Inputs() {
			ports = append(ports, in[p.Name])
		}
		out, err := n.Run(ports...)
		if err != nil {
			t.Fatal(err)
		}
		state = out[1]
		chunks++
		speaks := out[0].Floats[0] > 0.5
		if speaks {
			speech++
		}
		if speaks == (own.vad.hear(x) > 0.5) {
			agreed++
		}
	}
	if agreed < chunks*95/100 || speech < chunks/5 || speech > chunks*95/100 {
		t.Errorf("of %d chunks %d are speech and the two agree on %d, want 95 in a hundred", chunks, speech, agreed)
	}
}
