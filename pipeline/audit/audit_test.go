package audit_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/pgtest"
)

// written gives a log of eight events, two of a project, written by four at a time.
func written(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := pgtest.New(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for _, act := range []string{"read", "export"} {
				if err := audit.Add(context.Background(), db, audit.Event{Actor: "a", Act: act, Subject: "r"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	return db
}

func TestVerifyHoldsForConcurrentWriters(t *testing.T) {
	db := written(t)
	if n, last, err := audit.Verify(t.Context(), db); err != nil || n != 8 || len(last) != 32 {
		t.Errorf("got %d events, last %x, %v, want 8", n, last, err)
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	for _, test := range []struct{ name, sql, want string }{
		{"a text", `update audit_event set act = 'nothing' where n = 3`, "event 3 is not"},
		{"a time", `update audit_event set at = at - interval '1 day' where n = 8`, "event 8 is not"},
		{"text moved to the next field", `update audit_event set actor = 'ar', act = 'ead' where n = 1 or act = 'read'`, "is not"},
		{"one taken out", `delete from audit_event where n = 4`, "event 4 is gone"},
		{"two exchanged", `update audit_event set n = 9 where n = 4; update audit_event set n = 4 where n = 5; update audit_event set n = 5 where n = 9`, "event 4 is not"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := written(t)
			if _, err := db.Exec(t.Context(), `alter table audit_event disable trigger all`); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(t.Context(), test.sql); err != nil {
				t.Fatal(err)
			}
			if _, _, err := audit.Verify(t.Context(), db); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestLogIsOnlyAddedTo(t *testing.T) {
	db := written(t)
	for _, sql := range []string{`update audit_event set act = ''`, `delete from audit_event`, `truncate audit_event`} {
		if _, err := db.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "only added to") {
			t.Errorf("%s: got %v, want it refused", sql, err)
		}
	}
}

func TestSeenStandsOnceAMinute(t *testing.T) {
	db := pgtest.New(t)
	for _, e := range []audit.Event{{Actor: "a", Act: "read", Subject: "1"}, {Actor: "a", Act: "read", Subject: "1"}, {Actor: "a", Act: "read", Subject: "2"}, {Actor: "b", Act: "read", Subject: "1"}} {
		if err := audit.Seen(t.Context(), db, e); err != nil {
			t.Fatal(err)
		}
	}
	if n, _, err := audit.Verify(t.Context(), db); err != nil || n != 3 {
		t.Errorf("got %d events, %v, want 3", n, err)
	}
}
