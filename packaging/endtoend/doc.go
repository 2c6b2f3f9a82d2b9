// Package endtoend holds the tests that pull the plug: the built server and
// the agent's own delivery, killed with SIGKILL in the middle of their work and
// started again.
package endtoend
