package command

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
)

// The man pages in doc.
const (
	helperPage = cli.Name + ".1"
	remotePage = cli.RemoteName + ".1"
)

// readPage reads a man page with continued lines joined and zero-width characters
// removed.
func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "doc", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\&`, "", "\\\n", "").Replace(string(text))
}

// section returns the part of a page after a header such as ".Sh FILES", up to the
// next one of the same or a higher level.
func section(t *testing.T, page, header string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n"+header+"\n")
	if !ok {
		t.Fatalf("the page has no %q", header)
	}
	if at := regexp.MustCompile(`(?m)^\.S[hs] `).FindStringIndex(rest); at != nil {
		rest = rest[:at[0]]
	}
	return rest
}

// item returns the text of a list item for a word: from its ".It" to the next item
// with that macro.
func item(t *testing.T, list, macro, word string) string {
	t.Helper()
	_, rest, ok := strings.Cut(list, "\n.It "+macro+" "+word+"\n")
	if !ok {
		t.Errorf("nothing begins with %q", ".It "+macro+" "+word)
		return ""
	}
	before, _, _ := strings.Cut(rest, "\n.It "+macro+" ")
	return before
}

// wantFlags fails the test for every flag that is missing in a list, or has a
// different value there.
func wantFlags(t *testing.T, where, list string, set *pflag.FlagSet) {
	t.Helper()
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden || flag.Name == "help" {
			return
		}
		line := ".It Fl -" + flag.Name
		if value, _ := pflag.UnquoteUsage(flag); value != "" {
			line += " Ar " + value
		}
		if !strings.Contains("\n"+list, "\n"+line+"\n") {
			t.Errorf("%s lacks the line %q", where, line)
		}
	})
}

// documentedRoot returns the tree of commands, including those that cobra adds.
func documentedRoot() *cobra.Command {
	root := newRoot(cli.Process{Args: []string{cli.Name}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
	root.InitDefaultHelpCmd()
	return root
}

func TestManPageHasEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	page := readPage(t, helperPage)
	root := documentedRoot()
	wantFlags(t, helperPage+", Flags", section(t, page, ".Ss Flags"), root.PersistentFlags())
	byGit, byPeople := "\n"+section(t, page, ".Ss Commands that git runs"), "\n"+section(t, page, ".Ss Commands that you run")
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		list := byPeople
		if strings.Contains(byGit, "\n.It Cm "+cmd.Name()+"\n") {
			list = byGit
		}
		text := item(t, list, "Cm", cmd.Name())
		where := helperPage + ", " + cmd.Name()
		if cmd.Name() == "policy" {
			where, text = helperPage+", Flags of policy", section(t, page, ".Ss Flags of policy")
		}
		wantFlags(t, where, text, cmd.LocalNonPersistentFlags())
	}
}

// TestManPageHasNoOtherFlag finds flags that the program no longer has.
func TestManPageHasNoOtherFlag(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"help": true}
	root := documentedRoot()
	for _, cmd := range append(root.Commands(), root) {
		for _, set := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.PersistentFlags()} {
			set.VisitAll(func(flag *pflag.Flag) { known[flag.Name] = true })
		}
	}
	for _, m := range regexp.MustCompile(`\bFl -([a-z0-9-]+)`).FindAllStringSubmatch(readPage(t, helperPage), -1) {
		if !known[m[1]] {
			t.Errorf("%s describes --%s, which is not a flag", helperPage, m[1])
		}
	}
}

// TestManPagesHaveEveryVariableFileAndKey searches the program's source for
// everything that it reads.
func TestManPagesHaveEveryVariableFileAndKey(t *testing.T) {
	t.Parallel()
	credential, remote := readPage(t, helperPage), readPage(t, remotePage)
	both := credential + remote
	named := func(macro, name string) bool {
		return regexp.MustCompile(`(?m)^\.(It )?` + macro + ` ([^\n]* )?` + regexp.QuoteMeta(name) + `( |$)`).MatchString(both)
	}
	found := readSource(t)
	if len(found.variables) < 20 || len(found.files) < 3 || len(found.keys) < 3 {
		t.Fatalf("the source was parsed incorrectly: %+v", found)
	}
	for _, name := range slices.Sorted(maps.Keys(found.variables)) {
		names := []string{name}
		switch name {
		case "AWS_ENDPOINT_URL_":
			names = []string{name + "STS", name + "SSO", name + "SSO_OIDC", name + "SIGNIN"}
		}
		for _, name := range names {
			if !named("Ev", name) {
				t.Errorf("no page has .Ev %s, which %s reads", name, found.variables[name])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found.files)) {
		if !named("Pa", name) {
			t.Errorf("no page has .Pa %s, which %s names", name, found.files[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found.keys)) {
		if !strings.Contains(remote, "\n.It Li "+name+"\n") {
			t.Errorf("%s lacks .It Li %s, which %s reads", remotePage, name, found.keys[name])
		}
	}
}

// TestManPageHeadingsContainNoMacro finds words such as An, which mdoc treats as
// macros and does not print.
func TestManPageHeadingsContainNoMacro(t *testing.T) {
	t.Parallel()
	for _, name := range []string{helperPage, remotePage} {
		for _, heading := range regexp.MustCompile(`(?m)^\.S[hs] .*`).FindAllString(readPage(t, name), -1) {
			for _, word := range strings.Fields(heading)[1:] {
				if regexp.MustCompile(`^[A-Z][a-z]$`).MatchString(word) {
					t.Errorf("%s: mdoc takes %s for a macro in %q", name, word, heading)
				}
			}
		}
	}
}

func TestManPageHasEveryExitCode(t *testing.T) {
	t.Parallel()
	list := section(t, readPage(t, helperPage), ".Sh EXIT STATUS")
	for _, code := range []int{cli.ExitOK, cli.ExitFailed, cli.ExitUsage} {
		if !strings.Contains(list, "\n.It "+strconv.Itoa(code)+"\n") {
			t.Errorf("exit code %d is missing", code)
		}
	}
}

// source contains everything that the program's source names, with one position
// each.
type source struct {
	variables map[string]string // AWS_REGION
	files     map[string]string // ~/.aws/config, with a slash
	keys      map[string]string // codecommit.account, of git's configuration
}

var (
	aVariable = regexp.MustCompile(`^(AWS|CODE|GIT|SSH)_[A-Z0-9_]+$`)
	aFile     = regexp.MustCompile(`^~/\.[a-z]+/`)
	aKey      = regexp.MustCompile(`^codecommit\.[a-zA-Z]+$`)
)

// readSource searches all strings of the program's packages, and the paths that it
// joins below a home folder.
func readSource(t *testing.T) source {
	t.Helper()
	found := source{map[string]string{}, map[string]string{}, map[string]string{}}
	fset := token.NewFileSet()
	root := os.DirFS(filepath.Join("..", ".."))
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(name, ".git") || slices.Contains([]string{"test", "tools", "dist", "testdata"}, d.Name())) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			at := ""
			if node != nil {
				at = fset.Position(node.Pos()).String()
			}
			switch n := node.(type) {
			case *ast.BasicLit:
				value, ok := literal(n)
				switch {
				case !ok:
				case aVariable.MatchString(value):
					found.variables[value] = at
				case aFile.MatchString(value):
					found.files[value] = at
				case aKey.MatchString(value):
					found.keys[value] = at
				}
			case *ast.CallExpr:
				if name, ok := joined(n); ok {
					found.files[name] = at
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}

// joined returns the path of filepath.Join(home, ".aws", "cli", "cache").
func joined(call *ast.CallExpr) (string, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Join" || len(call.Args) < 2 {
		return "", false
	}
	if first, ok := literal(call.Args[1]); !ok || !strings.HasPrefix(first, ".") {
		return "", false
	}
	name := "~"
	for _, arg := range call.Args[1:] {
		part, ok := literal(arg)
		if !ok {
			break
		}
		name += "/" + part
	}
	return name, true
}
