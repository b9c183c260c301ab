package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-audio/audio"
	"github.com/go-audio/wav"
)

// errOtherWAV says that a file is a WAV in a coding that readWAV leaves to ffmpeg, or none.
var errOtherWAV = errors.New("not a WAV of plain samples")

const (
	wavInteger = 1
	wavFloat   = 3
	wavBlock   = 1 << 14 // samples read at a time

	wavChunkMost = 1 << 20 // bytes of any chunk but the samples
)

// A wavReader reads a WAV as 16-bit little-endian samples at its own rate, its channels
// mixed into one.
type wavReader struct {
	rate  int
	d     *wav.Decoder
	block *audio.IntBuffer
	out   []byte // decoded, not read yet
}

// readWAV reads the header of size bytes of r: 8, 16, 24 or 32-bit integers or 32-bit
// floats, any rate, any number of channels. A file shorter than its header says is refused
// rather than read in part.
func readWAV(r io.ReadSeeker, size int64) (*wavReader, error) {
	if err := checkChunks(r, size); err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	d := wav.NewDecoder(r)
	if err := d.FwdToPCM(); err != nil || d.Err() != nil || d.NumChans == 0 || d.SampleRate == 0 {
		return nil, errOtherWAV
	}
	integers := d.WavAudioFormat == wavInteger && (d.BitDepth == 8 || d.BitDepth == 16 || d.BitDepth == 24 || d.BitDepth == 32)
	if floats := d.WavAudioFormat == wavFloat && d.BitDepth == 32; !integers && !floats {
		return nil, errOtherWAV
	}
	return &wavReader{
		rate:  int(d.SampleRate),
		d:     d,
		block: &audio.IntBuffer{Data: make([]int, max(wavBlock, int(d.NumChans)))},
	}, nil
}

// checkChunks walks the chunks of a WAV up to its samples: go-audio believes each length,
// to the point of making room for it, and reads what it finds of the samples.
func checkChunks(r io.ReadSeeker, size int64) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return errOtherWAV
	}
	for at := int64(len(head)); ; {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return fmt.Errorf("%w: a WAV header and no samples: record or export it again", ErrBadAudio)
		}
		at += int64(len(chunk))
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if string(chunk[:4]) == "data" {
			if length > size-at {
				return fmt.Errorf("%w: the header promises %d bytes of samples and %d are there: the file was cut short, so copy it again from the recorder; "+
					"if there is no whole copy, `ffmpeg -i FILE NEW.wav` makes a file of what is left", ErrBadAudio, length, size-at)
			}
			return nil
		}
		length += length % 2
		if length > size-at || length > wavChunkMost {
			return errOtherWAV
		}
		if _, err := r.Seek(length, io.SeekCurrent); err != nil {
			return err
		}
		at += length
	}
}

// Read is io.Reader's.
func (w *wavReader) Read(p []byte) (int, error) {
	if len(w.out) == 0 {
		if err := w.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// decode refills w.out with the next block, mixed.
func (w *wavReader) decode() error {
	channels := int(w.d.NumChans)
	w.block.Data = w.block.Data[:cap(w.block.Data)/channels*channels]
	n, err := w.d.PCMBuffer(w.block)
	if err != nil {
		return fmt.Errorf("%w: read WAV samples: %v", ErrBadAudio, err)
	}
	if n < channels {
		return io.EOF
	}
	w.out = w.out[:0]
	for i := 0; i+channels <= n; i += channels {
		sum := 0.0
		for _, v := range w.block.Data[i : i+channels] {
			sum += w.sample(v)
		}
		v := math.Round(sum / float64(channels) * (1 << 15))
		w.out = binary.LittleEndian.AppendUint16(w.out, uint16(int16(max(-1<<15, min(1<<15-1, v)))))
	}
	return nil
}

// sample is what go-audio read, in [-1, 1]: it hands floats over as their bits and 8-bit
// samples unsigned, as they stand in the file.
func (w *wavReader) sample(v int) float64 {
	switch {
	case w.d.WavAudioFormat == wavFloat:
		f := float64(math.Float32frombits(uint32(v)))
		if math.IsNaN(f) {
			return 0
		}
		return max(-1, min(1, f))
	case w.d.BitDepth == 8:
		return float64(v-128) / (1 << 7)
	}
	return float64(v) / float64(int(1)<<(w.d.BitDepth-1))
}
