package awsprofile

import (
	"fmt"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// Edit returns the hint to edit the file at the position; nil for the zero value.
func (p Position) Edit() []cli.Hint {
	if p.Line == 0 {
		return nil
	}
	return []cli.Hint{cli.Run(shell.Edit(p.File, p.Line))}
}

// Hints returns how to fix the setting.
func (e *ConfigError) Hints() []cli.Hint {
	if e.NoRegion {
		return append([]cli.Hint{cli.RunThis("login --profile " + shell.Typed(e.Profile))}, e.At.Edit()...)
	}
	if e.Similar != "" {
		return append([]cli.Hint{cli.Advice("change " + e.Setting + " to " + cli.Quote(e.Similar))}, e.At.Edit()...)
	}
	return e.At.Edit()
}

// Hints returns the command that shows why the file cannot be read.
func (e *FileError) Hints() []cli.Hint { return []cli.Hint{cli.Run(shell.List(e.File))} }

// Hints returns how to fix the variable.
func (e *VariableError) Hints() []cli.Hint {
	switch {
	case e.LineEnd:
		return []cli.Hint{cli.Advice("set " + e.Variable + " without the line break")}
	case !e.Missing:
		return []cli.Hint{cli.Run(shell.Unset(e.Variable))}
	case e.Partner != "":
		return []cli.Hint{
			cli.Advice("set " + e.Variable + " too"),
			cli.Run(shell.Unset(e.Partner)).When("or to use other credentials"),
		}
	}
	return []cli.Hint{cli.Advice("set " + e.Variable)}
}

// Hints returns how to select an existing profile or add one.
func (e *ProfileNotFoundError) Hints() []cli.Hint {
	switch {
	case len(e.Unread) > 0: // it may contain the profile
		return e.Unread[0].Hints()
	case e.Misnamed.Line != 0:
		return e.Misnamed.Edit()
	case e.Similar != "" && e.Variable != "":
		return []cli.Hint{cli.Run(shell.Export(e.Variable, e.Similar)).When("if you meant profile " + cli.Quote(e.Similar))}
	case e.Similar != "":
		return []cli.Hint{cli.Advice("if you meant profile " + cli.Quote(e.Similar) + ", use --profile " + shell.Typed(e.Similar))}
	case len(e.Profiles) > 0:
		return []cli.Hint{cli.Advice("use --profile with one of these: " + e.ProfileList())}
	case len(e.Files) > 0:
		return []cli.Hint{
			cli.Run("aws configure --profile " + shell.Typed(e.Profile)).When("to create it with an access key"),
			cli.RunThis("setup --profile " + shell.Typed(e.Profile) + " --role-arn ARN --source-profile default").When("to create it for a role"),
		}
	}
	return nil
}

// Limits on the list of profiles in a hint.
const (
	maxListed     = 5
	maxListedText = 100 // bytes
)

// ProfileList returns the names of existing profiles, as many as fit in a hint; ""
// if there are none.
func (e *ProfileNotFoundError) ProfileList() string {
	text, shown := "", 0
	for _, name := range e.Profiles {
		if shown == maxListed || shown > 0 && len(text)+len(name) > maxListedText {
			break
		}
		if shown > 0 {
			text += ", "
		}
		text += cli.Quote(name)
		shown++
	}
	if more := len(e.Profiles) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
