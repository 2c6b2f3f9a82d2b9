package host

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/host"
	psnet "github.com/shirou/gopsutil/v3/net"
)

// What follows serves the systems whose collectors have no source of their
// own yet. On Linux the files tell more.

// Info is what gopsutil knows of the operating system.
type Info = host.InfoStat

// Info asks gopsutil for the operating system.
func (h Host) Info(ctx context.Context) (*Info, error) {
	info, err := host.InfoWithContext(h.gopsutil(ctx))
	if err != nil {
		return nil, fmt.Errorf("ask for the operating system: %w", err)
	}
	return info, nil
}

// Processor is what gopsutil knows of a processor.
type Processor = cpu.InfoStat

// Processors asks gopsutil for the processors, and for their cores and
// logical processors together.
func (h Host) Processors(ctx context.Context) (processors []Processor, cores, threads int, err error) {
	ctx = h.gopsutil(ctx)
	if processors, err = cpu.InfoWithContext(ctx); err != nil {
		return nil, 0, 0, fmt.Errorf("ask for the processors: %w", err)
	}
	if cores, err = cpu.CountsWithContext(ctx, false); err != nil {
		return nil, 0, 0, fmt.Errorf("count the cores: %w", err)
	}
	if threads, err = cpu.CountsWithContext(ctx, true); err != nil {
		return nil, 0, 0, fmt.Errorf("count the logical processors: %w", err)
	}
	return processors, cores, threads, nil
}

// Partition is what gopsutil knows of a mounted file system.
type Partition = disk.PartitionStat

// Partitions asks gopsutil for the mounted file systems of drives.
func (h Host) Partitions(ctx context.Context) ([]Partition, error) {
	partitions, err := disk.PartitionsWithContext(h.gopsutil(ctx), false)
	if err != nil {
		return nil, fmt.Errorf("list the file systems: %w", err)
	}
	return partitions, nil
}

// Link is what gopsutil knows of a network interface.
type Link = psnet.InterfaceStat

// Links asks gopsutil for the network interfaces.
func (h Host) Links(ctx context.Context) ([]Link, error) {
	links, err := psnet.InterfacesWithContext(h.gopsutil(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	return links, nil
}
