package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Master is the master keys, the newest first: it seals, the others still open. It is a
// file of age identities, one a line, as age-keygen and `lydhor keys new` write it.
type Master []*age.X25519Identity

// ParseMaster reads such a file.
func ParseMaster(text string) (Master, error) {
	list, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, errors.New("master key: not a file of age identities: `lydhor keys new` makes one") // err may quote the key
	}
	var m Master
	for _, id := range list {
		x, ok := id.(*age.X25519Identity)
		if !ok {
			return nil, errors.New("master key: only X25519 identities are taken, which begin with AGE-SECRET-KEY-1")
		}
		m = append(m, x)
	}
	return m, nil
}

// NewMaster makes the text of a new master key.
func NewMaster() (string, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return id.String(), nil
}

// Recipients name the master keys without giving them away.
func (m Master) Recipients() (names []string) {
	for _, key := range m {
		names = append(names, key.Recipient().String())
	}
	return names
}

// wrap seals a recording's key with the newest master key.
func (m Master) wrap(key *age.X25519Identity) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, m[0].Recipient())
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, key.String()); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// unwrap opens a recording's key with whichever master key fits.
func (m Master) unwrap(wrapped []byte) (*age.X25519Identity, error) {
	var ids []age.Identity
	for _, id := range m {
		ids = append(ids, id)
	}
	r, err := age.Decrypt(bytes.NewReader(wrapped), ids...)
	if err != nil {
		return nil, fmt.Errorf("none of the master keys opens it: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Identity(string(text))
}

// Stored is a Ring in Postgres.
type Stored struct {
	Pool   *pgxpool.Pool
	Master Master
}

// Key is Ring's.
func (s Stored) Key(ctx context.Context, recording string) (*age.X25519Identity, error) {
	var wrapped []byte
	err := s.Pool.QueryRow(ctx, `select wrapped from sealing_key where recording = $1`, recording).Scan(&wrapped)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	return s.Master.unwrap(wrapped)
}

const insertKey = `
insert into sealing_key (recording, master, wrapped) select $1, $2, $3
where not exists (select from erasure where recording = $1) on conflict do nothing`

// NewKey is Ring's. Of two that make one at the same time, both get the first's. An
// erased recording gets none, so that a worker that was at it then puts nothing back.
func (s Stored) NewKey(ctx context.Context, recording string) (*age.X25519Identity, error) {
	key, err := s.Key(ctx, recording)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	if key, err = age.GenerateX25519Identity(); err != nil {
		return nil, err
	}
	wrapped, err := s.Master.wrap(key)
	if err != nil {
		return nil, err
	}
	if _, err := s.Pool.Exec(ctx, insertKey, recording, s.Master[0].Recipient().String(), wrapped); err != nil {
		return nil, err
	}
	return s.Key(ctx, recording)
}

const oldKey = `select recording::text, wrapped from sealing_key where master <> $1 limit 1 for update skip locked`

// Rotate seals with the newest master key all keys that an older one seals, and says how
// many. No object is touched. When it has ended, older master keys can go.
func (s Stored) Rotate(ctx context.Context) (rotated int, err error) {
	newest := s.Master[0].Recipient().String()
	for {
		err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
			var recording string
			var wrapped []byte
			if err := tx.QueryRow(ctx, oldKey, newest).Scan(&recording, &wrapped); err != nil {
				return err
			}
			key, err := s.Master.unwrap(wrapped)
			if err != nil {
				return fmt.Errorf("key of recording %s: %w", recording, err)
			}
			if wrapped, err = s.Master.wrap(key); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `update sealing_key set master = $2, wrapped = $3 where recording = $1`, recording, newest, wrapped)
			return err
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return rotated, nil
		}
		if err != nil {
			return rotated, err
		}
		rotated++
	}
}
