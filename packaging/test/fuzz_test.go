package main

import "testing"

func TestEndOfTheTimeIsNoFailureOfAFuzzTarget(t *testing.T) {
	const elapsed = "fuzz: elapsed: 2s, execs: 21996 (10531/sec), new interesting: 0 (total: 70)\n--- FAIL: FuzzNDB (2.16s)\n"
	for output, want := range map[string]bool{
		elapsed + "    context deadline exceeded\nFAIL\nexit status 1\nFAIL\tholdfast/x\t2.165s\n":                                                                       true,
		elapsed + "    --- FAIL: FuzzNDB (0.00s)\n        x_test.go:9: context deadline exceeded\n    \n    Failing input written to testdata/fuzz/FuzzNDB/1a2b\nFAIL\n": false,
		elapsed + "    fuzzing process hung or terminated unexpectedly: exit status 2\n    Failing input written to testdata/fuzz/FuzzNDB/1a2b\nFAIL\n":                  false,
		"FAIL\tholdfast/x [build failed]\nFAIL\n": false,
	} {
		if got := timeIsUp([]byte(output)); got != want {
			t.Errorf("%v, want %v for:\n%s", got, want, output)
		}
	}
}
