package store

import "testing"

func TestEncrypted(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://u:p@db.example/lydhor":                     "postgres://u:p@db.example/lydhor?sslmode=verify-full",
		"postgres://u@10.0.0.7:5433/lydhor?application_name=x": "postgres://u@10.0.0.7:5433/lydhor?application_name=x&sslmode=verify-full",
		"postgres://u@db.example/lydhor?sslmode=require":       "postgres://u@db.example/lydhor?sslmode=require",
		"postgres://u@127.0.0.1:5432/lydhor":                   "postgres://u@127.0.0.1:5432/lydhor",
		"postgres://u@[::1]/lydhor":                            "postgres://u@[::1]/lydhor",
		"postgres://u@localhost/lydhor":                        "postgres://u@localhost/lydhor",
		"postgres:///lydhor?host=/run/postgresql":              "postgres:///lydhor?host=/run/postgresql",
		"host=/run/postgresql dbname=lydhor":                   "host=/run/postgresql dbname=lydhor",
	} {
		if got := encrypted(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
