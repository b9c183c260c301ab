package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ProjectNamed gives the id of the project of that name; ErrNotFound where there is none.
func ProjectNamed(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, `select id from project where name = $1`, name).Scan(&id)
	return id, found(err)
}

const projectNamed = `
insert into project (name) values ($1)
on conflict (name) do update set name = excluded.name
returning id`

// ProjectName is what the project of that id is called.
func ProjectName(ctx context.Context, db DB, id string) (name string, err error) {
	err = db.QueryRow(ctx, `select name from project where id::text = $1`, id).Scan(&name)
	return name, found(err)
}

// Project gives the id of the project of that name, which is made if it is new.
func Project(ctx context.Context, db DB, name string) (id string, err error) {
	err = db.QueryRow(ctx, projectNamed, name).Scan(&id)
	return id, err
}

// Protection is what a project says of how its recordings are kept. The zero Protection asks
// for nothing.
type Protection struct {
	Keep   time.Duration // after arrival, for recordings whose consent says no day; 0 for ever
	Quota  int64         // bytes of sound as received; 0 for any amount
	Masked bool          // whether those who may not reveal read labels, and hear noise, for what points to a person
}

// ProtectionOf gives a project's.
func ProtectionOf(ctx context.Context, db DB, project string) (p Protection, err error) {
	var days int
	err = db.QueryRow(ctx, `select coalesce(keep_days, 0), coalesce(quota_bytes, 0), masked from project where id = $1`, project).Scan(&days, &p.Quota, &p.Masked)
	p.Keep = time.Duration(days) * 24 * time.Hour
	return p, found(err)
}

// Protect sets a project's. Keep counts whole days.
func Protect(ctx context.Context, db DB, project string, p Protection) error {
	days := int(p.Keep / (24 * time.Hour))
	if p.Keep < 0 || p.Keep > 0 && days == 0 || p.Quota < 0 {
		return fmt.Errorf("keep %v, quota %d bytes: give a day or more, and no less than nothing", p.Keep, p.Quota)
	}
	_, err := db.Exec(ctx, `update project set keep_days = $2, quota_bytes = $3, masked = $4 where id = $1`, project, null(days), null(p.Quota), p.Masked)
	return err
}

const aged = `
select count(*) from recording r left join consent c on c.recording = r.id
where r.project = $1 and coalesce(c.hold, '') = '' and c.until is null and (r.received + $2 * interval '1 day')::date < current_date`

// Aged is how many recordings of a project a Protection that keeps them so many days would
// have erased today: those that no consent keeps longer, and no hold.
func Aged(ctx context.Context, db DB, project string, days int) (n int, err error) {
	err = db.QueryRow(ctx, aged, project, days).Scan(&n)
	return n, err
}

// ErrFull says that a recording is larger than what there is room for.
var ErrFull = errors.New("it is larger than what the project may still hold: erase recordings, or ask for more room")

// Largest is how many bytes one recording may have, whatever its project may hold: a day of
// uncompressed sound.
const Largest = 16 << 30

const room = `
select least($2::bigint, quota_bytes - (select coalesce(sum(bytes), 0) from recording where project = $1))::bigint
from project where id = $1 for update`

// Room gives how many bytes the next recording of a project may have, below zero where it
// holds too much. In a transaction nobody else is told until that has ended.
func Room(ctx context.Context, db DB, project string) (bytes int64, err error) {
	err = db.QueryRow(ctx, room, project, int64(Largest)).Scan(&bytes)
	return bytes, found(err)
}

// VocabularyLimit is how many letters a project's vocabulary may have: whisper looks at some
// 200 tokens of it.
const VocabularyLimit = 600

// Vocabulary gives the names and words to expect in a project's recordings.
func Vocabulary(ctx context.Context, db DB, project string) (words string, err error) {
	err = db.QueryRow(ctx, `select vocabulary from project where id = $1`, project).Scan(&words)
	return words, found(err)
}

// ErrLongVocabulary says that a vocabulary goes over VocabularyLimit.
var ErrLongVocabulary = fmt.Errorf("the vocabulary has more than %d letters: keep those words that are heard wrongly most", VocabularyLimit)

// SetVocabulary replaces a project's vocabulary; spaces and line ends count as one space. What is
// transcribed already stays.
func SetVocabulary(ctx context.Context, db DB, project, words string) error {
	words = strings.Join(strings.Fields(words), " ")
	if utf8.RuneCountInString(words) > VocabularyLimit {
		return ErrLongVocabulary
	}
	_, err := db.Exec(ctx, `update project set vocabulary = $2 where id = $1`, project, words)
	return err
}
