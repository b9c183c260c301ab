package workers

import (
	"testing"
	"time"

	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// Workers erase by themselves what they may not keep, keep what is held, and read what there is.
func TestCareIsTaken(t *testing.T) {
	b := setup(t)
	ended, held, open := b.receive(beep(t, "3")), b.receive(beep(t, "4")), b.receive(beep(t, "5"))
	yesterday := time.Now().AddDate(0, 0, -2)
	for _, id := range []string{ended, held} {
		if err := consent.Put(ctx, b.pool, id, consent.Consent{Version: "1", Given: yesterday, Until: &yesterday}); err != nil {
			t.Fatal(err)
		}
	}
	if err := consent.Hold(ctx, b.pool, held, "case 17"); err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	b.until(open, done)
	b.until(held, done)
	b.until(open, func(*store.Recording) bool { return b.count(`from erasure`) == 1 })
	if _, err := consent.ProofOf(ctx, b.pool, ended); err != nil {
		t.Errorf("the recording whose consent has ended: %v", err)
	}
	b.until(open, func(*store.Recording) bool { return b.count(`from object`) == 6 })
	read := 0
	if err := Verify(ctx, b.pool, b.blobs, 0, func(o store.Object) bool {
		read++
		if o.Problem != "" {
			t.Errorf("%s is %s", o.Key(), o.Problem)
		}
		return true
	}); err != nil || read != 6 {
		t.Errorf("got %d objects read, %v, want three of each recording", read, err)
	}
	if got := b.count(`from river_job where kind in ('sweep', 'expire', 'verify')`); got != 3 {
		t.Errorf("got %d jobs of care, want 3", got)
	}
	b.until(open, func(*store.Recording) bool {
		return b.count(`from river_job where kind = 'verify' and state = 'completed'`) == 1
	})
	again, err := b.inbox.client.Insert(ctx, verifyArgs{}, onceADay()) // as who takes the lead next
	if err != nil || !again.UniqueSkippedAsDuplicate {
		t.Errorf("got %+v, %v, want no second verification on the same day", again, err)
	}
}
