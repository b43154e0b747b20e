package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Times are measured in a separate small process, because Linux reports for a child
// at least the peak memory of the process that started it.
const timerArg = "timer"

// A process is a command that is started many times.
type process struct {
	Path  string
	Args  []string // without the program's name
	Env   []string
	Dir   string
	Stdin string // path of a file; "" for none
	Fails bool   // it must exit with an error

	Emptied string // path of a file to empty before each start; "" for none
}

// A figure is the result of starting a process many times.
type figure struct {
	Median time.Duration
	// Peak is the process's maximum memory in bytes; 0 if unknown. It is the lowest
	// of all starts: Linux counts what the starting process had before the exec, too,
	// and the timer grows.
	Peak   int64
	Faults int64 // median of minor page faults; 0 if unknown
}

// job is the input of the timer.
type job struct {
	Runs      int
	Processes []process
}

// measure starts each process runs times, in turn.
func measure(runs int, processes ...process) ([]figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	in, err := json.Marshal(job{runs, processes})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, timerArg)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("timer: %w", err)
	}
	var figures []figure
	return figures, json.Unmarshal(out, &figures)
}

func timeAll(in io.Reader, out io.Writer) error {
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return err
	}
	times := make([][]time.Duration, len(j.Processes))
	faults := make([][]int64, len(j.Processes))
	figures := make([]figure, len(j.Processes))
	for round := range j.Runs {
		for i := range j.Processes {
			i := (i + round) % len(j.Processes) // vary the order, so that no process always follows the same one
			took, used, err := j.Processes[i].run()
			if err != nil {
				return err
			}
			times[i] = append(times[i], took)
			faults[i] = append(faults[i], used.faults)
			if round == 0 || used.peak < figures[i].Peak {
				figures[i].Peak = used.peak
			}
		}
	}
	for i := range figures {
		slices.Sort(times[i])
		slices.Sort(faults[i])
		figures[i].Median = times[i][len(times[i])/2]
		figures[i].Faults = faults[i][len(faults[i])/2]
	}
	return json.NewEncoder(out).Encode(figures)
}

// run starts the process once. Input and output are files, so that no goroutine
// copies data at the same time.
func (p process) run() (took time.Duration, used memory, err error) {
	name := p.Stdin
	if name == "" {
		name = os.DevNull
	}
	stdin, err := os.Open(name)
	if err != nil {
		return 0, memory{}, err
	}
	defer stdin.Close()
	out, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, memory{}, err
	}
	defer out.Close()
	if p.Emptied != "" {
		if err := os.Truncate(p.Emptied, 0); err != nil {
			return 0, memory{}, err
		}
	}
	argv := append([]string{p.Path}, p.Args...)
	attr := &os.ProcAttr{Dir: p.Dir, Env: p.Env, Files: []*os.File{stdin, out, out}}
	began := time.Now()
	started, err := os.StartProcess(p.Path, argv, attr)
	if err != nil {
		return 0, memory{}, err
	}
	state, err := started.Wait()
	took = time.Since(began)
	if err != nil {
		return 0, memory{}, err
	}
	if state.Success() == p.Fails {
		return 0, memory{}, fmt.Errorf("%q: %s", argv, state)
	}
	return took, memoryOf(state), nil
}

// memory is the memory usage of a process; zero values are unknown.
type memory struct {
	peak   int64 // bytes
	faults int64 // minor page faults: getrusage(2)
}

func trimNewline(b []byte) []byte { return bytes.TrimRight(b, "\r\n") }
