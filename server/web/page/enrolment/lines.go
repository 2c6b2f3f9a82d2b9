package enrolment

import "strings"

// Lines are what a person pastes on a computer to let its agent in.
type Lines struct {
	Name   string
	Server string
	Secret string // shown this once
}

// settings writes the agent's settings and starts its service.
func (l Lines) settings() string {
	return "printf 'HOLDFAST_SERVER=%s\\nHOLDFAST_ENROLMENT_KEY=%s\\n' \\\n  " + l.Server + " \\\n  " + l.Secret +
		" \\\n  | sudo tee /etc/holdfast/agent.conf >/dev/null && sudo systemctl restart holdfast-agent"
}

// direct runs the program without a package.
func (l Lines) direct() string {
	line := "sudo ./holdfast-agent run --server " + l.Server + " \\\n  --enrolment-key " + l.Secret
	if strings.HasPrefix(l.Server, "http://") && !strings.HasPrefix(l.Server, "http://127.0.0.1") {
		line += " --insecure-http"
	}
	return line
}
