package iampolicy

// A Part is what one of the people concerned needs to see.
type Part string

// The parts, by who needs them.
const (
	ForAll               Part = ""
	ForUserAccount       Part = "user-account"
	ForRepositoryAccount Part = "repository-account"
	ForUser              Part = "user"
)

// assemble puts together what the administrators need, and after it what the
// user needs. As long as it is not for the user alone that is a comment: the
// user's command is not for the administrators' machines.
func (a Access) assemble(part Part, users, separator, repository string) []byte {
	notes, setup := a.Client.notes(), a.Client.Setup+"\n"
	switch part {
	case ForUserAccount:
		return []byte(users)
	case ForRepositoryAccount:
		return []byte(repository)
	case ForUser:
		return []byte(comment(notes) + setup)
	default:
		return []byte(users + separator + repository + "\n" + comment(notes+setup))
	}
}

// usersHeading and repositoryHeading stand at the top of the halves.
func (a Access) usersHeading() string {
	return comment("For the administrator of the users' account " + a.UserAccount.Account + ".\n")
}

func (a Access) repositoryHeading() string {
	return comment("For the administrator of the repository's account " + a.RepositoryAccount.Account + ", after the other account.\n")
}
