package workers

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestScratchOfTheDeadIsCleared(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead := filepath.Join(os.TempDir(), scratchPrefix+"dead")
	others := filepath.Join(os.TempDir(), "lydhor-run")
	for _, dir := range []string{dead, others} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "original"), []byte("sound"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	there := func(dir string) bool { _, err := os.Stat(dir); return err == nil }
	err := scratch(func(living string) error {
		if err := clearScratch(time.Hour); err != nil || !there(dead) {
			t.Errorf("young folder: got error %v, there %v, want it left", err, there(dead))
		}
		err := clearScratch(0)
		if !there(living) {
			t.Error("the folder of a running job is gone")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if there(dead) || !there(others) {
		t.Errorf("got dead worker's folder %v, another program's %v, want it gone and there", there(dead), there(others))
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), scratchPrefix+"*")); len(left) > 0 {
		t.Errorf("%q is left behind", left)
	}
	want := errors.New("as f ended")
	if got := scratch(func(string) error { return want }); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
