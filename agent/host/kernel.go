package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"
	psnet "github.com/shirou/gopsutil/v3/net"
)

// kernel is what only a system call tells, so that no captured file can.
type kernel struct {
	arch      func() (string, error)
	usage     func(ctx context.Context, path string) (Usage, error)
	addresses func(ctx context.Context) (map[string][]netip.Prefix, error)
	permanent func() (map[string]string, error)
}

// Usage is how full a file system is.
type Usage struct {
	Size int64 // bytes
	Free int64 // bytes that an ordinary user can still fill
}

// Usage asks how full the file system is that is mounted at path.
func (h Host) Usage(ctx context.Context, path string) (Usage, error) {
	return h.kernel.usage(ctx, path)
}

// Addresses lists the IP addresses of each network interface by its name.
func (h Host) Addresses(ctx context.Context) (map[string][]netip.Prefix, error) {
	return h.kernel.addresses(ctx)
}

// PermanentMACs gives the hardware address that is burnt into each network
// card, by the interface's name, in lower case; only of cards that tell it.
func (h Host) PermanentMACs() (map[string]string, error) { return h.kernel.permanent() }

// Arch names the processor architecture of the system as uname does.
func (h Host) Arch() (string, error) { return h.kernel.arch() }

// Totals is the size of the memory and of the swap space, in bytes.
type Totals struct{ Memory, Swap int64 }

// Totals asks how much memory and swap space the system has.
func (h Host) Totals(ctx context.Context) (Totals, error) {
	memory, err := mem.VirtualMemoryWithContext(h.gopsutil(ctx))
	if err != nil {
		return Totals{}, fmt.Errorf("read the memory totals: %w", err)
	}
	if memory.Total == 0 { // which is how gopsutil says that it could not read them
		return Totals{}, errors.New("read the memory totals: the system tells none")
	}
	return Totals{Memory: int64(memory.Total), Swap: int64(memory.SwapTotal)}, nil
}

// gopsutil gives a context that makes gopsutil look under the host's root.
func (h Host) gopsutil(ctx context.Context) context.Context {
	return context.WithValue(ctx, common.EnvKey, common.EnvMap{
		common.HostProcEnvKey: filepath.Join(h.root, "proc"),
		common.HostSysEnvKey:  filepath.Join(h.root, "sys"),
		common.HostEtcEnvKey:  filepath.Join(h.root, "etc"),
		common.HostVarEnvKey:  filepath.Join(h.root, "var"),
		common.HostRunEnvKey:  filepath.Join(h.root, "run"),
		common.HostDevEnvKey:  filepath.Join(h.root, "dev"),
	})
}

// live asks the kernel that the agent runs on.
func live() kernel {
	return kernel{arch: host.KernelArch, usage: liveUsage, addresses: liveAddresses, permanent: livePermanent}
}

func liveUsage(ctx context.Context, path string) (Usage, error) {
	usage, err := disk.UsageWithContext(ctx, path)
	if err != nil {
		return Usage{}, fmt.Errorf("ask how full %s is: %w", path, err)
	}
	return Usage{Size: int64(usage.Total), Free: int64(usage.Free)}, nil
}

func liveAddresses(ctx context.Context) (map[string][]netip.Prefix, error) {
	interfaces, err := psnet.InterfacesWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	addresses := map[string][]netip.Prefix{}
	for _, one := range interfaces {
		for _, address := range one.Addrs {
			// Not ParsePrefix: Windows gives some addresses with a zone.
			ip, network, err := net.ParseCIDR(address.Addr)
			if err != nil {
				continue
			}
			parsed, _ := netip.AddrFromSlice(ip)
			bits, _ := network.Mask.Size()
			addresses[one.Name] = append(addresses[one.Name], netip.PrefixFrom(parsed.Unmap(), bits))
		}
	}
	return addresses, nil
}
