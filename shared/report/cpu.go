package report

// CPU is what computes: the totals, and each processor with its cores, which
// licences per processor and per core are counted by.
type CPU struct {
	Sockets    int         `json:"sockets,omitempty" doc:"Number of processors."`
	Cores      int         `json:"cores,omitempty" doc:"Physical cores of all processors."`
	Threads    int         `json:"threads,omitempty" doc:"Logical processors that the system uses."`
	Arch       string      `json:"arch,omitempty" doc:"Instruction set, such as x86_64 or aarch64."`
	Processors []Processor `json:"processors,omitempty" doc:"Each processor."`
}

// Processor is one processor in its socket.
type Processor struct {
	Socket   int    `json:"socket" doc:"Number of the socket, counted from 0."`
	Maker    string `json:"maker,omitempty" doc:"Maker, such as Intel or AMD."`
	Model    string `json:"model,omitempty" doc:"Model as the processor names itself."`
	Cores    int    `json:"cores,omitempty" doc:"Physical cores."`
	Threads  int    `json:"threads,omitempty" doc:"Logical processors."`
	MaxMHz   int    `json:"max_mhz,omitempty" unit:"MHz" doc:"Highest clock rate."`
	Family   int    `json:"family,omitempty" doc:"Family number (CPUID)."`
	ModelNum int    `json:"model_number,omitempty" doc:"Model number within the family (CPUID)."`
	Stepping int    `json:"stepping,omitempty" doc:"Stepping (CPUID)."`
}

// Name implements Section.
func (*CPU) Name() string { return "cpu" }
