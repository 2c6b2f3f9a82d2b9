package intake

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// generations is a bounded map: when the younger half is full it becomes the
// older, and the older is forgotten, so that what is in use stays.
type generations[K comparable, V any] struct {
	mu           sync.Mutex
	most         int
	young, older map[K]V
}

func newGenerations[K comparable, V any](most int) *generations[K, V] {
	return &generations[K, V]{most: most / 2, young: map[K]V{}, older: map[K]V{}}
}

func (g *generations[K, V]) get(key K) (V, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	value, found := g.young[key]
	if !found {
		if value, found = g.older[key]; found {
			g.set(key, value)
		}
	}
	return value, found
}

func (g *generations[K, V]) put(key K, value V) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.set(key, value)
}

func (g *generations[K, V]) set(key K, value V) {
	if len(g.young) >= g.most {
		g.older, g.young = g.young, make(map[K]V, g.most/8)
	}
	g.young[key] = value
}

func (g *generations[K, V]) forget(key K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.young, key)
	delete(g.older, key)
}

// limiter lets each caller through so many times a minute, with as many at
// once after a quiet minute.
type limiter[K comparable] struct {
	perMinute int // 0 is no limit
	callers   *generations[K, *rate.Limiter]
}

func newLimiter[K comparable](perMinute, most int) *limiter[K] {
	return &limiter[K]{perMinute: perMinute, callers: newGenerations[K, *rate.Limiter](most)}
}

func (l *limiter[K]) of(caller K) *rate.Limiter {
	one, found := l.callers.get(caller)
	if !found {
		one = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.callers.put(caller, one)
	}
	return one
}

// spend takes one turn, or says how long to wait for the next.
func (l *limiter[K]) spend(caller K) time.Duration {
	if l.perMinute <= 0 {
		return 0
	}
	if one := l.of(caller); !one.Allow() {
		return l.pause()
	}
	return 0
}

// left says how long to wait when there is no turn, and takes none.
func (l *limiter[K]) left(caller K) time.Duration {
	if l.perMinute > 0 && l.of(caller).Tokens() < 1 {
		return l.pause()
	}
	return 0
}

// pause is long enough for a few turns to gather.
func (l *limiter[K]) pause() time.Duration {
	return max(time.Second, min(time.Minute, 5*time.Minute/time.Duration(l.perMinute))).Round(time.Second)
}
