package seal_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/seal"
)

// service is a key management service of one key: a script that seals with openssl, and notes
// each time that it is asked.
const service = `#!/bin/sh
echo "$1" >> "$0.asked"
case "$1" in
wrap) openssl enc -aes-256-cbc -pbkdf2 -pass pass:in-the-module ;;
unwrap) openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:in-the-module ;;
esac
`

func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kms")
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

func command(t *testing.T, line string) seal.Key {
	t.Helper()
	key, err := seal.CommandKey(line)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Keys go over to a service, objects stay as they are, and the service is not asked for each
// range of sound.
func TestKeysAtAService(t *testing.T) {
	db, plain, kms := pgtest.New(t), &blob.Memory{}, script(t, service)
	file := master(t, newKey(t))
	name := uuid.NewString() + "/original"
	old := seal.Store{Store: plain, Ring: seal.Stored{Pool: db, Master: file}}
	if err := old.Put(t.Context(), name, strings.NewReader("sound")); err != nil {
		t.Fatal(err)
	}
	both := seal.Stored{Pool: db, Master: append(seal.Master{command(t, kms)}, file...)}
	if n, err := both.Rotate(t.Context()); err != nil || n != 1 {
		t.Fatalf("got %d rotated, %v, want 1", n, err)
	}
	now := seal.Store{Store: plain, Ring: seal.Stored{Pool: db, Master: seal.Master{command(t, kms)}}}
	fresh := uuid.NewString() + "/original"
	if err := now.Put(t.Context(), fresh, strings.NewReader("sound")); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		for _, name := range []string{name, fresh} {
			o, err := now.Open(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(o); string(got) != "sound" {
				t.Errorf("got %q", got)
			}
		}
	}
	asked, err := os.ReadFile(kms + ".asked")
	if n := bytes.Count(asked, []byte("unwrap")); err != nil || n != 2 {
		t.Errorf("it was asked to unwrap %d times, %v, want once a key", n, err)
	}
	if _, err := old.Open(t.Context(), name); err == nil {
		t.Error("the old master key still opens it")
	}
}

func TestServiceThatFails(t *testing.T) {
	db := pgtest.New(t)
	for name, text := range map[string]string{
		"refuses":          "#!/bin/sh\necho AGE-SECRET-KEY-1SECRET >&2; exit 3\n",
		"says nothing":     "#!/bin/sh\ncat >/dev/null\n",
		"never ends":       "#!/bin/sh\nyes\n",
		"gives other keys": "#!/bin/sh\necho hello\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := seal.Store{Store: &blob.Memory{}, Ring: seal.Stored{Pool: db, Master: seal.Master{command(t, script(t, text))}}}
			err := s.Put(t.Context(), uuid.NewString()+"/original", strings.NewReader("sound"))
			if err == nil || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %v, want it refused without what it said", err)
			}
		})
	}
	if _, err := seal.CommandKey("no-such-program-anywhere x"); err == nil {
		t.Error("a command that is not there was taken")
	}
	if _, err := seal.CommandKey(" "); err == nil {
		t.Error("no command was taken")
	}
}
