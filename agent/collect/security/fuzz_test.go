package security

import "testing"

func FuzzRules(f *testing.F) {
	f.Add("chain input {\n type filter hook input priority filter; policy drop;\n}")
	f.Add("-P INPUT ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n")
	f.Fuzz(func(_ *testing.T, output string) {
		nftablesCloses(output) // must not panic
		iptablesCloses(output)
	})
}

func FuzzClamAVDay(f *testing.F) {
	f.Add("ClamAV-VDB:17 Nov 2026 03-41 -0500:27819:2070105:90")
	f.Fuzz(func(t *testing.T, head string) {
		if day := clamAVDay(head); day != "" && day.Check() != nil {
			t.Errorf("built on %q", day)
		}
	})
}
