package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a Store for tests. Its zero value is empty.
type Memory struct {
	mu      sync.Mutex
	objects map[string]stored
}

type stored struct {
	data []byte
	put  time.Time
}

var _ Store = (*Memory)(nil)

// Put is Store's.
func (m *Memory) Put(_ context.Context, key string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("store object %s: %w", key, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.objects == nil {
		m.objects = map[string]stored{}
	}
	m.objects[key] = stored{data, time.Now()}
	return nil
}

// Open is Store's.
func (m *Memory) Open(_ context.Context, key string) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[key]
	if !ok {
		return nil, fmt.Errorf("open object %s: %w", key, ErrNotFound)
	}
	return memoryObject{bytes.NewReader(o.data)}, nil
}

type memoryObject struct{ *bytes.Reader }

func (memoryObject) Close() error { return nil }

// Delete is Store's.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
	return nil
}

// Keys is Store's.
func (m *Memory) Keys(_ context.Context, prefix string, before time.Time) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := slices.Sorted(maps.Keys(m.objects))
	return slices.DeleteFunc(keys, func(k string) bool {
		return !strings.HasPrefix(k, prefix) || !m.objects[k].put.Before(before)
	}), nil
}

// All is Store's.
func (m *Memory) All(_ context.Context, prefix string) iter.Seq2[Info, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Info
	for _, key := range slices.Sorted(maps.Keys(m.objects)) {
		if strings.HasPrefix(key, prefix) {
			list = append(list, Info{key, int64(len(m.objects[key].data)), m.objects[key].put})
		}
	}
	return func(yield func(Info, error) bool) {
		for _, info := range list {
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Sweep is Store's.
func (m *Memory) Sweep(context.Context, time.Time) error { return nil }
