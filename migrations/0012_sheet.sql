alter table recording add column loudness bytea;
comment on column recording.loudness is 'half decibels below full scale, a byte for each 50 ms; null where it was decoded before this was measured';

create table sheet (
	recording uuid not null references recording on delete cascade,
	flip      uuid not null references recording on delete cascade,
	starts_ms bigint[] not null,
	coder     text not null,
	made      timestamptz not null default now(),
	primary key (recording, flip)
);
create index on sheet (flip);
comment on table sheet is 'which sequences of a recording, by the starts of their turns, were taken to which FLIP to be talked through';
