// Package pkg is an example: each form in which the program prints a message, and
// texts that are not messages.
package pkg

const kind = "Environment"

var command = &cobra.Command{Use: "pkg [flags]", Short: "describe a package"}

func find(name string) error {
	trace("looked for %s in the folder", name)
	if strings.Contains(name, "two words") {
		return errors.New("file " + name + " is missing")
	}
	return fmt.Errorf("the source %q is not one of: "+kind, name)
}

type missing struct{ profile, setting string }

func (m *missing) Error() string {
	return fmt.Sprintf("profile %s has no %s", m.profile, m.setting)
}

func (m *missing) Hints() []cli.Hint {
	return []cli.Hint{cli.Run("edit " + m.profile), cli.Advice("set " + m.setting + " in the profile")}
}

func help() []cli.Hint { return []cli.Hint{cli.RunThis("doctor")} }
