package user

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// signIn is one person's sign-in, as a file of utmp(5) keeps it.
type signIn struct {
	login string
	at    time.Time
}

// layout is where a record of utmp(5) keeps what we read. It differs by
// architecture: glibc keeps 32-bit times on those that once ran 32-bit
// programs, so that both can read the files.
type layout struct {
	size     int
	wideTime bool
	timeAt   int
}

func layoutOf(arch string) layout {
	switch arch {
	case "aarch64", "riscv64", "loongarch64":
		return layout{size: 400, wideTime: true, timeAt: 344}
	}
	return layout{size: 384, timeAt: 340}
}

// readSignIns reads the sign-ins of people from a file of utmp(5), record by
// record, because wtmp grows for years. A record that is cut ends it.
func readSignIns(file io.Reader, layout layout) ([]signIn, error) {
	const (
		userProcess    = 7
		loginAt, width = 44, 32
	)
	var found []signIn
	record := make([]byte, layout.size)
	for {
		_, err := io.ReadFull(file, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		if binary.LittleEndian.Uint16(record) != userProcess {
			continue // starts, stops, changes of run level and empty terminals
		}
		login, _, _ := bytes.Cut(record[loginAt:loginAt+width], []byte{0})
		seconds := int64(binary.LittleEndian.Uint32(record[layout.timeAt:])) // unsigned: good until 2106
		if layout.wideTime {
			seconds = int64(binary.LittleEndian.Uint64(record[layout.timeAt:]))
		}
		if isLogin(string(login)) && seconds > 0 && seconds < 1<<33 {
			found = append(found, signIn{string(login), time.Unix(seconds, 0).UTC()})
		}
	}
}

// isLogin tells a name to sign in with from the words that programs put in its
// place: the system's own events, and the greeter's "(unknown)".
func isLogin(name string) bool {
	switch name {
	case "", "reboot", "shutdown", "runlevel", "LOGIN", "wtmp", "utmp", "btmp":
		return false
	}
	for _, letter := range name {
		if letter <= ' ' || letter == 0x7f || letter == '(' || letter == 0xfffd {
			return false
		}
	}
	return true
}
