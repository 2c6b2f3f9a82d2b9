package profile

import (
	"context"

	"holdfast/server/web/i18n"
	"holdfast/server/web/ui"
)

func languages(ctx context.Context) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: i18n.T(ctx, "account.as_browser")},
		{Value: "en", Label: i18n.Translate("en", "language.name", nil)},
		{Value: "fr", Label: i18n.Translate("fr", "language.name", nil)},
	}
}

func themes(ctx context.Context) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: i18n.T(ctx, "account.as_system")},
		{Value: "light", Label: i18n.T(ctx, "theme.light")},
		{Value: "dark", Label: i18n.T(ctx, "theme.dark")},
	}
}
