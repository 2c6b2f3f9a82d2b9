package recognition

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// pattern is a rule's name, made ready for comparing: what a name must
// begin and end with and hold is looked at first, since that rules most rules out.
type pattern struct {
	match  Match
	text   string // folded; of a regular expression: nothing
	begins string
	ends   string
	holds  string // somewhere
	needs  int    // letters that a name must have in common with the rule
	regexp *regexp.Regexp
	groups []string // names of the groups of regexp
}

// compile makes the regular expression that a whole folded name must fit.
func compile(text string) (*regexp.Regexp, error) {
	return regexp.Compile(`(?i)^(?:` + text + `)$`)
}

func newPattern(match Match, name string) (pattern, error) {
	if match != Regexp {
		text := fold(name)
		p := pattern{match: match, text: text, needs: len(text)}
		if match != Contains {
			p.begins = text
		}
		return p, nil
	}
	expression, err := compile(name)
	if err != nil {
		return pattern{}, fmt.Errorf("read expression %q: %w", name, err)
	}
	p := pattern{match: match, regexp: expression, groups: expression.SubexpNames()}
	parsed, err := syntax.Parse(name, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return pattern{}, fmt.Errorf("read expression %q: %w", name, err)
	}
	p.begins, _ = border(parsed, false)
	p.ends, _ = border(parsed, true)
	p.holds = held(parsed)
	p.needs = needed(parsed)
	return p, nil
}

// fits reports whether a folded name fits, and gives what its named groups
// caught.
func (p *pattern) fits(name string) (caught map[string]string, fits bool) {
	switch p.match {
	case Exact:
		return nil, name == p.text
	case Prefix:
		return nil, strings.HasPrefix(name, p.text)
	case Contains:
		return nil, strings.Contains(name, p.text)
	case Regexp:
	}
	if !strings.HasPrefix(name, p.begins) || !strings.HasSuffix(name, p.ends) || !strings.Contains(name, p.holds) {
		return nil, false
	}
	if len(p.groups) == 1 {
		return nil, p.regexp.MatchString(name)
	}
	found := p.regexp.FindStringSubmatch(name)
	if found == nil {
		return nil, false
	}
	caught = map[string]string{}
	for i, group := range p.groups {
		if group != "" && found[i] != "" {
			caught[group] = found[i]
		}
	}
	return caught, true
}

// border gives the literal text that everything an expression fits begins or
// ends with, and whether the expression is nothing else.
func border(e *syntax.Regexp, end bool) (text string, whole bool) {
	switch e.Op { //nolint:exhaustive // all others promise nothing
	case syntax.OpLiteral:
		return strings.ToLower(string(e.Rune)), true
	case syntax.OpEmptyMatch:
		return "", true
	case syntax.OpCapture:
		return border(e.Sub[0], end)
	case syntax.OpConcat:
		for i := range e.Sub {
			if !end {
				next, whole := border(e.Sub[i], end)
				if text += next; !whole {
					return text, false
				}
				continue
			}
			next, whole := border(e.Sub[len(e.Sub)-1-i], end)
			if text = next + text; !whole {
				return text, false
			}
		}
		return text, true
	}
	return "", false
}

// held gives the longest literal text that everything an expression fits has
// somewhere.
func held(e *syntax.Regexp) string {
	switch e.Op { //nolint:exhaustive // all others promise nothing
	case syntax.OpLiteral:
		return strings.ToLower(string(e.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return held(e.Sub[0])
	case syntax.OpConcat:
		longest := ""
		for _, each := range e.Sub {
			if text := held(each); len(text) > len(longest) {
				longest = text
			}
		}
		return longest
	}
	return ""
}

// needed counts the letters that everything an expression fits must have.
func needed(e *syntax.Regexp) int {
	switch e.Op { //nolint:exhaustive // all others promise nothing
	case syntax.OpLiteral:
		return len(string(e.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return needed(e.Sub[0])
	case syntax.OpRepeat:
		return e.Min * needed(e.Sub[0])
	case syntax.OpConcat:
		sum := 0
		for _, each := range e.Sub {
			sum += needed(each)
		}
		return sum
	case syntax.OpAlternate:
		least := needed(e.Sub[0])
		for _, each := range e.Sub[1:] {
			least = min(least, needed(each))
		}
		return least
	}
	return 0
}
