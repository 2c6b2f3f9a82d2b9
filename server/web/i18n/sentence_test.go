package i18n

import (
	"testing"
	"time"
)

func TestSentencesWriteValuesByTheirNames(t *testing.T) {
	args := map[string]any{"Volume": "C:", "FreeBytes": int64(3 << 30), "SizeBytes": int64(200 << 30), "Percent": int64(1)}
	for language, want := range map[string]string{
		"en": "Volume C: has 3\u00a0GB free of 200\u00a0GB",
		"fr": "Le volume C: n’a plus que 3\u00a0Go libres sur 200\u00a0Go",
	} {
		if got := SentenceIn(language, "check.disk_space.bad", args); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	dated := map[string]any{"System": "Debian 11 (bullseye)", "EndsOn": "2026-08-31", "Days": int64(40)}
	if got, want := SentenceIn("en", "check.system_support.bad", dated), "Debian 11 (bullseye) gets no security updates after 31\u00a0Aug 2026"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	seen := map[string]any{"SeenAt": time.Date(2026, 3, 14, 17, 4, 0, 0, time.UTC).Format(time.RFC3339)}
	if got, want := SentenceIn("fr", "check.server_silent.bad", seen), "L’agent n’a rien dit depuis le 14\u00a0mars 2026, 17\u00a0h\u00a004"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
