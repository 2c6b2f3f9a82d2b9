package main

import (
	"os"
	"path/filepath"
	"runtime"
)

// stateDir is where the agent keeps its credential and its spool.
func stateDir() string {
	if os.Geteuid() > 0 { // neither root nor Windows, where there is no such number
		state := os.Getenv("XDG_STATE_HOME")
		if state == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				home = "."
			}
			state = filepath.Join(home, ".local", "state")
		}
		return filepath.Join(state, "holdfast-agent")
	}
	return serviceStateDir()
}

// serviceStateDir is the same for the agent that runs as a service.
func serviceStateDir() string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(programData(), "Holdfast Agent", "state")
	case "darwin":
		return "/Library/Application Support/Holdfast Agent/state"
	}
	return "/var/lib/holdfast-agent"
}

// configFile is the file with settings that is read when it is there.
func configFile() string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(programData(), "Holdfast Agent", "agent.conf")
	case "darwin":
		return "/Library/Application Support/Holdfast Agent/agent.conf"
	}
	return "/etc/holdfast/agent.conf"
}

func programData() string {
	if folder := os.Getenv("ProgramData"); folder != "" {
		return folder
	}
	return `C:\ProgramData`
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
