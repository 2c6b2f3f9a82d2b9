package i18n

import (
	"context"
	"strings"
	"time"
)

// Sentence gives the text of key for the reader of ctx, with values as the
// program keeps them: those whose name ends in Bytes are sizes, in On days
// (YYYY-MM-DD), in At times (RFC 3339).
func Sentence(ctx context.Context, key string, args map[string]any) string {
	written := make(Args, len(args))
	for name, value := range args {
		written[name] = value
		switch held := value.(type) {
		case int64:
			if strings.HasSuffix(name, "Bytes") {
				written[name] = Bytes(ctx, held)
			}
		case string:
			switch {
			case strings.HasSuffix(name, "On"):
				written[name] = Day(ctx, held)
			case strings.HasSuffix(name, "At"):
				if when, err := time.Parse(time.RFC3339, held); err == nil {
					written[name] = DateTime(ctx, when)
				}
			}
		}
	}
	return T(ctx, key, written)
}

// SentenceIn is Sentence in a language such as "fr", for readers of whom
// nothing else is known: times are in UTC.
func SentenceIn(lang, key string, args map[string]any) string {
	ctx := WithLocale(context.Background(), Locale{Language: Parse(lang)})
	return Sentence(ctx, key, args)
}
