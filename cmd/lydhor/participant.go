package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lydhor/cmd/lydhor/review"
	"lydhor/pipeline"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// participant lists the recordings of one participant, takes everything about them out in a
// zip (GDPR art. 15), or erases it (art. 17).
func (a *app) participant(ctx context.Context, args []string) error {
	c := a.config()
	fs := flag.NewFlagSet("participant", flag.ContinueOnError)
	data := folder(fs)
	project := fs.String("project", c.Project, "project that the code is of")
	out := fs.String("out", "", "zip to write; it must not exist yet")
	why := fs.String("why", "consent withdrawn", "for the proofs; without names")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 2 || !slices.Contains([]string{"list", "export", "withdraw"}, rest[0]) || (rest[0] == "export") != (*out != "") {
		return fmt.Errorf("%w: say list, export or withdraw, and the participant's code; export takes --out", errUsage)
	}
	c = a.over(*data).config()
	s, err := a.service(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	in, err := store.ProjectNamed(ctx, s.pool, *project)
	if err != nil {
		return noProject(*project, err)
	}
	code := rest[1]
	ids, err := consent.HeardIn(ctx, s.pool, in, code)
	if err != nil {
		return err
	}
	switch rest[0] {
	case "export":
		return a.exportParticipant(ctx, s, in, code, ids, *out)
	case "withdraw":
		return a.withdraw(ctx, s, c.Uploads, in, code, ids, *why)
	}
	for _, id := range ids {
		fmt.Fprintln(a.stdout, id)
	}
	return nil
}

// withdraw erases all recordings that a participant is heard in, and what waits to arrive
// whole of others. One that is held stays, and the others go.
func (a *app) withdraw(ctx context.Context, s *service, uploads, project, code string, ids []string, why string) error {
	out := json.NewEncoder(a.stdout)
	var held error
	for _, id := range ids {
		proof, err := s.erase(ctx, uploads, id, operator, why)
		if errors.Is(err, consent.ErrHeld) {
			held = errors.Join(held, err)
			continue
		}
		if err != nil {
			return err
		}
		if err := out.Encode(proof); err != nil {
			return err
		}
	}
	dropped, err := 0, error(nil)
	if uploads != "" {
		dropped, err = review.DropUploads(filepath.Join(uploads, project), func(u review.Upload, _ int64) bool {
			codes, err := consent.ParseCodes(u.Participants)
			return err == nil && slices.Contains(codes, code)
		})
	}
	if err == nil && len(ids)+dropped == 0 {
		return fmt.Errorf("nothing is erased: %w", noParticipant(code))
	}
	return errors.Join(held, err)
}

func noParticipant(code string) error {
	return fmt.Errorf("no recording of the project names participant %s: codes are matched as they were noted", code)
}

// exportParticipant writes everything that is kept of a participant's recordings.
func (a *app) exportParticipant(ctx context.Context, s *service, project, code string, ids []string, out string) error {
	if len(ids) == 0 {
		return noParticipant(code)
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	err = writeInto(z, "LÆS MIG.txt", strings.NewReader(readMe))
	for _, id := range ids {
		if err == nil {
			err = s.everythingOf(ctx, z, project, id)
		}
	}
	if err == nil {
		err = audit.Add(ctx, s.pool, audit.Event{Actor: operator, Act: "participant exported", Project: project, Detail: fmt.Sprintf("%d recordings", len(ids))})
	}
	if err = errors.Join(err, z.Close(), f.Close()); err != nil {
		os.Remove(out)
		return fmt.Errorf("write %s: %w", out, err)
	}
	fmt.Fprintf(a.stderr, "%d recordings are in %s: others speak in them too; see what of theirs may be given out (GDPR art. 15(4))\n", len(ids), out)
	return nil
}

const readMe = `Her er alt, hvad Lydhør gemmer om de optagelser, du er med i. Hver optagelse har sin egen mappe:

  original          lyden, som den blev modtaget
  recording.json    hvornår den kom, hvor lang den er, og hvad der er skrevet om den
  consent.json      hvad optagelsen hviler på, til hvornår
  transcript.json   hvad der blev sagt, af hvem og hvornår, og hvad maskinen foreslog om det
  decisions.json    hvad analytikere besluttede om enkelte ytringer
  corrections.json  hvad der er rettet i teksten
  log.json          hvem (konto) der har åbnet, hørt, hentet og ændret optagelsen, og hvornår

Ingen opgørelse over personer findes: maskinen beskriver ytringer, ikke mennesker.
`

// everythingOf writes what is kept of a recording: its sound, its rows, and who did what.
func (s *service) everythingOf(ctx context.Context, z *zip.Writer, project, id string) error {
	r, err := store.RecordingIn(ctx, s.pool, project, id)
	if err != nil {
		return err
	}
	rests, err := consent.Of(ctx, s.pool, id)
	if err != nil && !errors.Is(err, consent.ErrNoConsent) {
		return err
	}
	said, err := store.Transcript(ctx, s.pool, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	corrections, err := store.Corrections(ctx, s.pool, id)
	if err != nil {
		return err
	}
	if said != nil {
		said = pipeline.Correct(said, corrections)
	}
	decisions, err := store.Decisions(ctx, s.pool, id, "")
	if err != nil {
		return err
	}
	var log []audit.Event
	for e, err := range audit.Events(ctx, s.pool, project) {
		if err != nil {
			return err
		}
		if e.Subject == id {
			log = append(log, e)
		}
	}
	for name, v := range map[string]any{"recording": r, "consent": rests, "transcript": said, "corrections": corrections, "decisions": decisions, "log": log} {
		text, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			return err
		}
		if err := writeInto(z, id+"/"+name+".json", strings.NewReader(string(text))); err != nil {
			return err
		}
	}
	sound, err := workers.Original(ctx, s.blobs, id)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer sound.Close()
	return writeInto(z, id+"/original"+filepath.Ext(r.Name), sound)
}

func writeInto(z *zip.Writer, name string, from io.Reader) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, from)
	return err
}
