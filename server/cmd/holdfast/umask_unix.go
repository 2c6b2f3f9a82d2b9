//go:build unix

package main

import "syscall"

// private keeps other users of this machine out of every file that we make.
func private() { syscall.Umask(0o077) }
