package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/setup"
	"git-credential-codecommit/internal/shell"
)

// doctorTimeout is for everything: doctor ends within ten seconds whatever is
// broken.
const doctorTimeout = 9500 * time.Millisecond

func newDoctor(p cli.Process, f *flags) *cobra.Command {
	var asJSON, readOnly bool
	cmd := &cobra.Command{
		Use:   "doctor [flags] [URL|REMOTE]",
		Short: "say why git does not get at a repository, and what mends it",
		Long: `Walks the way that a git command takes, from git's configuration over each
role to the repository, and says of each step whether it is right (✓), worth
knowing (!) or wrong (✗), and which command mends it. The first ✗ is the cause.

Without a URL it looks at the remotes of the repository that it stands in. Flags
that say whose credentials are wanted count instead of git's helper line. It
changes nothing but this: a sign-in of "aws sso login" or "aws login" that is
about to end is renewed, as git's next command would. It shows no secret. The
exit code is 1 if anything is wrong.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.UsageError(cmd.CommandPath(), errors.New("doctor takes one URL"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd.Flags()); err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), doctorTimeout)
			defer cancel()
			d, err := doctorHere(ctx, p, f)
			if err != nil {
				return err
			}
			d.ReadOnly = readOnly
			targets, err := doctorTargets(ctx, p, d, args)
			if err != nil {
				return err
			}
			report := d.Examine(ctx, targets)
			if err := writeReport(p, report, asJSON); err != nil {
				return err
			}
			if !report.OK {
				return cli.ErrReported
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&readOnly, "read-only", false, "do not ask whether one can push")
	return cmd
}

// doctorHere gathers what is the same for every repository.
func doctorHere(ctx context.Context, p cli.Process, f *flags) (*doctor.Doctor, error) {
	git, err := gitconfig.FindFor(p)
	if err != nil {
		return nil, err
	}
	version, err := git.Version(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := git.Effective(ctx)
	if err != nil {
		return nil, err
	}
	program, err := setup.ProgramPath(p)
	if err != nil {
		return nil, err
	}
	d := &doctor.Doctor{
		Git:     git,
		Version: version,
		Entries: entries,
		Configuration: sync.OnceValue(func() gitconfig.Configuration {
			config, err := git.Configuration(ctx, p.Home())
			if err != nil {
				return gitconfig.Configuration{} // git has just read it: without other folders then
			}
			return config
		}),
		FolderOf:  setup.FolderOf,
		Program:   program,
		Command:   cli.CommandOf(program),
		Word:      shell.Word,
		LookupEnv: p.LookupEnv,
		Now:       p.Now,
		Root:      os.Geteuid() == 0,
		NoHome:    p.NoHome(),
		Hints:     cli.HintsOf,
		Select:    func(args, env []string) (doctor.Selection, error) { return selectionOf(p, args, env) },
	}
	if len(f.args()) > 0 {
		given := f.selection(p)
		d.Given = &given
	}
	return d, nil
}

// selectionOf parses the flags of a helper line. Env holds the variables that the
// line sets, NAME=value.
func selectionOf(p cli.Process, args, env []string) (doctor.Selection, error) {
	if len(env) > 0 {
		lookup := p.LookupEnv
		p.LookupEnv = func(name string) (string, bool) {
			for _, variable := range slices.Backward(env) {
				if value, ok := strings.CutPrefix(variable, name+"="); ok {
					return value, true
				}
			}
			return lookup(name)
		}
	}
	f, err := parseFlags(args)
	if err != nil {
		return doctor.Selection{}, err
	}
	return f.selection(p), nil
}

// selection is what the flags select.
func (f *flags) selection(p cli.Process) doctor.Selection {
	o := sessionOptions(p, f, "")
	o.Account = f.account
	return doctor.Selection{
		Args: f.args(),
		Chain: func() (awsprofile.Chain, error) {
			chain, err := awsprofile.Resolve(awsEnvironment(p), f.query())
			if err == nil && f.region != "" {
				chain.Settings.Region = f.region
			}
			return chain, err
		},
		Options:  o,
		Endpoint: f.endpoint,
	}
}

// writeReport writes the report to standard output, in one write.
func writeReport(p cli.Process, report doctor.Report, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(p.Stdout, reportText(report, colours(p), p.StdoutColumns()))
		return err
	}
	out := json.NewEncoder(p.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(report)
}
