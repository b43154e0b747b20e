// Package messages extracts the messages that this program prints from its source,
// so that a test can compare them with doc/messages.md.
package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Message is a text in the source that may appear in an error, a warning, a hint
// or doctor's report. Variable parts are shown as "…".
type Message struct {
	Text    string
	Hints   []string // hints that the source attaches to it
	Package string   // folder of the package, relative to the root of the module
	IsHint  bool
}

// Read returns the messages in the Go source below root and in install.sh, each
// text once. Every text of at least two words is a message, unless isOther
// recognizes it, so that messages printed in unusual ways are listed too.
func Read(root fs.FS) ([]Message, error) {
	packages := map[string][]*ast.File{}
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(name, ".") || slices.Contains([]string{"test", "tools", "dist", "doc", "testdata"}, d.Name())):
			return fs.SkipDir
		case path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		packages[path.Dir(name)] = append(packages[path.Dir(name)], file)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := list{index: map[string]int{}}
	constants := map[string]string{}
	for dir, files := range packages {
		collectConstants(constants, dir, files)
	}
	for dir, files := range packages {
		r := reader{list: &all, dir: dir, constants: constants, attached: map[any]*attachment{}}
		for _, file := range files {
			r.file(file)
		}
		r.attach()
	}
	script, err := fs.ReadFile(root, "install.sh")
	if err != nil {
		return nil, err
	}
	readScript(&all, string(script))
	slices.SortFunc(all.messages, func(a, b Message) int { return strings.Compare(a.Text, b.Text) })
	return all.messages, nil
}

// A list holds each text once.
type list struct {
	messages []Message
	index    map[string]int // by text
}

func (l *list) add(m Message) {
	i, ok := l.index[m.Text]
	if !ok {
		l.index[m.Text] = len(l.messages)
		l.messages = append(l.messages, m)
		return
	}
	for _, hint := range m.Hints {
		if !slices.Contains(l.messages[i].Hints, hint) {
			l.messages[i].Hints = append(l.messages[i].Hints, hint)
		}
	}
	l.messages[i].IsHint = l.messages[i].IsHint && m.IsHint
}

// collectConstants adds the string constants of a package as DIR.NAME and, for
// other packages, with only the last part of DIR.
func collectConstants(constants map[string]string, dir string, files []*ast.File) {
	for _, file := range files {
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				continue
			}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				for i, name := range s.Names {
					if i < len(s.Values) {
						if value, ok := literal(s.Values[i]); ok {
							constants[dir+"."+name.Name] = value
							constants[path.Base(dir)+"."+name.Name] = value
						}
					}
				}
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}

// An attachment is the set of messages and hints that belong to one error.
type attachment struct{ messages, hints []string }

type reader struct {
	*list
	dir       string
	constants map[string]string
	attached  map[any]*attachment // by the node, or by the name of the error's type
	stack     []ast.Node
}

func (r *reader) file(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			r.stack = r.stack[:len(r.stack)-1]
			return true
		}
		r.stack = append(r.stack, n)
		if r.visit(n) {
			return true
		}
		r.stack = r.stack[:len(r.stack)-1]
		return false
	})
}

// visit adds the text of a node, and reports whether to visit its children.
func (r *reader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field:
		return false
	case *ast.CallExpr:
		if hint, ok := r.hint(n); ok {
			r.note(hint, true)
			return false
		}
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && nameOf(f.X) == "shell" {
			if text, ok := r.any(n); ok {
				r.note(text, r.inHint())
			}
			return false
		}
		return !isOther(n)
	case *ast.KeyValueExpr:
		key, ok := n.Key.(*ast.Ident)
		return !ok || !slices.Contains([]string{"Use", "Short", "Long", "Example"}, key.Name)
	case *ast.AssignStmt:
		field, ok := n.Lhs[0].(*ast.SelectorExpr)
		return !ok || field.Sel.Name != "Short"
	case *ast.ValueSpec:
		return n.Names[0].Name != "actions" // the commands' descriptions
	case *ast.FuncDecl:
		return n.Name.Name != "kind" // names of sources
	case *ast.BinaryExpr:
		if n.Op != token.ADD {
			return n.Op != token.EQL && n.Op != token.NEQ
		}
		if text, ok := r.template(n); ok {
			r.note(text, r.inHint())
			return false
		}
	case *ast.BasicLit:
		if text, ok := r.template(n); ok {
			r.note(text, r.inHint())
		}
	}
	return true
}

// isOther reports whether the arguments of a call are not messages: texts to search
// for, descriptions of flags, traces, and lines of doctor's report about passed
// checks.
func isOther(call *ast.CallExpr) bool {
	name := nameOf(call.Fun)
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if from, ok := f.X.(*ast.Ident); ok && slices.Contains([]string{"strings", "bytes", "regexp", "exec", "time"}, from.Name) {
			return true
		}
	}
	switch {
	case slices.Contains([]string{"panic", "pattern", "trace", "Trace", "ok", "with", "CommandContext", "WriteString"}, name):
		return true
	case strings.HasSuffix(name, "Var") || name == "Var" || name == "Bool":
		return true
	}
	return false
}

func nameOf(f ast.Expr) string {
	switch f := f.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// hint returns the text of cli.Run, cli.RunThis, cli.Advice, and of When after one
// of them.
func (r *reader) hint(call *ast.CallExpr) (string, bool) {
	if len(call.Args) != 1 {
		return "", false
	}
	name := nameOf(call.Fun)
	if name == "When" {
		inner, ok := call.Fun.(*ast.SelectorExpr).X.(*ast.CallExpr)
		condition, _ := r.any(call.Args[0])
		if !ok {
			return condition + ", run: …", condition != "…"
		}
		text, ok := r.hint(inner)
		if !ok {
			text = "run: …"
		}
		return condition + ", " + text, true
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || nameOf(f.X) != "cli" {
		return "", false
	}
	text, ok := r.any(call.Args[0])
	switch name {
	case "Run":
		return "run: " + text, ok
	case "RunThis":
		return "run: git-credential-codecommit " + text, ok
	case "Advice":
		return text, ok
	}
	return "", false
}

// any returns the template of any expression; ok is false if it contains no text.
func (r *reader) any(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.any(e.X)
	case *ast.BasicLit:
		if text, ok := literal(e); ok {
			return text, true
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			x, okX := r.any(e.X)
			y, okY := r.any(e.Y)
			return x + y, okX || okY
		}
	case *ast.Ident:
		if value, ok := r.constants[r.dir+"."+e.Name]; ok {
			return value, true
		}
	case *ast.SelectorExpr:
		if value, ok := r.constants[nameOf(e.X)+"."+e.Sel.Name]; ok {
			return value, true
		}
	case *ast.CallExpr:
		switch nameOf(e.Fun) {
		case "Sprintf":
			return r.any(e.Args[0])
		case "With": // package shell
			command, ok := r.any(e.Args[0])
			for _, assignment := range slices.Backward(e.Args[1:]) {
				text, _ := r.any(assignment)
				command = text + " " + command
			}
			return command, ok
		case "Edit":
			return "${EDITOR:-vi} +… …", true
		case "List":
			return "ls -l …", true
		case "ListFolder":
			return "ls -la …", true
		case "Remove":
			return "rm …", true
		case "Link":
			return "ln -s … …", true
		case "Time":
			return "date -u", true
		case "AddToPath":
			return `export PATH=…:"$PATH"`, true
		case "Unset":
			variable, _ := r.any(e.Args[0])
			return "unset " + variable, true
		case "Export":
			return "export …=…", true
		}
	}
	return "…", false
}

var (
	verb = regexp.MustCompile(`%(\[\d+\])?(\.?\d+)?[sqdvwxcT]`)
	word = regexp.MustCompile(`\pL{2,}`)
	// adjacent matches variable parts next to each other, and prefixed a word after
	// an optional part at the start.
	adjacent = regexp.MustCompile(`…( ?…)+`)
	prefixed = regexp.MustCompile(`^…(\pL)`)
)

// template returns a text as the document shows it; ok is false if it has fewer
// than two words or is not a sentence, such as a path or a time format.
func (r *reader) template(e ast.Expr) (string, bool) {
	text, ok := r.any(e)
	if !ok || !strings.Contains(strings.TrimSpace(text), " ") {
		return "", false
	}
	return text, len(word.FindAllString(verb.ReplaceAllString(text, ""), 2)) == 2
}

// clean replaces variable parts by "…", adjacent ones by a single "…", and line
// breaks by spaces.
func clean(text string) string {
	text = strings.ReplaceAll(verb.ReplaceAllString(text, "…"), "%%", "%")
	text = strings.Join(strings.Fields(text), " ")
	text = adjacent.ReplaceAllString(text, "…")
	text = prefixed.ReplaceAllString(text, "… $1")
	return strings.TrimLeft(text, ",;: ")
}

var (
	hintName     = regexp.MustCompile(`(?i)^(run|notes?|fix|commands?)$|hints?$|notes$`)
	hintFunction = regexp.MustCompile(`(?i)hints?$|notes$|^(fix|mend|setRegion|use|attach)`)
)

// inHint reports whether the node is part of a hint: in a field or variable for
// hints, or in a function that returns hints.
func (r *reader) inHint() bool {
	for _, n := range slices.Backward(r.stack) {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && hintName.MatchString(key.Name) {
				return true
			} else if ok && (key.Name == "Summary" || key.Name == "Err" || key.Name == "Problem") {
				return false
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if hintName.MatchString(nameOf(left)) {
					return true
				}
			}
		case *ast.FuncDecl:
			return hintFunction.MatchString(n.Name.Name)
		}
	}
	return false
}

// note adds a text to its attachment.
func (r *reader) note(text string, hint bool) {
	text = clean(text)
	if notMessage.MatchString(text) || slices.Contains([]string{"internal/iampolicy", "internal/shell"}, r.dir) && !r.inError() {
		return
	}
	a := r.attached[r.owner()]
	if a == nil {
		a = &attachment{}
		r.attached[r.owner()] = a
	}
	if hint {
		a.hints = append(a.hints, text)
	} else {
		a.messages = append(a.messages, text)
	}
}

// notMessage matches texts that are not messages: input to programs, time formats,
// and names that messages contain.
var notMessage = regexp.MustCompile(`^(#|cat >>|patch |umask |diff |version 0|git credential-|GIT_EDITOR=|credential\.helper=|git-fetch-with-cli |body\{|default-src |text/html|\\ No newline|Lets git use)|2006` +
	`|^(` + strings.Join([]string{
	"CI jobs' role", "EC2 instance metadata", "Environment, EcsContainer and Ec2InstanceMetadata",
	"SSO token", "VPC endpoint policy", "access key …", "ahead of", "an account ID of 12 digits", "an external id",
	"an unknown code", "and … more", "another profile", "every user", "fetch from", "identity-based policy",
	"or of a connection", "permissions boundary", "profile name", "push to", "resource control policy",
	"resource-based policy", "service control policy", "session policy", "the CI jobs' role", "the group …?",
	"the host name of a CodeCommit endpoint.*", "the role …", "true or false", "web identity token", "with a different",
	"SSO token until …", "sso_region = …", "\\[sso-session …\\]", "git-credential-codecommit setup", "role in account …", "no browser", "the URL", "the helper line", "the start URL", "shell code", "aws sso login",
	"renewed when next used", "with access to .*", "signed in.*until …", "signed out of …", "sso-session …", "login --.*",
	"ended … sign-ins", "removed the stored .*", "\\(and this file\\)", "to try again", "the variable …", "then .* roles?",
	"in git's … configuration, …", "in the environment or on git's command line", "git -c, GIT_CONFIG_PARAMETERS or .*",
	"credentials come from …", "git … at …", "(… )?--policy-name .*", "… >policy.json && .*", "the form is https:.*", "the clock matches AWS's",
	"sudo .*", "w32tm /resync", "unset GIT_SSL_NO_VERIFY", "pipx? uninstall .*", "aws iam put-.*", "remove … from git -c.*", "or make this git use .*",
	"… codecommit: .*", "the bearer of the web identity token", "\\(command line or environment\\)", "nothing to do:",
	"run this as that user or, .*", "set HOME or, .*", "to use (its|another) profile .*", "\\(malformed access key id\\)",
	"…, access key …", "… h … min", "… min", "of the credentials", "no flags", "no source",
}, "|") + `)$`)

// inError reports whether the node is an argument of errors.New or fmt.Errorf.
// Other texts in iampolicy and shell are parts of documents and commands.
func (r *reader) inError() bool {
	return slices.ContainsFunc(r.stack, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		return ok && (nameOf(call.Fun) == "New" || nameOf(call.Fun) == "Errorf")
	})
}

// owner returns what identifies an attachment: a call of WithHints or add, an
// error's literal, or the methods Error and Hints of a type. Any other node is its
// own owner.
func (r *reader) owner() any {
	for _, n := range slices.Backward(r.stack) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if slices.Contains([]string{"WithHints", "add", "Warn", "notOurs", "UsageError"}, nameOf(n.Fun)) {
				return n
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && slices.Contains([]string{"Summary", "Err", "Fix"}, nameOf(kv.Key)) {
					return n
				}
			}
		case *ast.FuncDecl:
			if n.Recv != nil && (n.Name.Name == "Error" || n.Name.Name == "Hints") {
				t := n.Recv.List[0].Type
				if star, ok := t.(*ast.StarExpr); ok {
					t = star.X
				}
				return nameOf(t)
			}
		}
	}
	return r.stack[len(r.stack)-1]
}

// attach adds the attachments to the list.
func (r *reader) attach() {
	for _, a := range r.attached {
		for _, text := range a.messages {
			r.add(Message{Text: text, Package: r.dir, Hints: a.hints})
		}
		if len(a.messages) == 0 {
			for _, text := range a.hints {
				r.add(Message{Text: text, Package: r.dir, IsHint: true})
			}
		}
	}
}

var (
	scriptCall = regexp.MustCompile(`(?m)\b(fail|usage_error|warn) ("(?:[^"\\]|\\.)*")((?:\s*(?:\\\n\s*)?"(?:[^"\\]|\\.)*")*)`)
	scriptText = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	scriptVar  = regexp.MustCompile(`\$\{[^{}]*\}|\$\([^()]*\)|\$\w+`)
)

// readScript adds the errors and warnings of install.sh.
func readScript(l *list, script string) {
	for inner := ""; inner != script; { // expansions may be nested
		inner, script = script, scriptVar.ReplaceAllString(script, "…")
	}
	show := func(text string) string { return clean(strings.ReplaceAll(text, `\`, "")) }
	for _, call := range scriptCall.FindAllStringSubmatch(script, -1) {
		m := Message{Text: "install.sh: " + show(scriptText.FindStringSubmatch(call[2])[1]), Package: "install.sh"}
		for _, hint := range scriptText.FindAllStringSubmatch(call[3], -1) {
			if text := show(hint[1]); word.MatchString(text) {
				m.Hints = append(m.Hints, text)
			}
		}
		l.add(m)
	}
}
