package page_test

import (
	"testing"

	"holdfast/server/web/page"
)

func TestLocalKeepsPeopleHere(t *testing.T) {
	for path, want := range map[string]string{
		"/devices?kind=laptop": "/devices?kind=laptop", "/": "/", "": "/", "devices": "/",
		"//evil.example": "/", "https://evil.example/devices": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/",
	} {
		if got := page.Local(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}
