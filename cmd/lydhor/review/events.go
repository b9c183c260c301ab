package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	lookEvery  = time.Second     // for news
	streamLife = 5 * time.Minute // then the browser asks again, and the gate looks again who it is
)

// events tells a page how the work on its recordings goes on, as server-sent events: one
// "state" for each recording whose state has changed. The page names those that it waits for;
// recordings that come later are told of as well. It ends when no work is left.
func (s *server) events(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/event-stream")
	told := map[string]string{} // what the page knows of each that goes on
	for _, id := range r.URL.Query()["id"] {
		told[id] = ""
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	over := time.After(streamLife)
	for {
		news, err := s.news(r, told)
		if err != nil {
			return err
		}
		for _, n := range news {
			if err := n.send(w); err != nil {
				return nil // the page has gone
			}
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		if len(told) == 0 {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-over:
			return nil
		case <-look.C:
		}
	}
}

// A change is the state that a recording has now, as the page shows it.
type change struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	HTML  string `json:"html"`
}

func (c change) send(w http.ResponseWriter) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "event: state\ndata: %s\n\n", data)
	return err
}

// news is what has changed since told, which it brings up to date.
func (s *server) news(r *http.Request, told map[string]string) ([]change, error) {
	list, err := s.Library.Busy(r.Context())
	if err != nil {
		return nil, err
	}
	busy := map[string]bool{}
	for _, rec := range list {
		busy[rec.ID] = true
	}
	for id := range told {
		if busy[id] {
			continue
		}
		delete(told, id)
		if rec, err := s.Library.Recording(r.Context(), id); err == nil { // else it has been erased
			list = append(list, *rec)
		}
	}
	var news []change
	for _, rec := range list {
		var html bytes.Buffer
		if err := s.pages[languageOf(r)].ExecuteTemplate(&html, "state", rec); err != nil {
			return nil, err
		}
		if told[rec.ID] == html.String() {
			continue
		}
		if busy[rec.ID] {
			told[rec.ID] = html.String()
		}
		news = append(news, change{rec.ID, rec.State, html.String()})
	}
	return news, nil
}
