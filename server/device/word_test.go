package device

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDevicesAreFoundByLaterWordsOfNamesUsersAndModels(t *testing.T) {
	for text, want := range map[string][]string{
		"ca-lt-04417":                      {"lt-04417", "04417"},
		"amara diallo":                     {"diallo"},
		`corp\jane`:                        {"jane"},
		"latitude 5440":                    {"5440"},
		"optiplex 7090 (micro) a b":        {"7090 (micro) a b", "micro) a b", "a b"},
		"éloïse bérubé":                    {"bérubé"},
		"-x":                               nil,
		"server":                           nil,
		"":                                 nil,
		"a one two three four five six 77": {"one two three four five six 77", "two three four five six 77", "three four five six 77", "four five six 77"},
	} {
		if diff := cmp.Diff(want, fromWords(text)); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
	given := []key{{KeyName, "pc-1234"}, {KeyName, "pc-1234.example.org"}, {KeySerial, "ab-1234"}, {KeyName, "1234"}}
	if diff := cmp.Diff(given, withWords(given), cmp.AllowUnexported(key{})); diff != "" {
		t.Errorf("what is there already, domains and evidence add no words:\n%s", diff)
	}
}
