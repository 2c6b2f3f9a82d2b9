package device

import (
	"context"
	"encoding/json"
	"testing"

	"holdfast/server/web/i18n"
)

func TestFactsThatNobodyKnowsAreShownToo(t *testing.T) {
	ctx := i18n.WithLocale(context.Background(), i18n.Locale{Language: i18n.French})
	facts := json.RawMessage(`{"future":{"colour":"teal"},"modules":[{"slot":"A","size_bytes":17179869184}],"total_bytes":16500000000}`)
	nodes := nodesOf(ctx, "memory", "", facts)
	if len(nodes) != 3 || nodes[0].Name != "total_bytes" || nodes[1].Name != "modules" || nodes[2].Name != "future" {
		t.Fatalf("the facts come as %+v", nodes)
	}
	if size := nodes[1].Inside[0].Inside[1]; size.Label != "Taille" || size.Value != "16\u00a0Go" || !size.Doc {
		t.Errorf("a known fact is shown as %+v", size)
	}
	if nodes[2].Doc || nodes[2].Inside[0].Value != "teal" {
		t.Errorf("an unknown fact is shown as %+v", nodes[2])
	}
}
