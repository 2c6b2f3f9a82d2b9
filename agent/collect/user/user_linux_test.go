package user_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/user"
)

func TestUserOfCapturedMachines(t *testing.T) { collecttest.Cases(t, user.New()) }
