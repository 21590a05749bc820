// Reads Kubernetes manifests from standard input and decodes them strictly into the API's own types: an unknown, misspelt or
// mistyped field is an error. Kinds of others' (custom resources) are named and passed over.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	failed := false
	for {
		text, err := documents.Read()
		if err == io.EOF {
			break
		}
		_, kind, err := decoder.Decode(text, nil, nil)
		switch {
		case err != nil && kind != nil && runtime.IsNotRegisteredError(err):
			fmt.Println("skipped", kind.Kind)
		case err != nil:
			failed = true
			fmt.Println("invalid", err)
		default:
			fmt.Println("valid", kind.Kind)
		}
	}
	if failed {
		os.Exit(1)
	}
}
