package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Setting is one setting of the server, for the reference.
type Setting struct {
	Name    string // in the environment and in the file
	Flag    string
	Default string
	Help    string
	Secret  bool // may be given as NAME_FILE
}

// Settings lists the settings of "holdfast serve" in the order of the struct.
func Settings() ([]Setting, error) {
	parser, err := kong.New(&Serve{}, append(Options(), kong.NoDefaultHelp(), kong.Exit(func(int) {}))...)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	var settings []Setting
	for _, flag := range parser.Model.Flags {
		if flag.Hidden || len(flag.Envs) == 0 {
			continue
		}
		settings = append(settings, Setting{
			Name: flag.Envs[0], Flag: "--" + flag.Name, Default: flag.Default,
			Help:   strings.ReplaceAll(flag.Help, "${enum}", strings.ReplaceAll(flag.Enum, ",", ", ")),
			Secret: flag.Tag.Has("secret"),
		})
	}
	return settings, nil
}

// Reference writes the settings of "holdfast serve" as a Markdown table.
func Reference(w io.Writer) error {
	settings, err := Settings()
	if err != nil {
		return err
	}
	var page strings.Builder
	page.WriteString("| Setting | Flag | Default | What it says |\n|---|---|---|---|\n")
	for _, s := range settings {
		name, preset := "`"+s.Name+"`", ""
		if s.Secret {
			name += " or `" + s.Name + "_FILE`"
		}
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		fmt.Fprintf(&page, "| %s | `%s` | %s | %s |\n", name, s.Flag, preset, strings.ReplaceAll(s.Help, "|", `\|`))
	}
	if _, err := io.WriteString(w, page.String()); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}
