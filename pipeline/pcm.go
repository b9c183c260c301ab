package pipeline

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// A PCM is decoded sound in a file: a WAV of 16-bit samples, SampleRate, one channel, so
// that it can be listened to as well.
type PCM struct {
	src  io.ReaderAt
	len  int
	file *os.File // that OpenPCM opened
}

// pcmHeader is the length of the header that CreatePCM writes and ReadPCM expects.
const pcmHeader = 44

// pcmBlock is how many bytes of a file are read at a time.
const pcmBlock = 1 << 20

// OpenPCM opens what CreatePCM wrote. Close it.
func OpenPCM(file string) (*PCM, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	p, err := ReadPCM(f, info.Size())
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p.file = f
	return p, nil
}

// ReadPCM reads sound from size bytes of src, such as an object in a store.
func ReadPCM(src io.ReaderAt, size int64) (*PCM, error) {
	header := make([]byte, pcmHeader)
	if _, err := src.ReadAt(header, 0); err != nil {
		return nil, fmt.Errorf("read decoded sound: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(header[40:]))
	if string(header[:4]) != "RIFF" || length != size-pcmHeader {
		return nil, fmt.Errorf("decoded sound is damaged: %d bytes where its header says %d: decode the recording again", size-pcmHeader, length)
	}
	return &PCM{src: src, len: int(length / 2)}, nil
}

// Close closes the file that OpenPCM opened.
func (p *PCM) Close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// Name is the file that OpenPCM opened.
func (p *PCM) Name() string { return p.file.Name() }

// Len is the number of samples.
func (p *PCM) Len() int { return p.len }

// ReadAt is Sound's.
func (p *PCM) ReadAt(dst Samples, at int) (int, error) {
	n := min(len(dst), p.len-at)
	if n <= 0 {
		return 0, io.EOF
	}
	raw := make([]byte, min(2*n, pcmBlock))
	for done := 0; done < n; {
		block := raw[:min(len(raw), 2*(n-done))]
		if _, err := p.src.ReadAt(block, int64(pcmHeader+2*(at+done))); err != nil && err != io.EOF {
			return 0, fmt.Errorf("read decoded sound: %w", err)
		}
		for i := 0; i < len(block); i += 2 {
			dst[done] = float32(int16(binary.LittleEndian.Uint16(block[i:]))) / (1 << 15)
			done++
		}
	}
	if n < len(dst) {
		return n, io.EOF
	}
	return n, nil
}

// CreatePCM writes raw 16-bit little-endian samples as the file that OpenPCM opens, and
// says how many samples there were.
func CreatePCM(file string, raw io.Reader) (samples int, err error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	if _, err := f.Seek(pcmHeader, io.SeekStart); err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	n, err := io.Copy(w, raw)
	if err != nil {
		return 0, err
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	n -= n % 2
	if err := f.Truncate(pcmHeader + n); err != nil {
		return 0, err
	}
	_, err = f.WriteAt(wavHeader(uint32(n)), 0)
	return int(n / 2), err
}

// WritePCM writes sound as CreatePCM does.
func WritePCM(file string, sound Sound) error {
	_, err := CreatePCM(file, &rawSound{sound: sound})
	return err
}

// rawSound reads a sound as raw 16-bit samples.
type rawSound struct {
	sound Sound
	at    int
	block Samples
}

// Read gives whole samples: p has room for one at least.
func (r *rawSound) Read(p []byte) (int, error) {
	r.block = slices.Grow(r.block[:0], len(p)/2)[:len(p)/2]
	n, err := r.sound.ReadAt(r.block, r.at)
	r.at += n
	for i, v := range r.block[:n] {
		binary.LittleEndian.PutUint16(p[2*i:], uint16(int16(max(-1<<15, min(1<<15-1, math.Round(float64(v)*(1<<15)))))))
	}
	return 2 * n, err
}

// wavHeader is the header of a WAV with n bytes of 16-bit mono samples (Multimedia
// Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
func wavHeader(n uint32) []byte {
	h := make([]byte, 0, pcmHeader)
	le := binary.LittleEndian
	h = le.AppendUint32(append(h, "RIFF"...), pcmHeader-8+n)
	h = le.AppendUint32(append(h, "WAVEfmt "...), 16)
	h = le.AppendUint16(h, 1) // PCM
	h = le.AppendUint16(h, 1) // one channel
	h = le.AppendUint32(h, SampleRate)
	h = le.AppendUint32(h, 2*SampleRate)
	h = le.AppendUint16(h, 2)
	h = le.AppendUint16(h, 16)
	return le.AppendUint32(append(h, "data"...), n)
}
