package printer

import (
	"net/url"
	"strings"

	"holdfast/shared/identify"
	"holdfast/shared/report"
)

// parseQueues reads printers.conf(5): a block for each queue, one setting a line.
func parseQueues(text string) []report.Queue {
	var queues []report.Queue
	var queue *report.Queue
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if block, is := strings.CutPrefix(line, "<"); is {
			kind, name, _ := strings.Cut(strings.TrimSuffix(block, ">"), " ")
			switch kind {
			case "Printer", "DefaultPrinter":
				queues = append(queues, report.Queue{Title: strings.TrimSpace(name), Default: kind == "DefaultPrinter"})
				queue = &queues[len(queues)-1]
			default:
				queue = nil
			}
			continue
		}
		if queue != nil {
			set(queue, line)
		}
	}
	return queues
}

func set(queue *report.Queue, line string) {
	name, value, _ := strings.Cut(line, " ")
	value = strings.NewReplacer(`\#`, "#", `\\`, `\`).Replace(strings.TrimSpace(value))
	switch name {
	case "MakeModel":
		queue.Model = strings.TrimSuffix(value, ", driverless")
	case "Location":
		queue.Location = value
	case "Shared":
		queue.Shared = strings.EqualFold(value, "yes")
	case "DeviceURI":
		queue.URI, queue.Serial = address(value)
	}
}

// address takes the secrets out of the address of a queue, and finds the
// serial number that addresses of USB printers carry.
func address(raw string) (uri, serial string) {
	parsed, err := url.Parse(raw)
	if err != nil {
		// What cannot be read cannot be cleaned, so nothing but the kind of
		// the address is given away.
		scheme, _, _ := strings.Cut(raw, ":")
		return scheme + ":", ""
	}
	parsed.User = nil
	parsed.Opaque = parsed.Opaque[strings.LastIndex(parsed.Opaque, "@")+1:] // without //, the user hides here
	query := parsed.Query()
	for name := range query {
		switch lower := strings.ToLower(name); {
		case lower == "serial":
			serial = query.Get(name)
		case strings.Contains(lower, "pass"), strings.Contains(lower, "user"), strings.Contains(lower, "token"):
			query.Del(name)
			parsed.RawQuery = query.Encode()
		}
	}
	if identify.Placeholder(serial) {
		serial = ""
	}
	return parsed.String(), serial
}

// parsePrintcap reads the list of names that CUPS writes for old programs:
// "HP_LaserJet|HP LaserJet 600:rm=server:rp=HP_LaserJet:".
func parsePrintcap(text string) []report.Queue {
	var queues []report.Queue
	for line := range strings.Lines(text) {
		names, _, is := strings.Cut(strings.TrimSpace(line), ":")
		if !is || names == "" || strings.HasPrefix(names, "#") {
			continue
		}
		name, _, _ := strings.Cut(names, "|")
		queues = append(queues, report.Queue{Title: name})
	}
	return queues
}

// defaultQueue reads the queue that the administrator chose with lpoptions(1).
func defaultQueue(text string) string {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "Default" {
			name, _, _ := strings.Cut(words[1], "/") // an instance of the queue
			return name
		}
	}
	return ""
}
