package workers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// scratchPrefix begins the names of folders that jobs decode in, below the folder for
// temporary files.
const scratchPrefix = "lydhor-work-"

// scratch gives f a folder that is gone when it returns. The folder is locked for as long as
// this process lives, so that others see when nobody is left to remove it.
func scratch(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", scratchPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lock, err := locked(dir)
	if err != nil {
		return fmt.Errorf("lock %s: %w", dir, err)
	}
	defer lock.Close()
	return f(dir)
}

// locked opens a folder and locks it until it is closed or the process dies.
func locked(dir string) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// clearScratch removes what dead workers of this machine left in their folders: a recording each,
// which nobody may hear there, and which would fill the disk. One made within age may not be
// locked yet.
func clearScratch(age time.Duration) error {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), scratchPrefix+"*"))
	for _, dir := range dirs {
		info, gone := os.Stat(dir)
		if gone != nil || time.Since(info.ModTime()) < age {
			continue
		}
		if lock, held := locked(dir); held == nil {
			err = errors.Join(err, os.RemoveAll(dir))
			lock.Close()
		}
	}
	return err
}
