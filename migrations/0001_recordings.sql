create table project (
	id      uuid primary key default gen_random_uuid(),
	name    text not null unique,
	created timestamptz not null default now()
);
comment on table project is 'what people are members of; every query names one or a recording in one';

create table recording (
	id         uuid primary key,
	project    uuid not null references project,
	name       text not null,
	kind       text not null,
	speakers   int not null default 0,
	sha256     text not null,
	bytes      bigint not null,
	meta       jsonb not null default '{}',
	profile    text not null,
	received   timestamptz not null default now(),
	length_ms  bigint,
	failed_in  text,
	problem    text,
	attempt    int not null default 1,
	done       timestamptz,
	unique (project, sha256)
);
create index on recording (project, received desc);
comment on column recording.name is 'of the file as received; may name a person, so it never leaves this table for a log or a job';
comment on column recording.speakers is 'how many speak, where somebody counted; else 0';
comment on column recording.sha256 is 'of the sound as received; objects stand under the recording''s id';
comment on column recording.problem is 'one sentence for people: what failed, why, what to do';
comment on column recording.attempt is 'goes up with each retry; what an earlier attempt left running is ignored';
comment on column recording.done is 'when the last stage ended';

create table stage (
	recording uuid not null references recording on delete cascade,
	stage     text not null,
	piece     int not null default 0,
	start_ms  bigint not null default 0,
	end_ms    bigint not null default 0,
	progress  real not null default 0,
	run       jsonb,
	result    jsonb,
	ended     timestamptz,
	primary key (recording, stage, piece)
);
comment on table stage is 'the work of a recording: one row a stage, one a piece of transcription; a newer run replaces it';
comment on column stage.result is 'what the stage heard: a Speech on the piece''s clock, or Voices';

create table turn (
	recording    uuid not null references recording on delete cascade,
	n            int not null,
	speaker      text not null,
	role         text not null,
	start_ms     bigint not null,
	end_ms       bigint not null,
	text         text not null,
	codes        text[] not null default '{}',
	outcome      text,
	outcome_turn int,
	words        jsonb,
	evidence     jsonb,
	confidence   jsonb,
	stems        tsvector generated always as (to_tsvector('danish', text)) stored,
	primary key (recording, n)
);
create index on turn using gin (stems);
comment on table turn is 'the machine''s newest reading, numbered from 1; people''s decisions stand in table decision';

create table transcript (
	recording uuid primary key references recording on delete cascade,
	language  text not null,
	notices   text[] not null default '{}',
	runs      jsonb not null,
	speakers  jsonb not null,
	dropped   jsonb,
	themes    jsonb
);
comment on table transcript is 'what is said once of all turns of a recording';

create table decision (
	id          bigint generated always as identity primary key,
	recording   uuid not null references recording on delete cascade,
	key         text not null,
	coder       text not null,
	made        timestamptz not null default now(),
	start_ms    bigint not null,
	end_ms      bigint not null,
	meaning     boolean not null,
	outcome     text not null default '',
	deciding_start_ms bigint not null default 0,
	deciding_end_ms   bigint not null default 0,
	note        text not null default '',
	undoes      text not null default '',
	unique (recording, key)
);
create index on decision (recording, coder, id);
comment on table decision is 'what analysts decided of turns; rows are only ever added';
create function refuse() returns trigger language plpgsql as
$$ begin raise exception '% is only added to', tg_table_name; end $$;
create trigger decision_is_kept before update on decision execute function refuse();

create table lease (
	job     bigint primary key,
	worker  text not null,
	renewed timestamptz not null default now()
);
comment on table lease is 'which worker holds a running job; one that is not renewed is taken over';
