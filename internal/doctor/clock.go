package doctor

import (
	"fmt"
	"runtime"
	"time"
)

// Limits on the clock's error. AWS rejects signatures that are off by five minutes.
const (
	clockWarning = time.Minute
	clockFailed  = 5 * time.Minute
)

// checkClock compares this machine's clock with CodeCommit's or STS's.
func (x *examination) checkClock(w walkResult) {
	if x.skew == 0 {
		x.skew = w.result.Skew
	}
	off := x.skew.Abs()
	direction := "behind"
	if x.skew < 0 {
		direction = "ahead of"
	}
	c := Check{Name: CheckClock, Status: OK, Summary: "the clock matches AWS's"}
	if off >= clockWarning {
		c.Status = Warning
		c.Summary = fmt.Sprintf("the clock is %s %s AWS", span(off.Round(time.Minute)), direction)
		c.Run = []Command{Shown(SetClock())}
	}
	if off >= clockFailed {
		c.Status = Failed
		c.Summary += ", which rejects signatures that are off by more than 5 minutes"
	}
	if !w.answered && x.skew == 0 && x.report.Checks[len(x.report.Checks)-1].Status == Failed {
		c = Check{Name: CheckClock, Status: Skipped, Summary: "not checked: no service answered"}
	}
	x.add(c)
}

// SetClock returns the command that synchronizes this machine's clock with a time
// server.
func SetClock() string {
	switch runtime.GOOS {
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	case "windows":
		return "w32tm /resync"
	}
	return "sudo timedatectl set-ntp true"
}
