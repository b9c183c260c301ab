package main

import (
	"bytes"
	"strings"
	"testing"

	"lydhor/pipeline/audit"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

func TestVoicesSwitch(t *testing.T) {
	db := pgtest.New(t)
	if _, err := store.Project(t.Context(), db, "CUBB"); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"LYDHOR_DATABASE_URL": db.Config().ConnString()}
	for _, step := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 0, "CUBB: off"},
		{[]string{"on"}, 0, "CUBB: on"},
		{nil, 0, "CUBB: on"},
		{[]string{"off"}, 0, "CUBB: off"},
		{[]string{"perhaps"}, 2, "say on, off"},
		{[]string{"on", "--project", "nowhere"}, 1, "no project"},
	} {
		var out bytes.Buffer
		a := &app{getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &out}
		args := append([]string{"voices", "--project", "CUBB"}, step.args...)
		if status := a.run(t.Context(), args); status != step.status || !strings.Contains(out.String(), step.want) {
			t.Errorf("%v: got status %d, %q, want %d, %q", step.args, status, out.String(), step.status, step.want)
		}
	}
	if _, _, err := audit.Verify(t.Context(), db); err != nil {
		t.Error(err)
	}
	var switched int
	if err := db.QueryRow(t.Context(), `select count(*) from audit_event where act in ('voices on', 'voices off')`).Scan(&switched); err != nil || switched != 2 {
		t.Errorf("the log has %d switches, %v, want 2", switched, err)
	}
}
