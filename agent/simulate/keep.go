package simulate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keptFleet is the first line of a kept fleet, keptDevice each line after it.
type keptFleet struct {
	Server string    `json:"server"`
	Seed   uint64    `json:"seed"`
	Titles int       `json:"titles"`
	Epoch  time.Time `json:"epoch"`
}

type keptDevice struct {
	Credential string `json:"credential"`
	Digest     string `json:"digest,omitempty"`
	Changes    int    `json:"changes,omitempty"`
}

// Save keeps the fleet in a file that Load continues from. The file holds the
// credentials of the devices, so only its owner may read it.
func (f *Fleet) Save(path string) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep the fleet: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("keep the fleet: %w", err), os.Remove(temporary.Name()))
		}
	}()
	buffer := bufio.NewWriter(temporary)
	encoder := json.NewEncoder(buffer)
	o := f.options
	err = encoder.Encode(keptFleet{Server: o.Server, Seed: o.Seed, Titles: o.Titles, Epoch: o.Epoch})
	for _, d := range f.devices {
		if err == nil {
			err = encoder.Encode(keptDevice{Credential: d.credential, Digest: d.digest, Changes: d.changes})
		}
	}
	if err := errors.Join(err, buffer.Flush(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// Load continues a fleet from a file that Save made: the same devices, as they
// were, and more or fewer of them as options say. Without such a file it makes
// a new fleet.
func Load(path string, options Options) (*Fleet, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return New(options)
	}
	if err != nil {
		return nil, fmt.Errorf("continue the fleet: %w", err)
	}
	defer file.Close()
	decoder := json.NewDecoder(bufio.NewReader(file))
	var kept keptFleet
	if err := decoder.Decode(&kept); err != nil {
		return nil, fmt.Errorf("continue the fleet of %s: %w", path, err)
	}
	if kept.Server != options.Server {
		return nil, fmt.Errorf("continue the fleet of %s: it is enrolled at %s", path, kept.Server)
	}
	options.Seed, options.Titles, options.Epoch = kept.Seed, kept.Titles, kept.Epoch
	f, err := New(options)
	if err != nil {
		return nil, err
	}
	for i := range f.devices {
		if !decoder.More() {
			break
		}
		var d keptDevice
		if err := decoder.Decode(&d); err != nil {
			return nil, fmt.Errorf("continue the fleet of %s: %w", path, err)
		}
		f.devices[i] = device{credential: d.Credential, digest: d.Digest, changes: d.Changes}
	}
	return f, nil
}
