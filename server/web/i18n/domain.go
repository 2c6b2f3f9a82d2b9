package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
)

// Domains with many texts have catalogues of their own: en/NAME.json and
// fr/NAME.json. What they derive from the program is in fr/derived.NAME.json.
//
//go:embed en/*.json fr/*.json
var domains embed.FS

// addDomains adds the texts of the domains.
func addDomains(lang Language, texts map[string]json.RawMessage) error {
	files, err := domains.ReadDir(string(lang))
	if err != nil {
		return fmt.Errorf("list catalogues: %w", err)
	}
	for _, file := range files {
		content, err := domains.ReadFile(string(lang) + "/" + file.Name())
		if err != nil {
			return fmt.Errorf("read catalogue: %w", err)
		}
		var more map[string]json.RawMessage
		if err := json.Unmarshal(content, &more); err != nil {
			return fmt.Errorf("read catalogue %s/%s: %w", lang, file.Name(), err)
		}
		for key, text := range more {
			if _, twice := texts[key]; twice {
				return fmt.Errorf("read catalogue %s/%s: %s stands in another one too", lang, file.Name(), key)
			}
			texts[key] = text
		}
	}
	return nil
}
