package awsprofile

func testEnvironment(env map[string]string) Environment {
	return Environment{
		LookupEnv: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		Home:      func() (string, error) { return env["HOME"], nil },
	}
}
