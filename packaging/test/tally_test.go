package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTallyCountsWhatEnded(t *testing.T) {
	const output = `{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"quiet\n"}
{"Action":"pass","Package":"a","Test":"TestOne/part","Elapsed":0.1}
{"Action":"pass","Package":"a","Test":"TestOne","Elapsed":0.1}
{"Action":"pass","Package":"a","Elapsed":0.2}
{"Action":"skip","Package":"none","Elapsed":0}
{"Action":"output","Package":"b","Test":"TestTwo","Output":"two is not three\n"}
{"Action":"fail","Package":"b","Test":"TestTwo","Elapsed":0.1}
{"Action":"output","Package":"b","Test":"TestThree","Output":"panic: three\n"}
{"Action":"skip","Package":"b","Test":"TestFour","Elapsed":0.1}
{"Action":"fail","Package":"b","Elapsed":0.2}
{"ImportPath":"c","Action":"build-output","Output":"c.go:1: no\n"}
{"ImportPath":"c","Action":"build-fail"}
{"Action":"fail","Package":"c","Elapsed":0,"FailedBuild":"c"}
go: something else
`
	var printed strings.Builder
	total := newTally(&printed)
	if err := total.read(strings.NewReader(output)); err != nil {
		t.Fatal(err)
	}
	want := `FAIL b TestTwo
SKIP b TestFour
FAIL c: the package failed
1 passed, 2 failed, 1 skipped`
	if diff := cmp.Diff(want, total.summary()); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{"two is not three", "panic: three", "c.go:1: no", "go: something else"} {
		if !strings.Contains(printed.String(), line) {
			t.Errorf("%q was not printed", line)
		}
	}
	if strings.Contains(printed.String(), "quiet") {
		t.Error("the output of a test that passed was printed")
	}
	if total.good() {
		t.Error("failures count as good")
	}
}
