package intake

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"holdfast/server/fault"
)

// FuzzReport feeds foreign bytes to what reads reports: it refuses with a
// fault, or gives parts that every database can hold.
func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"id":"01900000-0000-7000-8000-000000000001","digest":"x","sections":[{"name":"memory","outcome":"ok","hash":"h","facts":{"slots":2}}]}`))
	f.Add([]byte(`{"id":"01900000-0000-7000-8000-000000000001","digest":"x","sections":[{"name":"software","outcome":"ok","hash":"h","facts":{"packages":[{"name":"a","x":1}],"y":"\ud800"}}]}`))
	f.Add([]byte("{\"id\":\"\xff\",\"sections\":[{\"name\":\"\\u0000\"}]}"))
	f.Add([]byte(`{"sections":[{"facts":`))
	f.Fuzz(func(t *testing.T, body []byte) {
		message, err := readReport(body)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		parts, _, _, _ := readParts(message)
		for _, part := range parts {
			if !json.Valid(part.Facts) || part.Facts[0] != '{' || !utf8.Valid(part.Facts) {
				t.Errorf("%s: facts are %q", part.Name, part.Facts)
			}
			if !utf8.ValidString(part.Detail) {
				t.Errorf("%s: detail is %q", part.Name, part.Detail)
			}
		}
	})
}
