package diarise

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"lydhor/pipeline"
	"lydhor/transcribe/onnx"
)

// Files are where the paths that need models find them.
type Files struct {
	Models  string // folder
	Runtime string // file of ONNX Runtime's library; in the models folder where empty
}

// Where the models folder has what.
const (
	sileroFile         = "silero-vad/silero_vad_16k.safetensors"
	segmentationFolder = "pyannote-segmentation-3.0"
	embeddingFolder    = "speaker-embedding"
	dvectorFile        = "speaker-embedding-dvector/bilstm-mean-all-specaug.safetensors"
	runtimeFile        = "onnxruntime/libonnxruntime.so"
)

// The int8 export of pyannote segmentation-3.0 that sherpa-onnx publishes. Copies of it are
// known to be damaged, so that file has to be whole.
const (
	int8File   = "model.int8.onnx"
	int8Size   = 1540506
	int8SHA256 = "d582f4b4c6b48205de7e0643c57df0df5615a3c176189be3fc461e9d18827b5d"
)

func (f Files) runtime() string {
	if f.Runtime != "" {
		return f.Runtime
	}
	return filepath.Join(f.Models, runtimeFile)
}

// only is the one ONNX file of a folder in the models folder.
func (f Files) only(folder, holds string) (string, error) {
	dir := filepath.Join(f.Models, folder)
	found, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("no ONNX file in %s: put %s there: %w", dir, holds, fs.ErrNotExist)
	case len(found) > 1:
		return "", fmt.Errorf("%d ONNX files in %s: leave the one to use there", len(found), dir)
	}
	return found[0], nil
}

// OpenPyannote opens the networks in the models folder. fs.ErrNotExist and
// errors.ErrUnsupported are in its error where something is not installed.
func OpenPyannote(f Files) (*Pyannote, error) {
	segmentation, err := f.only(segmentationFolder, "pyannote segmentation-3.0")
	if err != nil {
		return nil, err
	}
	embedding, err := f.only(embeddingFolder, "a speaker embedding")
	if err != nil {
		return nil, err
	}
	if filepath.Base(segmentation) == int8File {
		if err := whole(segmentation); err != nil {
			return nil, err
		}
	}
	p := &Pyannote{}
	hashes := [2]string{}
	if p.segmentation, hashes[0], err = open(f.runtime(), segmentation, checkSegmentation); err != nil {
		return nil, err
	}
	if p.embedding, hashes[1], err = open(f.runtime(), embedding, checkEmbedding); err != nil {
		p.segmentation.Close()
		return nil, err
	}
	p.run = pipeline.Run{Stage: pipeline.Diarise, Model: segmentationFolder, ModelHash: hashes[0], Params: map[string]string{
		"path": "pyannote", "embedding": filepath.Base(embedding), "embedding_sha256": hashes[1],
	}}
	return p, nil
}

// whole says whether the file is the int8 export that it is called.
func whole(file string) error {
	data, err := os.ReadFile(file)
	if err == nil && hashOf(data) != int8SHA256 {
		err = fmt.Errorf("%s is not what sherpa-onnx publishes under that name (%d bytes, SHA-256 %s), but has %d bytes: fetch it again, or give another export another name",
			file, int8Size, int8SHA256, len(data))
	}
	return err
}

// open opens a network that passes check, and gives the hash of its file.
func open(library, file string, check func(*onnx.Network) error) (*onnx.Network, string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	n, err := onnx.Open(library, file)
	if err != nil {
		return nil, "", err
	}
	if err := check(n); err != nil {
		n.Close()
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	return n, hashOf(data), nil
}

func hashOf(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// paths are the ways to hear who speaks. auto is the first of the best that is installed;
// silero and dvector are not among them, since they hear no better than embedded
// (docs/benchmarks.md).
var (
	paths = []string{"auto", "pyannote", "embedded", "silero", "dvector"}
	best  = []string{"pyannote", "embedded"}
)

// Open gives the diariser of that path.
func Open(path string, f Files) (pipeline.Diariser, error) {
	switch path {
	case "pyannote":
		return diariser(OpenPyannote(f))
	case "silero":
		return diariser(OpenSilero(f.Models))
	case "dvector":
		return diariser(OpenDvector(f.Models))
	case "embedded":
		return Embedded{}, nil
	case "auto":
		d, _, notice, err := f.best()
		if err == nil && notice != "" {
			d = noticed{d, notice}
		}
		return d, err
	}
	return nil, fmt.Errorf("unknown path %q: use one of %v", path, paths)
}

// diariser keeps a nil pointer from becoming a Diariser.
func diariser[D pipeline.Diariser](d D, err error) (pipeline.Diariser, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Auto says which path auto takes, and what keeps it from a better one that is installed in
// part; "" where none is.
func (f Files) Auto() (path, notice string, err error) {
	_, path, notice, err = f.best()
	return path, notice, err
}

func (f Files) best() (d pipeline.Diariser, path, notice string, err error) {
	for _, path := range best {
		d, err := Open(path, f)
		switch {
		case err == nil:
			return d, path, notice, nil
		case !missing(err):
			return nil, "", "", err
		case path == "pyannote" && f.begun():
			notice = fmt.Sprintf("the pyannote path is installed in part and was not used: %v", err)
		}
	}
	panic("the embedded path needs nothing")
}

// missing reports whether something is not installed, or cannot be without C.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errors.ErrUnsupported)
}

// begun reports whether somebody put a segmentation network into the models folder.
func (f Files) begun() bool {
	found, _ := filepath.Glob(filepath.Join(f.Models, segmentationFolder, "*.onnx"))
	return len(found) > 0
}

// noticed is a diariser whose voices carry a notice.
type noticed struct {
	pipeline.Diariser
	notice string
}

func (n noticed) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	v, err := n.Diariser.Diarise(ctx, sound, speakers, progress)
	if v != nil {
		v.Notices = append(slices.Clone(v.Notices), n.notice)
	}
	return v, err
}
