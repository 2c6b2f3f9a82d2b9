package update

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
)

// packed is what the library makes of content.
func packed(t testing.TB, content []byte, options ...lz4.Option) []byte {
	t.Helper()
	var frame bytes.Buffer
	writer := lz4.NewWriter(&frame)
	if err := writer.Apply(options...); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return frame.Bytes()
}

func TestFramesAreReadAsTheyWereWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for name, content := range map[string][]byte{
		"nothing": {},
		"little":  []byte("Package: a\n"),
		"much":    []byte(strings.Repeat("Package: a\nVersion: 1\n\n", 100_000)),
		"noise":   noise,
	} {
		for options, frame := range map[string][]byte{
			"as it comes":   packed(t, content),
			"64 KiB":        packed(t, content, lz4.BlockSizeOption(lz4.Block64Kb)),
			"all checksums": packed(t, content, lz4.BlockChecksumOption(true), lz4.ChecksumOption(true), lz4.SizeOption(uint64(len(content)))),
		} {
			got, err := io.ReadAll(newLZ4Reader(bytes.NewReader(append(frame, frame...))))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, options, err)
			}
			if !bytes.Equal(got, append(bytes.Clone(content), content...)) {
				t.Errorf("%s, %s: %d bytes differ", name, options, len(got))
			}
			if _, err := io.ReadAll(newLZ4Reader(bytes.NewReader(frame[:len(frame)-1]))); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, %s: cut short, but the error is %v", name, options, err)
			}
		}
	}
}

// The library writes no frame whose blocks refer to earlier ones; apt does.
func linkedFrame() []byte {
	return []byte("\x04\x22\x4d\x18" + "\x40\x40\x00" + // version 1, linked, 64 KiB
		"\x10\x00\x00\x80" + "Package: linked\n" + // stored
		"\x09\x00\x00\x00" + "\x08\x10\x00" + "\x50again" + // 12 bytes from 16 back, 5 literals
		"\x00\x00\x00\x00")
}

func TestBlockMayReferToAnEarlierOne(t *testing.T) {
	got, err := io.ReadAll(newLZ4Reader(bytes.NewReader(linkedFrame())))
	if err != nil || string(got) != "Package: linked\nPackage: linagain" {
		t.Errorf("read %q, %v", got, err)
	}
}

func FuzzLZ4(f *testing.F) {
	f.Add(packed(f, []byte(strings.Repeat("Package: a\nVersion: 1\n\n", 50))))
	f.Add(linkedFrame())
	f.Add(packed(f, []byte("x"), lz4.BlockChecksumOption(true)))
	f.Fuzz(func(_ *testing.T, frame []byte) {
		_, _ = io.Copy(io.Discard, io.LimitReader(newLZ4Reader(bytes.NewReader(frame)), 8<<20)) // must not panic or hang
	})
}
