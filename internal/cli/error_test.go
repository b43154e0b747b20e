package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"git-credential-codecommit/internal/shell"
)

// refusal is an error type with hints.
type refusal struct{ hints []Hint }

func (r refusal) Error() string { return "refused" }
func (r refusal) Hints() []Hint { return r.hints }

func TestHintsComeFromTheOutermostErrorWithHints(t *testing.T) {
	t.Parallel()
	inner := refusal{[]Hint{Run("inner")}}
	for name, c := range map[string]struct {
		err  error
		want []Hint
	}{
		"no error":                 {nil, nil},
		"none":                     {errors.New("x"), nil},
		"wrapped":                  {fmt.Errorf("layer: %w", inner), inner.hints},
		"one of several":           {errors.Join(errors.New("x"), inner), inner.hints},
		"the outer one first":      {WithHints(inner, Run("outer")), []Hint{Run("outer")}},
		"the outer one has none":   {fmt.Errorf("%w", WithHints(inner)), inner.hints},
		"an error type with hints": {UsageError(Name+" setup", inner), []Hint{RunThis("setup --help")}},
	} {
		if got := HintsOf(c.err); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestReportPrintsOneLineForTheErrorAndEachHint(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	p := Process{Stderr: &stderr, Executable: func() (string, error) { return "/a folder/" + Name, nil }}
	err := WithHints(errors.New("broken\nline"), RunThis("doctor"), Run("rm x").When("if no other setup is running"), Advice("a third one is not printed"))
	if exit := p.Report(fmt.Errorf("layer: %w", err)); exit != ExitFailed {
		t.Errorf("exit %d", exit)
	}
	want := Name + ": error: layer: broken?line\n" +
		Name + ": hint: run: " + shell.Typed("/a folder/"+Name) + " doctor\n" +
		Name + ": hint: if no other setup is running, run: rm x\n"
	if stderr.String() != want {
		t.Errorf("got:\n%s", &stderr)
	}
}

func TestJoinedErrorsAreOnOneLine(t *testing.T) {
	t.Parallel()
	one, two := refusal{[]Hint{Run("one")}}, errors.New("two")
	for _, c := range []struct {
		err  error
		want string
	}{
		{Join(), ""},
		{Join(nil, nil), ""},
		{Join(nil, two, nil), "two"},
		{Join(nil, two, one, nil, Join(two, two)), "two; refused; two; two"},
	} {
		if c.want == "" && c.err == nil {
			continue
		}
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%v; want %q", c.err, c.want)
		}
	}
	if err := Join(two, one); !errors.Is(err, two) || !slices.Equal(HintsOf(err), one.hints) {
		t.Errorf("%v has hints %v", err, HintsOf(err))
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, ExitOK},
		{errors.New("x"), ExitFailed},
		{fmt.Errorf("%w", ErrReported), ExitFailed},
		{UsageError(Name, errors.New("x")), ExitUsage},
	} {
		var stderr bytes.Buffer
		p := Process{Stderr: &stderr, Executable: os.Executable}
		if got := p.Report(c.err); got != c.want {
			t.Errorf("%v: exit %d, want %d", c.err, got, c.want)
		}
		if silent := c.err == nil || errors.Is(c.err, ErrReported); silent != (stderr.Len() == 0) {
			t.Errorf("%v: printed %q", c.err, &stderr)
		}
	}
}
