package main

// private does nothing on Windows, where folders hand down who may read.
func private() {}
