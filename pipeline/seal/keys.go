package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Master is the master keys, the newest first: it seals, the others still open.
type Master []Key

// A Key is one master key, wherever it is kept: a line of a file or of the environment, or a
// key management service behind a command.
type Key interface {
	// name stands beside what the key sealed; it is no secret.
	name() string
	// opens reports whether it opens what the key of that name sealed.
	opens(name string) bool
	wrap(ctx context.Context, key string) ([]byte, error)
	unwrap(ctx context.Context, wrapped []byte) (string, error)
}

// ParseMaster reads age identities, one a line, as age-keygen and `lydhor keys new` write them.
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
		m = append(m, identity{x})
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

// identity is a master key that we hold ourselves.
type identity struct{ *age.X25519Identity }

func (k identity) name() string           { return k.Recipient().String() }
func (k identity) opens(name string) bool { return k.name() == name }

func (k identity) wrap(_ context.Context, key string) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, k.Recipient())
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, key); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

func (k identity) unwrap(_ context.Context, wrapped []byte) (string, error) {
	r, err := age.Decrypt(bytes.NewReader(wrapped), k.X25519Identity)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// Opens reports whether a key opens what the master key of that name sealed.
func (m Master) Opens(name string) bool {
	return slices.ContainsFunc(m, func(k Key) bool { return k.opens(name) })
}

// wrap seals a recording's key with the newest master key.
func (m Master) wrap(ctx context.Context, key *age.X25519Identity) (name string, wrapped []byte, err error) {
	wrapped, err = m[0].wrap(ctx, key.String())
	return m[0].name(), wrapped, err
}

// unwrap opens a recording's key with the master key of that name.
func (m Master) unwrap(ctx context.Context, name string, wrapped []byte) (*age.X25519Identity, error) {
	for _, k := range m {
		if !k.opens(name) {
			continue
		}
		text, err := k.unwrap(ctx, wrapped)
		if err != nil {
			return nil, fmt.Errorf("master key %s: %w", name, err)
		}
		return age.ParseX25519Identity(text)
	}
	return nil, fmt.Errorf("none of the master keys opens it: it was sealed with %s", name)
}

// Stored is a Ring in Postgres.
type Stored struct {
	Pool   *pgxpool.Pool
	Master Master
}

// Key is Ring's.
func (s Stored) Key(ctx context.Context, recording string) (*age.X25519Identity, error) {
	var name string
	var wrapped []byte
	err := s.Pool.QueryRow(ctx, `select master, wrapped from sealing_key where recording = $1`, recording).Scan(&name, &wrapped)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	return s.Master.unwrap(ctx, name, wrapped)
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
	name, wrapped, err := s.Master.wrap(ctx, key)
	if err != nil {
		return nil, err
	}
	if _, err := s.Pool.Exec(ctx, insertKey, recording, name, wrapped); err != nil {
		return nil, err
	}
	return s.Key(ctx, recording)
}

const oldKey = `select recording::text, master, wrapped from sealing_key where master <> $1 limit 1 for update skip locked`

// Rotate seals with the newest master key all keys that an older one seals, and says how
// many. No object is touched. When it has ended, older master keys can go.
func (s Stored) Rotate(ctx context.Context) (rotated int, err error) {
	newest := s.Master[0].name()
	for {
		err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
			var recording, name string
			var wrapped []byte
			if err := tx.QueryRow(ctx, oldKey, newest).Scan(&recording, &name, &wrapped); err != nil {
				return err
			}
			key, err := s.Master.unwrap(ctx, name, wrapped)
			if err != nil {
				return fmt.Errorf("key of recording %s: %w", recording, err)
			}
			if _, wrapped, err = s.Master.wrap(ctx, key); err != nil {
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
