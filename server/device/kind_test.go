package device_test

import (
	"testing"

	"holdfast/server/device"
	"holdfast/shared/report"
)

func TestKindFollowsMachineThenCaseThenSystem(t *testing.T) {
	for _, test := range []struct {
		system  report.System
		os      string
		battery bool
		want    device.Kind
	}{
		{report.System{Machine: "virtual", Chassis: "desktop"}, "Windows Server 2022", false, device.Virtual},
		{report.System{Machine: "container"}, "Debian GNU/Linux", false, device.Container},
		{report.System{Machine: "physical", Chassis: "desktop"}, "Windows Server 2022", false, device.Desktop},
		{report.System{Chassis: "convertible"}, "", false, device.Laptop},
		{report.System{Chassis: "blade"}, "", false, device.Server},
		{report.System{Chassis: "other"}, "Ubuntu Server", false, device.Server},
		{report.System{}, "Debian GNU/Linux", true, device.Laptop},
		{report.System{}, "Debian GNU/Linux", false, device.Other},
	} {
		if got := device.KindOf(&test.system, test.os, test.battery); got != test.want {
			t.Errorf("%+v with %q is a %s, not a %s", test.system, test.os, got, test.want)
		}
	}
}
