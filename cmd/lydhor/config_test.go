package main

import "testing"

func TestCookiesTravelByHTTPSBeyondThisMachine(t *testing.T) {
	for _, test := range []struct {
		listen, url string
		want        bool
	}{
		{"127.0.0.1:8080", "", false},
		{"localhost:8080", "", false},
		{"[::1]:8080", "", false},
		{":8080", "", true},
		{"0.0.0.0:8080", "", true},
		{"127.0.0.1:8080", "https://lydhor.example", true}, // a proxy in front
		{"0.0.0.0:8080", "http://127.0.0.1:8080", false},   // a container whose port is published here
		{"127.0.0.1:8080", "http://lydhor.example", true},
	} {
		c := &config{Listen: test.listen, URL: test.url}
		if got := c.secure(); got != test.want {
			t.Errorf("%s, %q: got %t, want %t", test.listen, test.url, got, test.want)
		}
	}
}
