package cli

// A Hint says how to fix an error: a command to type, possibly with the condition
// under which it helps, or one imperative sentence. Error types return theirs from
// a method Hints() []Hint; see HintsOf.
type Hint struct {
	sentence  string // "" if the hint is a command
	condition string // "" for none
	command   string // a command line, or the arguments of this program
	this      bool   // true if command contains only arguments of this program
}

// Run returns the hint to run a command line.
func Run(command string) Hint { return Hint{command: command} }

// RunThis returns the hint to run this program with arguments, which are already
// quoted for a shell.
func RunThis(args string) Hint { return Hint{command: args, this: true} }

// Advice returns a hint that is one imperative sentence.
func Advice(sentence string) Hint { return Hint{sentence: sentence} }

// When returns the hint with a condition, such as "if no other setup is running".
func (h Hint) When(condition string) Hint {
	h.condition = condition
	return h
}

// Command returns the command line; "" if the hint is a sentence. Program is how
// the user types this program's name: see Process.Command.
func (h Hint) Command(program string) string {
	if h.this {
		return program + " " + h.command
	}
	return h.command
}

// Unconditional reports whether the hint is a command without a condition.
func (h Hint) Unconditional() bool { return h.command != "" && h.condition == "" }

// Text returns the hint as it is printed.
func (h Hint) Text(program string) string {
	switch {
	case h.command == "":
		return h.sentence
	case h.condition == "":
		return "run: " + h.Command(program)
	}
	return h.condition + ", run: " + h.Command(program)
}
