package network_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/network"
)

func TestNetworkOfCapturedMachines(t *testing.T) { collecttest.Cases(t, network.New()) }
