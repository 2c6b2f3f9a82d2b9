package storage

import (
	"strings"
	"testing"
)

func FuzzMounts(f *testing.F) {
	f.Add("28 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro\n")
	f.Add(`48 28 8:1 / /media/a/PHOTOS\040A ro,nosuid - vfat /dev/sda1 rw` + "\n36 35 98:0 /mnt1 /mnt2 rw master:1 shared:2 - ext3 /dev/root rw")
	f.Add(`1 2 3:4 \ \04 \0400\134 - a b` + "\n - - - ")
	f.Add("")
	f.Fuzz(func(t *testing.T, table string) {
		if got := len(mounts(table)); got > strings.Count(table, "\n")+1 {
			t.Errorf("%d mounts of fewer lines", got)
		}
	})
}

func TestMountTableIsUnescaped(t *testing.T) {
	for escaped, want := range map[string]string{
		`/media/a\040b`: "/media/a b", `\134`: `\`, `/tab\011x`: "/tab\tx", `/plain`: "/plain", `/end\04`: `/end\04`, `\999`: `\999`,
	} {
		if got := unescape(escaped); got != want {
			t.Errorf("%s is read as %q, want %q", escaped, got, want)
		}
	}
}
