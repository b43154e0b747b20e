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

// doctorTimeout limits one run of all checks, so that doctor ends within ten
// seconds whatever is broken.
const doctorTimeout = 9500 * time.Millisecond

type doctorFlags struct{ json, readOnly, fix, yes bool }

func newDoctor(p cli.Process, f *flags) *cobra.Command {
	var d doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [flags] [URL|REMOTE]",
		Short: "explain why git cannot reach a repository, and how to fix it",
		Long: `Checks each step from git's configuration to the repository, marks it as passed
(✓), as a warning (!) or as failed (✗), and prints the command that fixes what is
wrong. The first ✗ is the cause.

Without a URL it checks the remotes of the current repository. Credential flags
override those in git's helper line. doctor changes nothing, with one exception:
it renews a sign-in from "aws sso login" or "aws login" that is about to expire,
as the next git command would. It never prints secrets. The exit code is 1 if a
check failed.

With --fix it runs the commands that change only the configuration of this
machine, after confirmation, and checks again.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return cli.UsageError(cmd.CommandPath(), errors.New("doctor takes one URL"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			err := f.check(cmd.Flags())
			switch {
			case err != nil:
			case d.fix && d.json:
				err = errors.New("--fix and --json cannot be used together")
			case d.yes && !d.fix:
				err = errors.New("--yes requires --fix")
			}
			if err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			return runDoctor(cmd.Context(), p, f, d, args)
		},
	}
	cmd.Flags().BoolVar(&d.json, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&d.readOnly, "read-only", false, "do not check push access")
	cmd.Flags().BoolVar(&d.fix, "fix", false, "run the commands that change only this machine's configuration, after confirmation")
	cmd.Flags().BoolVar(&d.yes, "yes", false, "with --fix, do not ask for confirmation, except to select an account or to sign in")
	return cmd
}

// runDoctor runs the checks and prints the report. With --fix it runs fixes and
// checks again until no fix is left.
func runDoctor(ctx context.Context, p cli.Process, f *flags, d doctorFlags, args []string) error {
	var fixes *fixer
	if d.fix {
		var err error
		if fixes, err = newFixer(p, d.yes); err != nil {
			return err
		}
		defer fixes.close()
	}
	for {
		report, err := examine(ctx, p, f, d, args)
		if err != nil {
			return err
		}
		if err := writeReport(p, report, d.json); err != nil {
			return err
		}
		ran := false
		if d.fix {
			if ran, err = fixes.fix(ctx, report); err != nil {
				return err
			}
		}
		switch {
		case ran:
		case !report.OK:
			return cli.ErrReported
		default:
			return nil
		}
		if _, err := io.WriteString(p.Stdout, "\n"); err != nil {
			return err
		}
	}
}

// examine checks the repository of a URL or a remote, or of all remotes.
func examine(ctx context.Context, p cli.Process, f *flags, flags doctorFlags, args []string) (doctor.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	d, err := doctorHere(ctx, p, f)
	if err != nil {
		return doctor.Report{}, err
	}
	d.ReadOnly = flags.readOnly
	targets, err := doctorTargets(ctx, p, d, args)
	if err != nil {
		return doctor.Report{}, err
	}
	return d.Examine(ctx, targets), nil
}

// doctorHere returns a Doctor for this process.
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
				return gitconfig.Configuration{} // omits the checks of other folders; Entries was read without an error
			}
			return config
		}),
		FolderOf:  setup.FolderOf,
		Overlap:   func(x, y gitconfig.ConditionalInclude) bool { return setup.Overlap(x, y, p.Home()) },
		Writable:  func() []*awsprofile.WritableError { return awsprofile.CheckWritable(awsEnvironment(p)) },
		Program:   program,
		Command:   cli.CommandOf(program),
		Word:      shell.Typed,
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

// selectionOf returns what the flags of a helper line select. Env holds the
// variables that the line sets, as NAME=value.
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

// selection returns what the flags select.
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

// writeReport writes the report to standard output with a single write.
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
