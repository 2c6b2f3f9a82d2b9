package user

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/agent/host"
	"holdfast/shared/report"
)

// Collect puts together who has signed in from what records it: the log of
// sign-ins and the one before it, the last sign-in of each account, in files
// or in databases, and the sessions of now. Accounts of the system itself do
// not count.
func (User) Collect(_ context.Context, h host.Host) (report.Section, error) {
	people := accounts(h)
	var problems []error
	for _, path := range []string{"/var/log/wtmp.1", "/var/log/wtmp", "/run/utmp"} {
		signIns, err := signInsOf(h, path)
		if err != nil {
			problems = append(problems, err)
		}
		for _, one := range signIns {
			people.seen(one.login, one.at)
		}
	}
	problems = append(problems, lastLog(h, people), databases(h, people), sessions(h, people))
	return people.section(), errors.Join(problems...)
}

func signInsOf(h host.Host, path string) ([]signIn, error) {
	file, err := h.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // newer systems keep none of these
	}
	if err != nil {
		return nil, fmt.Errorf("read who signed in: %w", err)
	}
	defer file.Close()
	arch, err := h.Arch()
	if err != nil {
		return nil, err
	}
	found, err := readSignIns(bufio.NewReaderSize(file, 64<<10), layoutOf(arch))
	if err != nil {
		return found, fmt.Errorf("read who signed in: %w", err)
	}
	return found, nil
}

// directory is the accounts of a machine. Accounts of a network directory
// stand in no file; they are known by their sign-ins alone.
type directory struct {
	people map[string]*person
	system map[string]bool // accounts that belong to no person
}

type person struct {
	number   int64 // user id; -1 for accounts of a network directory
	fullName string
	seenAt   time.Time
}

// accounts reads passwd(5), and the numbers that login.defs(5) gives people.
func accounts(h host.Host) directory {
	lowest, highest := int64(1000), int64(60000)
	for line := range strings.Lines(h.Text("/etc/login.defs")) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if number, err := strconv.ParseInt(fields[1], 0, 64); err == nil {
			switch fields[0] {
			case "UID_MIN":
				lowest = number
			case "UID_MAX":
				highest = number
			}
		}
	}
	found := directory{people: map[string]*person{}, system: map[string]bool{}}
	for line := range strings.Lines(h.Text("/etc/passwd")) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) < 7 {
			continue
		}
		number, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			continue
		}
		if number < lowest || number > highest {
			found.system[fields[0]] = true
			continue
		}
		fullName, _, _ := strings.Cut(fields[4], ",")
		found.people[fields[0]] = &person{number: number, fullName: strings.TrimSpace(fullName)}
	}
	return found
}

// seen notes that somebody signed in. What is no login, or no time before the
// year 2242, is the rest of a broken record.
func (d directory) seen(login string, at time.Time) {
	if d.system[login] || !isLogin(login) || at.Unix() <= 0 || at.Unix() >= 1<<33 {
		return
	}
	known := d.people[login]
	if known == nil {
		known = &person{number: -1}
		d.people[login] = known
	}
	if at.After(known.seenAt) {
		known.seenAt = at
	}
}

// section lists those who have ever signed in, by login, and who did last.
func (d directory) section() *report.User {
	facts := &report.User{}
	for login, person := range d.people {
		if person.seenAt.IsZero() {
			continue
		}
		facts.Accounts = append(facts.Accounts, report.Account{Login: login, Person: person.fullName, SeenAt: person.seenAt})
	}
	slices.SortFunc(facts.Accounts, func(a, b report.Account) int { return strings.Compare(a.Login, b.Login) })
	for _, account := range facts.Accounts {
		if account.SeenAt.After(facts.Last.SeenAt) {
			facts.Last = account
		}
	}
	return facts
}

// lastLog reads each person's record in lastlog(8), a file of one record for
// each number up to the highest, most of it a hole.
func lastLog(h host.Host, known directory) error {
	file, err := h.Open("/var/log/lastlog")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the last sign-ins: %w", err)
	}
	defer file.Close()
	arch, err := h.Arch()
	if err != nil {
		return err
	}
	size, width := int64(292), 4
	if layoutOf(arch).wideTime {
		size, width = 296, 8
	}
	for login, person := range known.people {
		if person.number < 0 {
			continue
		}
		record := make([]byte, 8)
		if _, err := file.ReadAt(record[:width], person.number*size); err != nil {
			if errors.Is(err, io.EOF) {
				continue // the file ends before this number: never signed in
			}
			return fmt.Errorf("read the last sign-ins: %w", err)
		}
		known.seen(login, time.Unix(int64(binary.LittleEndian.Uint64(record)), 0).UTC())
	}
	return nil
}

// sessions reads the sessions of now from systemd-logind, which is all that
// records them where no utmp is kept.
func sessions(h host.Host, known directory) error {
	files, err := h.Glob("/run/systemd/sessions/*")
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	for _, path := range files {
		session := map[string]string{}
		for line := range strings.Lines(h.Text(path)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			session[name] = value
		}
		microseconds, err := strconv.ParseInt(session["REALTIME"], 10, 64)
		// Greeters and the services of a user have sessions too.
		if err == nil && strings.HasPrefix(session["CLASS"], "user") && session["CLASS"] != "user-incomplete" {
			known.seen(session["USER"], time.UnixMicro(microseconds).UTC())
		}
	}
	return nil
}
