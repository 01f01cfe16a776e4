// A peer for the benchmarks: go-control-plane's LinearCache, one for each type, over delta ADS.
// It serves a recording (its index is the argument), and for each line `NAME FILE` on stdin it
// sets the route table of that name to the bytes of that file.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/proto"
)

type recorded struct {
	Type string `json:"type"`
	Name string `json:"name"`
	File string `json:"file"`
}

var makers = map[string]func() types.Resource{
	resource.ClusterType:         func() types.Resource { return &cluster.Cluster{} },
	resource.EndpointType:        func() types.Resource { return &endpoint.ClusterLoadAssignment{} },
	resource.ListenerType:        func() types.Resource { return &listener.Listener{} },
	resource.RouteType:           func() types.Resource { return &route.RouteConfiguration{} },
	resource.ScopedRouteType:     func() types.Resource { return &route.ScopedRouteConfiguration{} },
	resource.ExtensionConfigType: func() types.Resource { return &core.TypedExtensionConfig{} },
}

func main() {
	caches := map[string]*cache.LinearCache{}
	muxed := map[string]cache.Cache{}
	for url, resources := range readRecording(os.Args[1]) {
		caches[url] = cache.NewLinearCache(url, cache.WithInitialResources(resources))
		muxed[url] = caches[url]
	}
	mux := &cache.MuxCache{
		Classify:      func(r *cache.Request) string { return r.GetTypeUrl() },
		ClassifyDelta: func(r *cache.DeltaRequest) string { return r.GetTypeUrl() },
		Caches:        muxed,
	}
	serve(mux)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		name, file, _ := strings.Cut(lines.Text(), " ")
		if err := caches[resource.RouteType].UpdateResource(name, read(resource.RouteType, file)); err != nil {
			log.Fatal(err)
		}
	}
}

func serve(mux cache.Cache) {
	options := []grpc.ServerOption{
		grpc.MaxConcurrentStreams(1000),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
	}
	instance := grpc.NewServer(options...)
	ads := server.NewServer(context.Background(), mux, nil)
	discovery.RegisterAggregatedDiscoveryServiceServer(instance, ads)
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Addr())
	go func() { log.Fatal(instance.Serve(socket)) }()
}

func readRecording(index string) map[string]map[string]types.Resource {
	text, err := os.ReadFile(index)
	if err != nil {
		log.Fatal(err)
	}
	var all []recorded
	if err := json.Unmarshal(text, &all); err != nil {
		log.Fatal(err)
	}
	byType := map[string]map[string]types.Resource{}
	for url := range makers {
		byType[url] = map[string]types.Resource{}
	}
	for _, one := range all {
		byType[one.Type][one.Name] = read(one.Type, one.File)
	}
	return byType
}

func read(url, file string) types.Resource {
	bytes, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	message := makers[url]()
	if err := proto.Unmarshal(bytes, message); err != nil {
		log.Fatal(err)
	}
	return message
}
