package api

import (
	"net/http"
	"slices"
)

// Describes reports whether the OpenAPI document has code among the problems
// of the route that serves r. A request that no route serves has none to miss.
func Describes(r *http.Request, code Code) bool {
	for _, rt := range routes() {
		mux := http.NewServeMux()
		mux.HandleFunc(rt.method+" "+rt.path, http.NotFound)
		if _, pattern := mux.Handler(r); pattern != "" {
			return slices.Contains(append(rt.commonCodes(), rt.codes...), code)
		}
	}
	return true
}

// EventTypes lists the types of events.
func EventTypes() []string { return eventTypes() }

// RouteIDs lists the operations of the API.
func RouteIDs() []string {
	var ids []string
	for _, rt := range routes() {
		ids = append(ids, rt.id)
	}
	return ids
}
