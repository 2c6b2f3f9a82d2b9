package container_test

import (
	"testing"

	"holdfast/agent/collect/container"
	"holdfast/agent/host/hosttest"
)

func TestOnlyEvidenceAboutProcessOneMakesAContainer(t *testing.T) {
	for name, c := range map[string]struct{ machine, want string }{
		"a file left in the root": {"-- /.dockerenv --\n-- /run/.containerenv --\n-- /proc/1/cgroup --\n0::/\n", ""},
		"told by systemd":         {"-- /run/systemd/container --\nsystemd-nspawn\n", "systemd-nspawn"},
		"told to process 1":       {"-- /proc/1/environ --\nTERM=xterm\x00container=lxc\x00HOME=/\x00\n", "lxc"},
		"told by podman":          {"-- /run/host/container-manager --\npodman\n", "podman"},
		"group of Kubernetes":     {"-- /proc/1/cgroup --\n0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-2.scope\n", "kubernetes"},
		"group of Docker":         {"-- /proc/1/cgroup --\n12:pids:/docker/0123\n", "docker"},
		"root of Podman": {"-- /proc/1/mountinfo --\n1 2 0:52 / / rw - overlay overlay rw," +
			"lowerdir=/var/lib/containers/storage/overlay/l/A,upperdir=/b\n", "podman"},
		"a live system": {"-- /proc/1/mountinfo --\n1 2 0:52 / / rw - overlay /cow rw,lowerdir=/filesystem.squashfs,upperdir=/cow/upper\n", ""},
		"a host of containers": {"-- /proc/1/mountinfo --\n1 2 8:1 / / rw - ext4 /dev/sda1 rw\n" +
			"3 1 0:52 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A\n", ""},
		"a container of OpenVZ": {"-- /proc/vz/ --\n", "openvz"},
		"a host of OpenVZ":      {"-- /proc/vz/ --\n-- /proc/bc/ --\n", ""},
		"nothing":               {"-- /etc/hostname --\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := container.Runtime(hosttest.Machine(t, c.machine)); got != c.want {
				t.Errorf("runtime is %q, want %q", got, c.want)
			}
		})
	}
}
