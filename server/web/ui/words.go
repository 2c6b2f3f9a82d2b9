package ui

import (
	"context"
	"strings"

	"holdfast/server/web/i18n"
)

// Browser names a browser and its system from what it says about itself.
func Browser(ctx context.Context, client *string) string {
	if client == nil || *client == "" {
		return i18n.T(ctx, "session.unknown_client")
	}
	name := firstIn(*client, "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := firstIn(*client, "Windows", "Windows", "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Mac OS X", "macOS", "Linux", "Linux")
	switch {
	case name == "" && system == "":
		return *client
	case name == "" || system == "":
		return name + system
	}
	return i18n.T(ctx, "session.browser_on", i18n.Args{"Browser": name, "System": system})
}

// firstIn gives the name that stands after the first mark that the text has.
func firstIn(text string, marksAndNames ...string) string {
	for i := 0; i+1 < len(marksAndNames); i += 2 {
		if strings.Contains(text, marksAndNames[i]) {
			return marksAndNames[i+1]
		}
	}
	return ""
}

func orUnknown(ctx context.Context, text *string) string {
	if text == nil || *text == "" {
		return i18n.T(ctx, "answer.unknown")
	}
	return *text
}
