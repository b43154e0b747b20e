package awsfake

// A Network is the origin of requests: the values of aws:SourceIp and
// aws:SourceVpc.
type Network struct {
	IP  string // empty for requests through a VPC endpoint
	VPC string // empty for requests from the Internet
}

// SetNetwork sets the origin of all later requests. Before it is called, requests
// have none.
func (c *Cloud) SetNetwork(n Network) {
	c.mu.Lock()
	c.network = n
	c.mu.Unlock()
}

// addTo adds the network's condition keys.
func (n Network) addTo(context map[string]string) {
	if n.IP != "" {
		context["aws:sourceip"] = n.IP
	}
	if n.VPC != "" {
		context["aws:sourcevpc"] = n.VPC
	}
}
