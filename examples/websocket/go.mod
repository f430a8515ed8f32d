module github.com/hotplex/hotplex/examples/websocket

go 1.24

require github.com/coder/websocket v1.8.15
