package transcribe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// Get downloads p from below base, an address, into folder dir and gives the file. A
// download that was cut off goes on where it ended; what does not have the pinned size and
// SHA-256 is deleted. Progress is told the bytes that are there.
func Get(ctx context.Context, base string, p Published, dir string, progress func(done int64)) (string, error) {
	file := filepath.Join(dir, p.filename())
	if _, err := os.Stat(file); err == nil {
		_, err := verify(p.in(dir))
		return file, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the models folder: %w", err)
	}
	part, err := os.OpenFile(file+".part", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", err
	}
	defer part.Close()
	sum := sha256.New()
	have, err := io.Copy(sum, part)
	if err != nil {
		return "", fmt.Errorf("read what was downloaded before: %w", err)
	}
	if have < p.Size {
		have, err = fetch(ctx, base, p, part, have, sum, progress)
		if err != nil {
			return "", fmt.Errorf("download model %s: %w", p.Name, err)
		}
	}
	if have < p.Size {
		return "", fmt.Errorf("download model %s: it ended after %d of %d bytes: run the command again, it goes on from there", p.Name, have, p.Size)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); have > p.Size || got != p.SHA256 {
		os.Remove(part.Name())
		return "", fmt.Errorf("download model %s: %d bytes with SHA-256 %s came instead of %d with %s, and were deleted: is %s the right address?",
			p.Name, have, got, p.Size, p.SHA256, base)
	}
	return file, os.Rename(part.Name(), file)
}

// fetch appends to part, which holds have bytes, what is missing of p and says how many
// bytes there are then. A server that does not know ranges sends everything again.
func fetch(ctx context.Context, base string, p Published, part *os.File, have int64, sum hash.Hash, progress func(int64)) (int64, error) {
	address, err := url.JoinPath(base, p.Path)
	if err != nil {
		return have, fmt.Errorf("%q is no address: %w", base, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return have, err
	}
	req.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	resp, err := downloader.Do(req)
	if err != nil {
		return have, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK:
		have = 0
		sum.Reset()
		if err := part.Truncate(0); err != nil {
			return 0, err
		}
	default:
		return have, fmt.Errorf("%s answered %s", address, resp.Status)
	}
	if _, err := part.Seek(have, io.SeekStart); err != nil {
		return have, err
	}
	counted := &counter{done: have, progress: progress}
	// one byte more than wanted tells a file that is too long
	n, err := io.Copy(io.MultiWriter(part, sum, counted), io.LimitReader(resp.Body, p.Size-have+1))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the server hung up: the caller sees what is missing
	}
	return have + n, err
}

// downloader follows a redirect to another server by https alone, and to none of our own
// network: the address that somebody configured is asked, not what it names instead.
var downloader = &http.Client{CheckRedirect: func(to *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("it sends from one address to the next")
	}
	if to.URL.Host == via[0].URL.Host {
		return nil
	}
	if to.URL.Scheme != "https" {
		return fmt.Errorf("it sends to %s, which is not https", to.URL.Redacted())
	}
	ips, err := net.DefaultResolver.LookupNetIP(to.Context(), "ip", to.URL.Hostname())
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if ip = ip.Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
			return fmt.Errorf("it sends to %s, which is on this network", to.URL.Redacted())
		}
	}
	return nil
}}

// counter tells progress how many bytes went by.
type counter struct {
	done     int64
	progress func(int64)
}

func (c *counter) Write(p []byte) (int, error) {
	c.done += int64(len(p))
	c.progress(c.done)
	return len(p), nil
}
