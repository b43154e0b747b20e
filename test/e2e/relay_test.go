package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"
)

// relayTo connects each connection of a listener to one from dial.
func relayTo(listener net.Listener, dial func() (net.Conn, error)) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := dial()
			if err != nil {
				return
			}
			defer server.Close()
			go func() {
				_, _ = io.Copy(server, client)
				_ = server.SetDeadline(time.Now())
			}()
			_, _ = io.Copy(client, server)
		}()
	}
}

// relayMain is the program "relay": relay SOCKET COMMAND... runs the command while
// connections to port 443 of this host are forwarded to the socket.
func relayMain() {
	listener, err := net.Listen("tcp", "127.0.0.1:443")
	if err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
	go relayTo(listener, func() (net.Conn, error) { return net.Dial("unix", os.Args[1]) })
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}
