package pipeline

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfinedProgramHasNoEnvironmentOfOurs(t *testing.T) {
	t.Setenv("LYDHOR_S3_SECRET_KEY", "secret")
	out, err := confined(t.Context(), "env").Output()
	if err != nil || strings.Contains(string(out), "secret") {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestConfinedProgramIsBounded(t *testing.T) {
	if _, err := exec.LookPath("prlimit"); err != nil {
		t.Skip("no prlimit is installed")
	}
	file := filepath.Join(t.TempDir(), "nine gigabytes")
	out, err := confined(t.Context(), "dd", "if=/dev/zero", "of="+file, "bs=1", "count=2", "seek=9663676416").CombinedOutput()
	if err == nil {
		t.Errorf("it wrote beyond the bound: %s", out)
	}
	if info, err := os.Stat(file); err == nil && info.Size() > 8<<30 {
		t.Errorf("got a file of %d bytes", info.Size())
	}
}

func TestConfinedProgramHasNoNetwork(t *testing.T) {
	if withoutNetwork(t.Context()) == nil {
		t.Skip("this system gives no network namespaces")
	}
	out, err := confined(t.Context(), "cat", "/proc/net/route").Output()
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(out), "\n"); lines > 1 { // the heading
		t.Errorf("got routes:\n%s", out)
	}
}
