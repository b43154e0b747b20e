package doctor

import (
	"reflect"
	"sync"

	"git-credential-codecommit/awsprofile"
)

// walks holds the results of the chains that were already walked.
type walks struct {
	mu    sync.Mutex
	known []knownWalk
}

// A walkKey is everything that the result of a walk depends on.
type walkKey struct {
	chain           awsprofile.Chain
	region, account string
	noStore         bool
}

type knownWalk struct {
	key    walkKey
	result func() walkResult
}

// once returns the result of walk, which it calls only once per key.
func (w *walks) once(key walkKey, walk func() walkResult) walkResult {
	w.mu.Lock()
	for _, k := range w.known {
		if reflect.DeepEqual(k.key, key) {
			w.mu.Unlock()
			return k.result()
		}
	}
	result := sync.OnceValue(walk)
	w.known = append(w.known, knownWalk{key, result})
	w.mu.Unlock()
	return result()
}
