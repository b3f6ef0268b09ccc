package api

import (
	"net/http"
	"time"

	"parley/internal/store"
)

func (s *Server) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	limit, err := pageSize(query.Get("limit"))
	if err != nil {
		return err
	}
	var before int64
	if text := query.Get("before"); text != "" {
		var ok bool
		if before, ok = parseDeliveryID(text); !ok {
			return &fieldError{Field: "before", Reason: "must be a delivery's id"}
		}
	}
	wh, err := s.webhook(r)
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.Deliveries(r.Context(), wh.ID, before, limit+1)
	if err != nil {
		return err
	}
	deliveries, next := page(found, limit, deliveryJSON, func(d store.Delivery) string { return deliveryID(d.N) })
	s.writeJSON(w, http.StatusOK, DeliveryList{Deliveries: deliveries, Next: next})
	return nil
}

// delivery reads the delivery named in the path, of a webhook of the caller's.
func (s *Server) delivery(r *http.Request) (store.Delivery, error) {
	wh, err := s.webhook(r)
	if err != nil {
		return store.Delivery{}, err
	}
	n, ok := parseDeliveryID(r.PathValue("delivery"))
	if !ok {
		return store.Delivery{}, store.ErrNotFound
	}
	return s.cfg.Store.Delivery(r.Context(), wh.ID, n)
}

func (s *Server) getDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := s.delivery(r)
	if err != nil {
		return err
	}
	attempts, err := s.cfg.Store.Attempts(r.Context(), d.N)
	if err != nil {
		return err
	}
	out := DeliveryDetail{Delivery: deliveryJSON(d), Body: string(d.Message.Body), Attempts: []Attempt{}}
	for _, a := range attempts {
		out.Attempts = append(out.Attempts, Attempt{
			At: utc(a.At), DurationMS: a.Took.Milliseconds(), Status: a.Status, Reason: a.Reason, Answer: a.Snippet,
		})
	}
	s.writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) replayDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := s.delivery(r)
	if err != nil {
		return err
	}
	again, err := s.cfg.Store.ReplayDelivery(r.Context(), d.Endpoint, d.N, time.Now())
	if err != nil {
		return err
	}
	s.wakeWebhooks()
	s.writeJSON(w, http.StatusAccepted, deliveryJSON(again))
	return nil
}

func (s *Server) replayWebhook(w http.ResponseWriter, r *http.Request) error {
	var body ReplayBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	wh, err := s.webhook(r)
	if err != nil {
		return err
	}
	count, last, err := s.cfg.Store.ReplaySince(r.Context(), wh, body.Since, time.Now())
	if err != nil {
		return err
	}
	s.wakeWebhooks()
	s.writeJSON(w, http.StatusAccepted, Replay{Count: count, Last: utc(last)})
	return nil
}
