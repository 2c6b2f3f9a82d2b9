package simulate

import "strings"

// family is the family of operating systems.
type family uint8

const (
	windows family = iota
	linux
	darwin
)

// String is the name in report.OS.
func (f family) String() string { return [...]string{"windows", "linux", "darwin"}[f] }

// model is one model of a maker, as fleets have them.
type model struct {
	maker, name, version string
	chassis              string
	often                int // of a thousand devices
	family               family
	oui                  string // first half of its MAC addresses
	cpus                 []processor
	memory               []int // GiB
	disk                 []int // GB
	bios                 string
}

// processor is a model of processor.
type processor struct {
	maker, name                      string
	cores, threads, mhz              int
	family, number, stepping, socket int // socket is how many a machine has, 0 for one
}

// portable reports whether it has a battery and moves about.
func (m *model) portable() bool {
	return m.chassis == "laptop" || m.chassis == "tablet" || m.chassis == "convertible"
}

// server reports whether nobody sits in front of it.
func (m *model) server() bool {
	return m.chassis == "server" || m.virtual()
}

func (m *model) virtual() bool { return strings.HasPrefix(m.maker, "VMware") || m.maker == "QEMU" }

// models lists what the fleet is made of. The shares add up to 1,000.
func models() []model {
	i5 := processor{"GenuineIntel", "13th Gen Intel(R) Core(TM) i5-1345U", 10, 12, 4700, 6, 186, 3, 0}
	i7 := processor{"GenuineIntel", "13th Gen Intel(R) Core(TM) i7-1365U", 10, 12, 5200, 6, 186, 3, 0}
	ultra := processor{"GenuineIntel", "Intel(R) Core(TM) Ultra 5 135U", 12, 14, 4400, 6, 170, 4, 0}
	old := processor{"GenuineIntel", "11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz", 4, 8, 4400, 6, 140, 1, 0}
	desk := processor{"GenuineIntel", "Intel(R) Core(TM) i5-12500T", 6, 12, 4400, 6, 151, 5, 0}
	desk10 := processor{"GenuineIntel", "Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz", 6, 12, 3800, 6, 165, 3, 0}
	ryzen := processor{"AuthenticAMD", "AMD Ryzen 5 PRO 7540U w/ Radeon 740M Graphics", 6, 12, 4900, 25, 120, 0, 0}
	station := processor{"GenuineIntel", "13th Gen Intel(R) Core(TM) i9-13900", 24, 32, 5600, 6, 183, 1, 0}
	gold := processor{"GenuineIntel", "Intel(R) Xeon(R) Gold 6430", 32, 64, 3400, 6, 143, 8, 2}
	silver := processor{"GenuineIntel", "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz", 16, 32, 3400, 6, 106, 6, 2}
	epyc := processor{"AuthenticAMD", "AMD EPYC 9354 32-Core Processor", 32, 64, 3800, 25, 17, 1, 1}
	guest := processor{"GenuineIntel", "Intel(R) Xeon(R) Gold 6430", 4, 4, 2100, 6, 143, 8, 1}
	m2 := processor{"Apple", "Apple M2", 8, 8, 3490, 0, 0, 0, 0}
	m3 := processor{"Apple", "Apple M3 Pro", 11, 11, 4050, 0, 0, 0, 0}
	dell, hp, hpe, lenovo := "Dell Inc.", "HP", "HPE", "LENOVO"
	return []model{
		{dell, "Latitude 5440", "", "laptop", 150, windows, "a4:bb:6d", []processor{i5, i7}, []int{16, 16, 32}, []int{256, 512}, "1.18.0"},
		{dell, "Latitude 5420", "", "laptop", 70, windows, "8c:47:be", []processor{old}, []int{8, 16}, []int{256}, "1.37.1"},
		{dell, "OptiPlex 7010", "", "desktop", 90, windows, "d0:8e:79", []processor{desk}, []int{8, 16}, []int{256, 512}, "1.15.0"},
		{dell, "OptiPlex 7080", "", "mini", 50, windows, "c0:25:a5", []processor{desk10}, []int{8, 16}, []int{256}, "1.28.0"},
		{dell, "Precision 3660", "", "desktop", 25, windows, "f0:d4:e2", []processor{station}, []int{32, 64}, []int{1024, 2048}, "2.18.0"},
		{hp, "HP EliteBook 840 14 inch G10 Notebook PC", "SBKPF", "laptop", 90, windows, "e0:70:ea", []processor{i5, i7}, []int{16, 32}, []int{512}, "V70 Ver. 01.05.03"},
		{hp, "HP ProDesk 400 G7 Small Form Factor PC", "", "desktop", 50, windows, "bc:e9:2f", []processor{desk10}, []int{8, 16}, []int{256}, "S03 Ver. 02.17.00"},
		{lenovo, "21HES00000", "ThinkPad T14 Gen 4", "laptop", 90, windows, "88:a4:c2", []processor{i5, ryzen}, []int{16, 32}, []int{256, 512}, "N3QET47W (1.47 )"},
		{lenovo, "21LKS00000", "ThinkPad T14 Gen 5", "laptop", 55, windows, "e4:60:17", []processor{ultra}, []int{16, 32}, []int{512}, "N47ET20W (1.09 )"},
		{lenovo, "11T4S00000", "ThinkCentre M70q Gen 3", "mini", 40, windows, "6c:24:08", []processor{desk}, []int{8, 16}, []int{256}, "M4BKT2AA"},
		{"Microsoft Corporation", "Surface Pro 9", "", "tablet", 30, windows, "28:ea:0b", []processor{i5}, []int{8, 16}, []int{256}, "17.101.143"},
		{"Microsoft Corporation", "Surface Laptop 5", "", "laptop", 20, windows, "70:a8:a5", []processor{i7}, []int{16}, []int{512}, "17.101.143"},
		{dell, "Latitude 7440", "", "convertible", 30, linux, "b0:7b:25", []processor{i7}, []int{16, 32}, []int{512}, "1.16.0"},
		{lenovo, "21H1S00000", "ThinkPad P14s Gen 4", "laptop", 30, linux, "9c:2d:cd", []processor{ryzen}, []int{32, 64}, []int{1024}, "R2AET45W (1.20 )"},
		{hp, "HP EliteDesk 800 G9 Desktop Mini PC", "", "mini", 20, linux, "64:4e:d7", []processor{desk}, []int{16}, []int{512}, "U21 Ver. 02.16.01"},
		{"Apple Inc.", "Mac14,2", "MacBook Air", "laptop", 40, darwin, "f8:4d:89", []processor{m2}, []int{8, 16}, []int{256, 512}, "11881.1.1"},
		{"Apple Inc.", "Mac15,6", "MacBook Pro", "laptop", 25, darwin, "84:2f:57", []processor{m3}, []int{18, 36}, []int{512, 1024}, "11881.1.1"},
		{"Apple Inc.", "Mac14,3", "Mac mini", "mini", 15, darwin, "5c:e9:1e", []processor{m2}, []int{8, 16}, []int{256}, "11881.1.1"},
		{dell, "PowerEdge R660", "", "server", 12, linux, "04:32:01", []processor{gold, silver}, []int{128, 256, 512}, []int{960, 1920}, "2.3.5"},
		{hpe, "ProLiant DL380 Gen11", "", "server", 8, windows, "5c:ed:8c", []processor{gold}, []int{128, 256}, []int{960, 1920}, "U54 2.32"},
		{hpe, "ProLiant DL345 Gen11", "", "server", 5, linux, "98:f2:b3", []processor{epyc}, []int{256}, []int{1920}, "A56 1.60"},
		{"VMware, Inc.", "VMware20,1", "None", "other", 30, windows, "00:50:56", []processor{guest}, []int{8, 16, 32}, []int{100, 250}, "VMW201.00V.21805430.B64.2305221830"},
		{"VMware, Inc.", "VMware20,1", "None", "other", 25, linux, "00:50:56", []processor{guest}, []int{4, 8, 16}, []int{40, 100}, "VMW201.00V.21805430.B64.2305221830"},
	}
}
