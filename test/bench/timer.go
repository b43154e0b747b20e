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

// A separate small process measures times: the peak memory that Linux reports for a child
// is at least that of the process that started it.
const timerArg = "timer"

// A process is a command that is started many times.
type process struct {
	Path  string
	Args  []string // without the program's own name
	Env   []string
	Dir   string
	Stdin string // a file; "" for nothing
	Fails bool   // it must end with an error

	Emptied string // a file that is emptied before each start; "" for none
}

// A figure is the result of many starts of a process.
type figure struct {
	Median time.Duration
	Peak   int64 // bytes of memory, the maximum of all starts; 0 if unknown
	Faults int64 // the median of minor page faults; 0 if unknown
}

// job is the input of the timer.
type job struct {
	Runs      int
	Processes []process
}

// measure starts each of the processes runs times, in turns.
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
			i := (i + round) % len(j.Processes) // no process always follows the same one
			took, used, err := j.Processes[i].run()
			if err != nil {
				return err
			}
			times[i] = append(times[i], took)
			faults[i] = append(faults[i], used.faults)
			figures[i].Peak = max(figures[i].Peak, used.peak)
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

// run starts the process once. Its input and output are files, so that no goroutine
// copies them meanwhile.
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

// memory is the memory that a process used; zero values are unknown.
type memory struct {
	peak   int64 // bytes
	faults int64 // minor page faults: getrusage(2)
}

func trimNewline(b []byte) []byte { return bytes.TrimRight(b, "\r\n") }
