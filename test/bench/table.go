package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// A row is one figure of the table.
type row struct {
	what, figure, target string
	reached              bool // ignored if there is no target
}

// add adds a row. A row without a target is only for comparison.
func (b *bench) add(what, figure, target string, reached bool) {
	b.rows = append(b.rows, row{what, figure, target, reached})
}

// print prints the table. It returns errMissed if a target is missed.
func (b *bench) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s, %s/%s, %d CPUs, medians of %d\t\t\t\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.runs)
	missed := false
	for _, r := range b.rows {
		verdict := ""
		if r.target != "" {
			verdict = "reached"
			if !r.reached {
				verdict, missed = "MISSED", true
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.what, r.figure, r.target, verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if missed {
		return errMissed
	}
	return nil
}

func ms(d time.Duration) string {
	if d >= 100*time.Millisecond {
		return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }
