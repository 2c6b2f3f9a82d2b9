package storage_test

import (
	"testing"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/storage"
)

func TestStorageOfCapturedMachines(t *testing.T) { collecttest.Cases(t, storage.New()) }
