package i18n

import (
	"context"
	"testing"
	"time"
)

func reader(t *testing.T, language Language) context.Context {
	t.Helper()
	zone, err := time.LoadLocation("America/Montreal")
	if err != nil {
		t.Fatal(err)
	}
	return WithLocale(t.Context(), Locale{Language: language, Zone: zone, Now: time.Date(2027, 3, 14, 17, 14, 0, 0, time.UTC)})
}

func TestValuesAreWrittenInTheMannerOfTheLanguage(t *testing.T) {
	en, fr := reader(t, English), reader(t, French)
	now := LocaleOf(en).Now
	for _, each := range []struct {
		name, english, french string
		write                 func(context.Context) string
	}{
		{"number", "1,284", "1\u00a0284", func(ctx context.Context) string { return Number(ctx, 1284) }},
		{"decimal", "3.5", "3,5", func(ctx context.Context) string { return Decimal(ctx, 3.52, 1) }},
		{"percent", "41\u00a0%", "41\u00a0%", func(ctx context.Context) string { return Percent(ctx, .41) }},
		{"memory", "16\u00a0GB", "16\u00a0Go", func(ctx context.Context) string { return Bytes(ctx, 16<<30) }},
		{"little", "700\u00a0MB", "700\u00a0Mo", func(ctx context.Context) string { return Bytes(ctx, 700<<20) }},
		{"drive", "256\u00a0GB", "256\u00a0Go", func(ctx context.Context) string { return DriveBytes(ctx, 256_060_514_304) }},
		{"large drive", "1.9\u00a0TB", "1,9\u00a0To", func(ctx context.Context) string { return DriveBytes(ctx, 1_920_383_410_176) }},
		{"day", "14\u00a0Mar 2027", "14\u00a0mars 2027", func(ctx context.Context) string { return Date(ctx, now) }},
		{"first", "1\u00a0Aug 2027", "1er\u00a0août 2027", func(ctx context.Context) string { return Day(ctx, "2027-08-01") }},
		{"clock", "13:14", "13\u00a0h\u00a014", func(ctx context.Context) string { return Clock(ctx, now) }},
		{"no date", "yesterday", "yesterday", func(ctx context.Context) string { return Day(ctx, "yesterday") }},
		{"now", "just now", "à l’instant", func(ctx context.Context) string { return Ago(ctx, now.Add(-20*time.Second)) }},
		{"minutes", "3\u00a0min ago", "il y a 3\u00a0min", func(ctx context.Context) string { return Ago(ctx, now.Add(-3*time.Minute)) }},
		{"day before", "1 day ago", "il y a 1 jour", func(ctx context.Context) string { return Ago(ctx, now.Add(-25*time.Hour)) }},
		{"days", "21 days ago", "il y a 21 jours", func(ctx context.Context) string { return Ago(ctx, now.Add(-21*24*time.Hour)) }},
		{"long ago", "14\u00a0Mar 2025", "14\u00a0mars 2025", func(ctx context.Context) string { return Ago(ctx, now.AddDate(-2, 0, 0)) }},
		{"plural of none", "0 devices", "0 appareil", func(ctx context.Context) string { return Count(ctx, "devices.total", 0) }},
		{"plural of many", "1,000,000 devices", "1\u00a0000\u00a0000 appareils", func(ctx context.Context) string { return Count(ctx, "devices.total", 1_000_000) }},
	} {
		if got := each.write(en); got != each.english {
			t.Errorf("%s is %q in English, want %q", each.name, got, each.english)
		}
		if got := each.write(fr); got != each.french {
			t.Errorf("%s is %q in French, want %q", each.name, got, each.french)
		}
	}
}

func TestLanguageComesFromWhatTheBrowserAccepts(t *testing.T) {
	for header, want := range map[string]Language{
		"": English, "fr-CA,fr;q=0.9,en;q=0.8": French, "en-GB": English, "de,fr;q=0.5": French, "de": English, "*": English, "garbage;;": English,
	} {
		if got := Accepted(header); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
	if got := Translate("fr-CA", "area.devices", nil); got != "Appareils" {
		t.Errorf("fr-CA gives %q", got)
	}
	if got := Translate("en", "no.such.key", nil); got != "no.such.key" {
		t.Errorf("a missing text gives %q", got)
	}
}
