package simulate

import (
	"bufio"
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"holdfast/shared/report"
)

//go:embed titles.txt
var knownTitles string

// title is one title that devices may have.
type title struct {
	name, publisher, source string
	versions                []string // oldest first
	size                    int64
	often                   float64 // share of the devices of its system that have it
}

// catalogue is the titles that there are for each system, the most common
// first.
type catalogue map[family][]title

// made is how many titles are made up for each system, besides the known ones.
func made() map[family]int { return map[family]int{windows: 3000, linux: 1500, darwin: 500} }

// newCatalogue makes the catalogue, so that a device has about perDevice
// titles. Shares fall like those of real fleets: a few titles are on every
// device and thousands on a handful (Zipf's law).
func newCatalogue(seed uint64, perDevice int) catalogue {
	titles := catalogue{}
	scanner := bufio.NewScanner(strings.NewReader(knownTitles))
	for scanner.Scan() {
		if strings.HasPrefix(scanner.Text(), "#") {
			continue
		}
		part := strings.Split(scanner.Text(), "|")
		system := map[string]family{"w": windows, "l": linux, "m": darwin}[part[0]]
		titles[system] = append(titles[system], title{
			source: part[1], name: part[2], publisher: part[3], versions: strings.Fields(part[4]),
		})
	}
	for system, count := range made() {
		random := rand.New(rand.NewPCG(seed, uint64(system)))
		taken := map[string]bool{}
		for len(taken) < count {
			one := makeTitle(random, system)
			if taken[one.name] {
				continue
			}
			taken[one.name] = true
			titles[system] = append(titles[system], one)
		}
		for i := range titles[system] {
			titles[system][i].size = 1 << 20 * int64(1+random.ExpFloat64()*120)
		}
		setShares(titles[system], perDevice)
	}
	return titles
}

// setShares gives each title its share, so that they add up to perDevice.
func setShares(titles []title, perDevice int) {
	const fall = 0.9 // exponent of Zipf's law
	low, high := 0.0, 1e6
	for range 60 {
		middle := (low + high) / 2
		sum := 0.0
		for i := range titles {
			titles[i].often = min(1, middle/math.Pow(float64(i+1), fall))
			sum += titles[i].often
		}
		if sum < float64(perDevice) {
			low = middle
		} else {
			high = middle
		}
	}
}

// makeTitle makes up a title as it is named on a system.
func makeTitle(random *rand.Rand, system family) title {
	one := title{publisher: pick(random, houses()), versions: versions(random)}
	switch system {
	case linux:
		one.name = pick(random, stems()) + pick(random, []string{"", "-data", "-common", "-utils", "-doc", "2", "-tools", "-plugins"})
		switch random.IntN(4) {
		case 0:
			one.name = "lib" + one.name + fmt.Sprint(random.IntN(9))
		case 1:
			one.name = "python3-" + one.name
		case 2:
			one.name += pick(random, []string{"-dev", "-bin", "-server", "-client", "-gtk"})
		}
		one.publisher, one.source = "Ubuntu Developers", "deb"
		for i := range one.versions {
			one.versions[i] += fmt.Sprintf("-%dubuntu%d", 1+random.IntN(4), 1+i)
		}
	case darwin:
		one.name, one.source = pick(random, houses())+" "+pick(random, subjects()), "app"
		one.publisher = strings.Fields(one.name)[0] + " Software"
	default:
		house := pick(random, houses())
		one.name = house + " " + pick(random, subjects()) + " " + pick(random, kinds())
		one.publisher = house + " " + pick(random, []string{"Inc.", "Ltd.", "Software", "Systems", "Technologies", "GmbH", "Solutions"})
		one.source = pick(random, []string{"registry", "registry", "msi", "msi", "appx"})
	}
	return one
}

// versions makes up one to six versions, oldest first.
func versions(random *rand.Rand) []string {
	major, minor := 1+random.IntN(24), random.IntN(10)
	made := make([]string, 1+random.IntN(6))
	for i := range made {
		made[i] = fmt.Sprintf("%d.%d.%d", major, minor, random.IntN(4000))
		if random.IntN(3) == 0 {
			major, minor = major+1, 0
		} else {
			minor++
		}
	}
	return made
}

// install is one title on a device, in one of its versions.
type install struct{ title, version int }

// choose gives the titles that a device has from the start, in order.
func (c catalogue) choose(random *rand.Rand, system family) []install {
	titles := c[system]
	chosen := make([]install, 0, 400)
	for i := range titles {
		if random.Float64() < titles[i].often {
			chosen = append(chosen, install{i, pickVersion(random, &titles[i])})
		}
	}
	return chosen
}

// pickVersion prefers new versions, as a fleet that is looked after does.
func pickVersion(random *rand.Rand, t *title) int {
	behind := int(random.ExpFloat64() * 0.8)
	return max(0, len(t.versions)-1-behind)
}

// packages turns the choice into what an agent reports.
func (c catalogue) packages(chosen []install, system family, installed report.Date) []report.Package {
	architecture := map[family]string{windows: "x64", linux: "amd64", darwin: "arm64"}[system]
	packages := make([]report.Package, len(chosen))
	for i, one := range chosen {
		t := &c[system][one.title]
		packages[i] = report.Package{
			Title: t.name, Version: t.versions[one.version], Publisher: t.publisher, Source: t.source,
			Arch: architecture, SizeBytes: t.size, InstalledOn: installed,
		}
	}
	return packages
}

func pick(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }
