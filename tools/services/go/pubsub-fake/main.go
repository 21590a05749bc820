// Command pubsub-fake serves Google's in-memory Pub/Sub server for tests on a port of loopback. All is gone when it ends.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
)

// A request to Pub/Sub may have 10 MB. The server that pstest starts by itself takes 4 MiB.
const maxRequestBytes = 16 << 20

func main() {
	port := flag.Int("port", 0, "port of 127.0.0.1 to listen on; 0: any free one")
	flag.Parse()

	fake := pstest.NewServer()
	defer fake.Close()
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxRequestBytes))
	pubsubpb.RegisterPublisherServer(server, &fake.GServer)
	pubsubpb.RegisterSubscriberServer(server, &fake.GServer)

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on %s", listener.Addr())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
