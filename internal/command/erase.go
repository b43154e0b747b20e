package command

import (
	"encoding/base64"
	"strings"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
)

func newErase(p cli.Process, f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "erase",
		Short: "drop the kept role session whose credential the service refused",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.check(cmd.Flags()) == nil {
				erase(p, f)
			}
			return nil
		},
	}
}

// erase drops the kept session if the credential that git says was refused is
// that session's. There is nobody to tell of a failure: git has asked for
// nothing back.
func erase(p cli.Process, f *flags) {
	req, err := helper.Read(p.Stdin)
	if err != nil || req.Protocol != "https" {
		return
	}
	if _, ours := addressee(p, f, req); !ours {
		return
	}
	username := req.Username
	if plain, err := base64.StdEncoding.DecodeString(req.Credential); err == nil && len(plain) > 0 {
		username, _, _ = strings.Cut(string(plain), ":")
	}
	accessKeyID, sessionToken, ok := strings.Cut(username, "%")
	if !ok {
		return // not a session's
	}
	if chain, err := awsprofile.Resolve(awsEnvironment(p), f.query()); err == nil {
		session.Forget(chain, sessionOptions(p, f), accessKeyID, sessionToken)
	}
}
