package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// notEverywhere matches the beginning of commands that the Windows command prompt
// does not have; package shell returns each system's commands.
var notEverywhere = regexp.MustCompile(`^(ls|rm|ln|date|export|unset|cat|mkdir|touch|vi|nano|[A-Z_]+=\S*)( |$)`)

// TestHintsSuitEveryShell fails for commands in hints or in doctor's report that
// only a POSIX shell understands.
func TestHintsSuitEveryShell(t *testing.T) {
	t.Parallel()
	found := 0
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		system := regexp.MustCompile(`_(unix|linux|darwin)\.go$`)
		if err != nil || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "test/") || system.MatchString(name) {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "../../"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isTyped(call) {
				return true
			}
			found++
			ast.Inspect(call.Args[0], func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok {
					if value, ok := literal(text); ok && notEverywhere.MatchString(value) {
						t.Errorf("%s: %q is a command of POSIX shells only", fset.Position(n.Pos()), value)
					}
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if ok && nameOf(f.X) == "shell" && f.Sel.Name == "Word" {
					t.Errorf("%s: shell.Word quotes for POSIX shells only: use shell.Typed", fset.Position(n.Pos()))
				}
				return !ok || nameOf(f.X) != "shell"
			})
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Errorf("found only %d hints", found)
	}
}

// isTyped reports whether a call creates a command for a person to type: cli.Run,
// cli.RunThis, cli.Advice, Shown or configure.
func isTyped(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "Shown" && len(call.Args) == 1
	case *ast.SelectorExpr:
		switch f.Sel.Name {
		case "Run", "RunThis", "Advice":
			return nameOf(f.X) == "cli" && len(call.Args) == 1
		case "Shown":
			return len(call.Args) == 1
		}
	}
	return false
}
