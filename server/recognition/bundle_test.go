package recognition

import "testing"

func TestBundleIsReadable(t *testing.T) {
	b := &Bundle{}
	if err := b.read(); err != nil {
		t.Fatalf("%#v", err)
	}
	if _, err := NewMatcher(b.Products, b.Rules); err != nil {
		t.Fatal(err)
	}
	t.Log(len(b.Products), len(b.Rules))
}
