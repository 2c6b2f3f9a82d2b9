package page

import "context"

// Task is work of one kind that waits for a person.
type Task struct {
	Key   string // of a text that counts
	Count int
	Href  string // where it is done
}

// Tasks tells what waits for the actor to do, which is nothing where they may
// not do it.
type Tasks func(ctx context.Context) ([]Task, error)
