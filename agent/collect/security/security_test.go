package security_test

import (
	"os"
	"testing"
	"time"

	"holdfast/agent/collect/collecttest"
	"holdfast/agent/collect/security"
	"holdfast/agent/host"
	"holdfast/agent/host/hosttest"
	"holdfast/shared/report"
)

func TestMachines(t *testing.T) { collecttest.Cases(t, security.New()) }

func TestDefinitionsOfDefenderAreAsOldAsTheirFolder(t *testing.T) {
	h := hosttest.Machine(t, `
-- /proc/self/mountinfo --
-- /sys/block/ --
-- /opt/microsoft/mdatp/sbin/wdavdaemon --
-- /var/opt/microsoft/mdatp/definitions.noindex/1/x --
-- /var/opt/microsoft/mdatp/definitions.noindex/2/x --`)
	for name, day := range map[string]int{"1": 3, "2": 1} {
		at := time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC)
		if err := os.Chtimes(h.Path("/var/opt/microsoft/mdatp/definitions.noindex/"+name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	section, err := security.New().Collect(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	antivirus := section.(*report.Security).Antivirus
	if len(antivirus) != 1 || antivirus[0].DefinitionsOn != "2026-11-03" {
		t.Errorf("antivirus %+v", antivirus)
	}
}

func BenchmarkCollectThisMachine(b *testing.B) {
	h := host.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := security.New().Collect(b.Context(), h); err != nil {
			b.Fatal(err)
		}
	}
}
