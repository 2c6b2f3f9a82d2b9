package user

import (
	"bytes"
	"testing"
)

func FuzzReadSignIns(f *testing.F) {
	record := make([]byte, 384)
	record[0] = 7
	copy(record[44:], "alice")
	record[340] = 1
	f.Add(record, false)
	f.Add(append(bytes.Clone(record), 7, 0, 0), false)
	f.Add(bytes.Repeat([]byte{7, 0}, 400), true)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, content []byte, wide bool) {
		arch := "x86_64"
		if wide {
			arch = "aarch64"
		}
		found, err := readSignIns(bytes.NewReader(content), layoutOf(arch))
		if err != nil {
			t.Errorf("a file of any content is read without an error, got %v", err)
		}
		for _, one := range found {
			if !isLogin(one.login) || one.at.IsZero() {
				t.Errorf("%q at %v is no sign-in", one.login, one.at)
			}
		}
	})
}
