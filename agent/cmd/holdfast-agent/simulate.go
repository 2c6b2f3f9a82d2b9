package main

import "holdfast/agent/simulate"

type simulateCommand struct {
	simulate.Command `embed:""`
}

// Run implements the command.
func (c *simulateCommand) Run(env environment) error {
	return c.Do(env.ctx, version, env.stdout)
}
