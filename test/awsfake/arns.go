package awsfake

import (
	"maps"
	"slices"
)

// ARNs lists the users, roles and repositories of the cloud.
func (c *Cloud) ARNs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	arns := slices.Concat(
		slices.Collect(maps.Keys(c.users)),
		slices.Collect(maps.Keys(c.roles)),
		slices.Collect(maps.Keys(c.repositories)),
	)
	slices.Sort(arns)
	return arns
}
