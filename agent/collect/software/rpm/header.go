package rpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"holdfast/agent/collect/software/text"
	"holdfast/shared/report"
)

// The tags that we read (rpm's rpmtag.h).
const (
	tagName        = 1000
	tagVersion     = 1001
	tagRelease     = 1002
	tagEpoch       = 1003
	tagInstallTime = 1008
	tagSize        = 1009
	tagVendor      = 1011
	tagPackager    = 1015
	tagArch        = 1022
	tagLongSize    = 5009 // in place of tagSize from 4 GiB on
)

// The types that their values have.
const (
	typeInt32      = 4
	typeInt64      = 5
	typeString     = 6
	typeI18NString = 9
)

// parseHeader reads a package header as the database holds it: two counts,
// the index of entries of 16 bytes, and the store that they point into, all
// big endian (rpm's docs/manual/hregions.md and format.md).
func parseHeader(blob []byte, zone *time.Location) (report.Package, error) {
	const counts, entrySize = 8, 16
	if len(blob) < counts {
		return report.Package{}, errors.New("a package header is cut short")
	}
	entries := uint64(binary.BigEndian.Uint32(blob))
	storeSize := uint64(binary.BigEndian.Uint32(blob[4:]))
	if counts+entries*entrySize+storeSize > uint64(len(blob)) {
		return report.Package{}, errors.New("a package header is cut short")
	}
	index := blob[counts : counts+entries*entrySize]
	store := blob[counts+entries*entrySize:][:storeSize]

	var p report.Package
	var version, release, packager string
	var epoch int64
	for ; len(index) >= entrySize; index = index[entrySize:] {
		value := value{kind: binary.BigEndian.Uint32(index[4:])}
		if offset := binary.BigEndian.Uint32(index[8:]); uint64(offset) < storeSize {
			value.bytes = store[offset:]
		}
		switch binary.BigEndian.Uint32(index) {
		case tagName:
			p.Title = value.text()
		case tagVersion:
			version = value.text()
		case tagRelease:
			release = value.text()
		case tagEpoch:
			epoch = value.number()
		case tagArch:
			p.Arch = value.text()
		case tagVendor:
			p.Publisher = text.Publisher(value.text())
		case tagPackager:
			packager = value.text()
		case tagInstallTime:
			p.InstalledOn = text.Day(value.number(), zone)
		case tagSize, tagLongSize:
			p.SizeBytes = max(p.SizeBytes, value.number())
		}
	}
	if p.Title == "" || version == "" {
		return report.Package{}, fmt.Errorf("a package header has no name or no version (%q %q)", p.Title, version)
	}
	p.Version = version
	if release != "" {
		p.Version += "-" + release
	}
	if epoch > 0 {
		p.Version = strconv.FormatInt(epoch, 10) + ":" + p.Version
	}
	if p.Publisher == "" {
		p.Publisher = text.Publisher(packager)
	}
	if p.Publisher == "(none)" {
		p.Publisher = ""
	}
	return p, nil
}

// value is the first value of an entry, and whatever lies behind it.
type value struct {
	kind  uint32
	bytes []byte
}

// text is the value as text, empty when it is none.
func (v value) text() string {
	end := bytes.IndexByte(v.bytes, 0)
	if end < 0 || v.kind != typeString && v.kind != typeI18NString {
		return ""
	}
	return string(v.bytes[:end])
}

// number is the value as a number, 0 when it is none.
func (v value) number() int64 {
	switch {
	case v.kind == typeInt32 && len(v.bytes) >= 4:
		return int64(binary.BigEndian.Uint32(v.bytes))
	case v.kind == typeInt64 && len(v.bytes) >= 8:
		return max(0, int64(binary.BigEndian.Uint64(v.bytes)))
	}
	return 0
}
