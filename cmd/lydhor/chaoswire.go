package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// What a wire does to what goes through it.
const (
	wireFine int32 = iota
	wireGone       // nobody answers
	wireSlow       // every answer comes late
	wire500        // and the rest are of S3 only
	wire503
	wireCut // bodies end in the middle, both ways
)

// mood is what a wire does at the moment.
type mood struct{ now atomic.Int32 }

// as has it do that for a while.
func (m *mood) as(ctx context.Context, what int32, lasting time.Duration) error {
	m.now.Store(what)
	rest(ctx, lasting)
	m.now.Store(wireFine)
	return nil
}

// late is what a slow wire adds.
const late = 100 * time.Millisecond

// A wire carries TCP connections to a server.
type wire struct {
	mood
	listener net.Listener
	server   string
	mu       sync.Mutex
	open     map[net.Conn]bool
}

// newWire carries to the host of address, a URL.
func newWire(address string) (*wire, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, server: u.Host, open: map[net.Conn]bool{}}
	go w.accept()
	return w, nil
}

// through is address by way of the wire.
func (w *wire) through(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = w.listener.Addr().String()
	return u.String()
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		if w.now.Load() == wireGone {
			near.Close()
			continue
		}
		far, err := net.Dial("tcp", w.server)
		if err != nil {
			near.Close()
			continue
		}
		w.mu.Lock()
		w.open[near], w.open[far] = true, true
		w.mu.Unlock()
		go w.carry(near, far)
		go w.carry(far, near)
	}
}

func (w *wire) carry(from, to net.Conn) {
	defer func() {
		from.Close()
		to.Close()
		w.mu.Lock()
		delete(w.open, from)
		w.mu.Unlock()
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		switch w.now.Load() {
		case wireGone:
			return
		case wireSlow:
			time.Sleep(late)
		}
		if _, wrong := to.Write(buffer[:n]); err != nil || wrong != nil {
			return
		}
	}
}

// cut ends all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		c.Close()
	}
}

func (w *wire) close() {
	w.listener.Close()
	w.cut()
}

// An objectWire carries HTTP requests to an S3 server, whose signatures stay valid.
type objectWire struct {
	mood
	server *httptest.Server
	proxy  *httputil.ReverseProxy
}

func newObjectWire(endpoint string) (*objectWire, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	w := &objectWire{}
	w.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(u)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			if w.now.Load() == wireCut && r.Request.Method == "GET" {
				r.Body = cutShort(r.Body, r.ContentLength/2)
			}
			return nil
		},
		FlushInterval: -1,
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:      log.New(io.Discard, "", 0), // its errors are meant
	}
	w.server = httptest.NewServer(w)
	return w, nil
}

// ServeHTTP is http.Handler's.
func (w *objectWire) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	switch w.now.Load() {
	case wireGone:
		panic(http.ErrAbortHandler)
	case wireSlow:
		time.Sleep(late)
	case wire500:
		answer.WriteHeader(http.StatusInternalServerError)
		return
	case wire503:
		answer.WriteHeader(http.StatusServiceUnavailable)
		return
	case wireCut:
		if r.Method == "PUT" {
			r.Body = cutShort(r.Body, r.ContentLength/2)
		}
	}
	w.proxy.ServeHTTP(answer, r)
}

// cutShort is a body whose connection breaks after n bytes.
func cutShort(body io.ReadCloser, n int64) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(body, max(n, 0)), broken{}), body}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cut") }
