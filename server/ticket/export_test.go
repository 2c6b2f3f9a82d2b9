package ticket

import "context"

// Look announces what was touched, as Announce does again and again.
func (s *Service) Look(ctx context.Context) error { return s.live.look(ctx) }
