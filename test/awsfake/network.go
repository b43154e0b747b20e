package awsfake

// A Network is where requests seem to come from: it decides what conditions on
// aws:SourceIp and aws:SourceVpc in trust policies say.
type Network struct {
	IP  string // empty for requests through a VPC endpoint
	VPC string // empty for requests from the Internet
}

// SetNetwork sets where all requests seem to come from from now on. Until then
// it is nowhere.
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
