package solv

import (
	"fmt"
	"strings"
)

// key is how a value is kept.
type key struct {
	meaning meaning
	kind    string // such as "id" or "str"
	storage uint32
}

const (
	storageVertical = 3 // elsewhere in the file
	storageBlock    = 4 // in the block of arrays
)

// parser reads the file from its start to the end of its data. After an
// error it reads zeroes, so that no single read needs a look at it.
type parser struct {
	source    source
	left      int64 // how many records there can still be
	damage    error
	strings   uint32
	relations uint32
	folders   uint32
	keys      []key
	schemata  [][]uint32
	prefixed  bool
	blocks    bool
	start     int64 // of the strings

	words    map[uint32]string // those that the form itself uses
	wanted   map[uint32]bool   // wanted names
	packages []record
	mended   []record
}

func (p *parser) failure() error {
	if p.damage != nil {
		return p.damage
	}
	return p.source.err
}

func (p *parser) refuse(why string) {
	if p.damage == nil {
		p.damage = fmt.Errorf("%w: %s", errForm, why)
	}
}

// head reads the counts, and skips what the writer noted for itself.
func (p *parser) head() {
	const magic, most = 'S'<<24 | 'O'<<16 | 'L'<<8 | 'V', 1 << 24
	if p.source.uint32() != magic {
		p.refuse("it does not start as one")
	}
	if version := p.source.uint32(); version != 8 && version != 9 {
		p.refuse("it is of another version")
	}
	p.strings, p.relations, p.folders = p.source.uint32(), p.source.uint32(), p.source.uint32()
	p.source.uint32() // how many packages
	keys, schemata, flags := p.source.uint32(), p.source.uint32(), p.source.uint32()
	if p.strings > most || p.relations > most || p.folders > most || keys > 1<<16 || schemata > 1<<20 {
		p.refuse("it counts too much")
		return
	}
	p.keys, p.schemata = make([]key, keys), make([][]uint32, schemata)
	p.prefixed, p.blocks = flags&4 != 0, flags&32 != 0
	if userData := flags&16 != 0; userData {
		p.source.skip(int64(p.source.uint32()))
	}
	p.start = p.source.offset()
}

// readStrings visits every string with its number. Most files leave out what
// a string has in common with the one before it.
func (p *parser) readStrings(visit func(number uint32, s []byte)) {
	if p.failure() != nil {
		return
	}
	p.source.seek(p.start)
	size := int64(p.source.uint32())
	if p.prefixed {
		size = int64(p.source.uint32())
	}
	end := p.source.offset() + size
	var s []byte
	for number := uint32(1); number < p.strings && p.source.err == nil; number++ {
		same := 0
		if p.prefixed {
			same = min(int(p.source.next()), len(s))
		}
		s = p.source.text(s[:same])
		visit(number, s)
	}
	if p.source.offset() != end {
		p.refuse("its strings do not end where they should")
	}
}

// skipRelations skips the relations between packages, and the folders.
func (p *parser) skipRelations() {
	for range p.relations {
		p.number()
		p.number()
		p.source.next()
		if p.source.err != nil {
			return
		}
	}
	for i := uint32(2); i < p.folders && p.source.err == nil; i++ {
		if p.number() >= p.strings { // a parent, and then the folder
			p.number()
			i++
		}
	}
}

func (p *parser) readKeys() {
	for i := 1; i < len(p.keys); i++ {
		name, kind := p.words[p.number()], p.words[p.number()]
		p.number() // the size of what it holds
		p.keys[i] = key{meaning: meaningOf(name), kind: strings.TrimPrefix(kind, kindPrefix), storage: p.number()}
	}
}

// readSchemata reads which keys the records of each kind have.
func (p *parser) readSchemata() {
	p.number() // the length of all
	for i := 1; i < len(p.schemata) && p.failure() == nil; i++ {
		for last := false; !last && p.failure() == nil; {
			var key uint32
			key, last = p.arrayNumber()
			if int(key) >= len(p.keys) {
				p.refuse("a key that it does not have")
			} else if key != 0 {
				p.schemata[i] = append(p.schemata[i], key)
			}
		}
	}
}

// skipBlocks skips the block of arrays, which is made of pieces.
func (p *parser) skipBlocks() {
	if !p.blocks || p.number() == 0 {
		return
	}
	for last := false; !last && p.source.err == nil; {
		flags := p.source.next()
		size := int64(p.source.next())<<8 | int64(p.source.next())
		if size == 0 {
			size = 65536
		}
		p.source.skip(size)
		last = flags&0x80 != 0
	}
}

// skip skips a value that does not matter.
func (p *parser) skip(kind string) {
	switch kind {
	case "void", "constant", "constantid", "deleted":
	case "id", "num", "dir":
		p.number()
	case "str":
		p.source.skipText()
	case "binary":
		p.source.skip(int64(p.number()))
	case "md5":
		p.source.skip(16)
	case "sha1":
		p.source.skip(20)
	case "sha224":
		p.source.skip(28)
	case "sha256":
		p.source.skip(32)
	case "sha384":
		p.source.skip(48)
	case "sha512":
		p.source.skip(64)
	case "idarray", "relidarray":
		for last := false; !last && p.source.err == nil; {
			_, last = p.arrayNumber()
		}
	case "dirstrarray":
		for last := false; !last && p.source.err == nil; {
			_, last = p.arrayNumber()
			p.source.skipText()
		}
	case "dirnumnumarray":
		for last := false; !last && p.source.err == nil; {
			p.number()
			p.number()
			_, last = p.arrayNumber()
		}
	default:
		p.refuse("a value of an unknown kind")
	}
}

// number reads a number of seven bits a byte, of which the last has no eighth.
func (p *parser) number() uint32 {
	var n uint32
	for {
		b := p.source.next()
		n = n<<7 | uint32(b&0x7f)
		if b < 0x80 {
			return n
		}
	}
}

// arrayNumber reads a number of which the last byte has six bits, and one
// that says whether another follows.
func (p *parser) arrayNumber() (n uint32, last bool) {
	for {
		b := p.source.next()
		if b < 0x80 {
			return n<<6 | uint32(b&0x3f), b&0x40 == 0
		}
		n = n<<7 | uint32(b&0x7f)
	}
}
