package awsprofile

import (
	"slices"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

func TestErrorsCarryTheirHints(t *testing.T) {
	t.Parallel()
	const profiles = "[profile good]\nregion = us-east-1\n[profile other]\nregion = us-east-1\n"
	for name, c := range map[string]struct {
		world world
		query Query
		want  []cli.Hint
	}{
		"a setting at fault": {
			world{config: "[profile x]\nrole_arn = r\nsource_profile = gone\n"},
			Query{Profile: "x"},
			[]cli.Hint{cli.Run(shell.Edit("~/.aws/config", 3))},
		},
		"a misspelt profile":             {world{config: profiles}, Query{Profile: "goood"}, []cli.Hint{cli.Advice(`if you meant profile "good", use --profile good`)}},
		"a misspelt profile, a variable": {world{config: profiles, env: map[string]string{"AWS_PROFILE": "goood"}}, Query{}, []cli.Hint{cli.Run("export AWS_PROFILE=good").When(`if you meant profile "good"`)}},
		"an unknown profile":             {world{config: profiles}, Query{Profile: "something-else"}, []cli.Hint{cli.Advice(`use --profile with one of these: "good", "other"`)}},
		"a section that is no profile":   {world{config: "\n[x]\nregion = r\n"}, Query{Profile: "x"}, []cli.Hint{cli.Run(shell.Edit("~/.aws/config", 2))}},
		"no files":                       {world{}, Query{Profile: "x"}, []cli.Hint{cli.Run("aws configure --profile x").When("to create it with an access key"), cli.RunThis("setup --profile x --role-arn ARN --source-profile default").When("to create it for a role")}},
		"half a key": {
			world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A"}},
			Query{},
			[]cli.Hint{cli.Advice("set AWS_SECRET_ACCESS_KEY too"), cli.Run("unset AWS_ACCESS_KEY_ID").When("or to use other credentials")},
		},
		"a line break after a key": {world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A\r\n", "AWS_SECRET_ACCESS_KEY": "s"}}, Query{}, []cli.Hint{cli.Advice("set AWS_ACCESS_KEY_ID without the line break")}},
		"an invalid region":        {world{env: map[string]string{"AWS_REGION": "a/b", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}}, Query{}, []cli.Hint{cli.Run("unset AWS_REGION")}},
	} {
		_, err := Resolve(c.world.environment(t), c.query)
		if got := cli.HintsOf(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v: %v", name, err, got)
		}
	}
}
