package account

import (
	"context"
	"fmt"

	"holdfast/server/identity"
)

// SessionsOfAll lists the open sessions of everybody whom the actor manages,
// by user, the last used first. Fault: Denied.
func (s *Service) SessionsOfAll(ctx context.Context) (map[identity.UserID][]SessionRow, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]identity.UserID, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	var rows []SessionRow
	err = s.db.Read(ctx).Where("user_id IN ? AND revoked_at IS NULL AND expires_at > ?", ids, s.db.Now()).
		Order("seen_at DESC, id DESC").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	present := identity.ActorOf(ctx).SessionID
	open := map[identity.UserID][]SessionRow{}
	for _, row := range rows {
		row.Present = row.ID.String() == present
		open[row.UserID] = append(open[row.UserID], row)
	}
	return open, nil
}
